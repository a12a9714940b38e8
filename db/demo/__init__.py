"""The demo shop: users, items and logs drawn from a seed."""
