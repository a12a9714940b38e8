"""What every reader yields: rows as columns of stripped text, and the rows that it cannot read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from db.messages import Message

ROWS_PER_CHUNK = 50_000
LONGEST_LINE = 1 << 20  # characters; a longer line is not a row of a log
LONGEST_SHOWN = 2_000  # characters of a bad row that are kept


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row of a file, and how to mend it."""

    line: int  # in the file, from 1
    column: str  # as the file calls it; empty if the whole row is at fault
    value: str
    problem: Message
    row: str  # the text of the row, at most LONGEST_SHOWN characters


@dataclass(frozen=True)
class Chunk:
    """R rows; every column has R stripped cells, empty where the row states nothing."""

    lines: NDArray[np.int64]  # [R] where each row begins in the file, from 1
    columns: dict[str, list[str]]  # field -> cells
    participants: list[list[str]] | None  # [R]; None if the file has no such column
    row_text: Callable[[int], str]  # the text of row k of the chunk, as in the file
    unreadable: list[RowError] = field(default_factory=list)
    read: int = 0  # how much of SourceFile.length has been read so far
    people_as_given: bool = (
        False  # each participant stood alone in the file, as an element of a list
    )

    def head(self, count: int) -> "Chunk":
        """The first ``count`` rows, and what could not be read before them."""
        if len(self.lines) <= count:
            return self
        end = self.lines[count]
        return replace(
            self,
            lines=self.lines[:count],
            columns={field: cells[:count] for field, cells in self.columns.items()},
            participants=self.participants and self.participants[:count],
            unreadable=[error for error in self.unreadable if error.line < end],
        )

    def take(self, rows: Sequence[int]) -> "Chunk":
        """Some of the rows, by their positions."""
        joined, text = self.participants, self.row_text
        return replace(
            self,
            lines=self.lines[list(rows)],
            columns={field: [cells[k] for k in rows] for field, cells in self.columns.items()},
            participants=None if joined is None else [joined[k] for k in rows],
            row_text=lambda k: text(rows[k]),
        )
