"""The parts of the pages Open groups and Campaign."""
