"""Many systems side by side: the benchmark, sweeps, and what is kept of them."""
