"""What is counted before anything is learned: folds, worlds, examples with their evidence."""
