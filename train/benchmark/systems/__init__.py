"""The systems that the benchmark compares, behind one interface and one contract test."""
