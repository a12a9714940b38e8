"""The shelf on the Data page: items and people as the shop speaks of them, edited in place; forgetting a person."""
