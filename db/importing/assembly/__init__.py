"""Groups out of a file's rows: which rows belong together, who launched, and for which item."""
