"""Background jobs: their processes, folders and locks, and the queue of trainings."""
