"""The parts of the page Gates: gates counted over the whole shop, slices of its past groups, and what they show."""
