"""Readers of log files (workbooks, CSV, JSON, Parquet and the Beibei format), in chunks of bounded size."""
