"""The demo shop: generated users, items and logs."""
