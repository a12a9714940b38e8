"""The process that counts the elements of a Parquet file's lists, which may be many more than its size tells.

pyarrow ends the process that looks at the metadata of a column where these are damaged.
"""

import sys

import pyarrow.parquet as pq


def most_elements(path: str) -> int:
    """The most elements that a column of the file has, whatever lists they are in; by the metadata."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    return max(
        (sum(group.column(k).num_values for group in groups) for k in range(metadata.num_columns)),
        default=0,
    )


if __name__ == "__main__":
    print(most_elements(sys.argv[1]))
