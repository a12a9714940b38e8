"""What a benchmark measured: its records on disk, and how they compare. ``train`` writes it, the pages show it."""
