"""Model versions: the registry, and how two versions compare."""
