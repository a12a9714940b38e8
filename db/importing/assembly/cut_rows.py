"""To which groups the rows may belong that cannot be cut into cells, or whose group cannot be read."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing.assembly.orders import NONE
from db.importing.readers.chunk import RowError

_SEPARATORS = re.compile(r"[,;|\t]")
_LONG_ID = 6  # characters, from which an id anywhere in a row is surely that of a group

Held = tuple[int, int]  # group, line


def groups_of_cut_rows(
    errors: Sequence[RowError],
    position: Callable[[str], int],
    places: Sequence[int],
    width: int,
    group: NDArray[Any],
    line: NDArray[np.int64],
) -> list[Held]:
    """The groups of rows that cannot be cut into ``width`` cells.

    ``position`` gives the group of an id, NONE if it is none's, and ``places`` are the cells that may
    hold it. Of a row that names no group, the groups around it, if the file has its groups one after the
    other. Titles and footers, which have fewer cells, belong to none. ``group`` and ``line`` are [R].
    """
    found: list[Held] = []
    lost: list[int] = []
    for error in errors:
        cells = [cell.strip(" \"'") for cell in _SEPARATORS.split(error.row)]
        if 2 * sum(map(bool, cells)) < width:
            continue
        named = [cells[place] for place in places if place < len(cells)]
        named += [cell for cell in cells if len(cell) >= _LONG_ID]
        groups = [(one, error.line) for one in map(position, named) if one != NONE]
        found += groups
        if not groups:
            lost.append(error.line)
    return found + around(lost, group, line)


def around(
    lines: Sequence[int], group: NDArray[Any], line: NDArray[np.int64], inside: bool = False
) -> list[Held]:
    """The groups above and below each of ``lines``, none if the file mixes its groups' rows.

    With ``inside`` only a group that is both.
    """
    rows = np.flatnonzero(group != NONE)
    rows = rows[np.argsort(line[rows], kind="stable")]
    blocks = 1 + int((group[rows][1:] != group[rows][:-1]).sum())
    if not len(rows) or blocks > len(np.unique(group[rows])):
        return []
    found = []
    for number in lines:
        below = int(np.searchsorted(line[rows], number))
        neighbours = rows[max(below - 1, 0) : below + 1]
        groups = np.unique(group[neighbours]).tolist()
        if not inside or (len(groups) == 1 and len(neighbours) == 2):
            found += [(int(one), number) for one in groups]
    return found
