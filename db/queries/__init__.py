"""What other packages ask the store."""
