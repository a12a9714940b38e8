"""From logs to a dataset: splits and folds, snapshots of the logs, and examples with their evidence."""
