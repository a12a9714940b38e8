"""What stands before the pages: who is answered, and what a browser may do with an answer."""
