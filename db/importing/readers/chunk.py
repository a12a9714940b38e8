"""What every reader yields: rows as columns of tidy text, and the rows that it could not read."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ROWS = 50_000  # of one chunk
LONGEST_LINE = 1 << 20  # characters; a longer line is no row of a log
SHOWN = 2_000  # characters of a bad row that are kept


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row of a file, and how to mend it."""

    line: int
    column: str
    value: str
    problem: str
    row: str


@dataclass(frozen=True)
class Chunk:
    """R rows; every column has R cells, stripped, empty where the row says nothing."""

    lines: NDArray[np.int64]  # [R] where each row begins in the file, from 1
    columns: dict[str, list[str]]  # field -> cells
    participants: list[list[str]] | None  # [R]; None where the file has no such column
    row_text: Callable[[int], str]  # the row as it stood in the file
    unreadable: list[RowError] = field(default_factory=list)
    read: int = 0  # of Opened.length: how much of the file is behind this chunk
