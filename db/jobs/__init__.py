"""Background jobs: the queue, and whether the process of a job is alive."""
