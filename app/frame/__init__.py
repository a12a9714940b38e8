"""What stands around every page: its frame, and files to download."""
