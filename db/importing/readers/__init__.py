"""Readers of log files (CSV, JSONL, Parquet and the Beibei format), in chunks of bounded size."""
