"""The parts of the page Recommend: searches, ranked lists, and how groups for an item went so far."""
