"""Model versions: the registry, and the comparison of two versions."""
