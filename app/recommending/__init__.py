"""The parts of the page Recommend: searches, ranked lists, and the chance that a group fills."""
