"""The process that counts the elements of a Parquet file's lists, which may be many more than its size tells.

pyarrow ends the process that looks at the metadata of a column where these are damaged. Lists of texts whose memory
nothing bounds are read here first, in batches, with bounded memory.
"""

import sys

import pyarrow.parquet as pq

from db.importing.readers.table_process import limit_resources

_MEGABYTES = 4_000  # of address space, of which pyarrow reserves half before it reads
_SECONDS = 600  # of processor time


def most_elements(path: str) -> int:
    """The most elements that a column of the file has, whatever lists they are in; by the metadata."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    return max(
        (sum(group.column(k).num_values for group in groups) for k in range(metadata.num_columns)),
        default=0,
    )


def read_through(path: str, rows: int) -> None:
    """Read all batches of ``rows``; what they hold is dropped."""
    limit_resources(_MEGABYTES, _SECONDS)
    with pq.ParquetFile(path) as file:
        for _ in file.iter_batches(rows):
            pass


if __name__ == "__main__":
    if len(sys.argv) > 2:
        read_through(sys.argv[1], int(sys.argv[2]))
    else:
        print(most_elements(sys.argv[1]))
