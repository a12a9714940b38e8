"""Evidence: what past groups say about a candidate, counted by sparse products and readable as reasons."""
