"""What it takes to forget a person: their rows, their traces, and that they stay forgotten."""
