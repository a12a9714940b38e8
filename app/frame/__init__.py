"""What every page shares: its frame and files to download."""
