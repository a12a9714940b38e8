"""Evidence: the logs as sparse matrices, and what they say about a candidate."""
