"""What the address and the session keep."""
