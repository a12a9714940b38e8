"""Systems that are compared on the same candidates: a class each, found by name in ``registry``."""
