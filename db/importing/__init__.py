"""Importing log files: reading, validation, one transaction, history and undo."""
