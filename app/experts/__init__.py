"""The Gates page: counting the gates of a whole shop once, cutting them into slices, saying what they show."""
