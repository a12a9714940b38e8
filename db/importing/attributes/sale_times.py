"""Reads from when on and until when an item is on sale."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing.readers.chunk import Chunk
from db.importing.readings import CellNotes, Readings
from db.importing.timestamps import are_ambiguous, read_times
from db.logs import UNKNOWN_TIME

FROM, UNTIL = "on_sale_from", "on_sale_until"
_DAY_SECONDS = 86_400
_LAST_MINUTE = 23 * 3600 + 59 * 60
_CLOCK = re.compile(r"\d\s*[:：点時时시]\s*\d|\d{10}|T\d")


def read_sale_times(
    chunk: Chunk, readings: Readings, notes: CellNotes
) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.bool_]]]:
    """Field -> [R] the times, and field -> [R] whether a date may be read day first or month first.

    An end is the first second after the sale. One that does not lie after the beginning is that of an earlier sale,
    and nothing is known of this one's.
    """
    found: dict[str, NDArray[Any]] = {}
    twofold: dict[str, NDArray[np.bool_]] = {}
    for name in (name for name in (FROM, UNTIL) if name in chunk.columns):
        cells = chunk.columns[name]
        times = read_times(cells, readings.dates.get(name, ""), readings.zone)
        notes.instants += int(times.instants.sum())
        unclear = times.unread.copy()
        rows = np.flatnonzero(times.unread).tolist()
        unclear[rows] = are_ambiguous([cells[k] for k in rows]) if rows else False
        notes.add_unread(name, chunk, times.unread & ~unclear)
        twofold[name] = unclear
        found[name] = times.seconds if name == FROM else _ends(cells, times.seconds)
    if len(found) == 2:
        begins, ends = found[FROM], found[UNTIL]
        earlier = (ends <= begins) & (ends != UNKNOWN_TIME) & (begins != UNKNOWN_TIME)
        found[UNTIL] = np.where(earlier, UNKNOWN_TIME, ends)
    return found, twofold


def _ends(cells: Sequence[str], seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first seconds after a sale: a bare day is its last day, and 23:59 is the end of one."""
    of_day = seconds % _DAY_SECONDS
    days = {cell: _CLOCK.search(cell) is None for cell in set(cells)}
    bare = np.fromiter((days[cell] for cell in cells), bool, len(cells)) & (of_day == 0)
    last = of_day >= _LAST_MINUTE
    known = seconds != UNKNOWN_TIME
    next_day = seconds - of_day + _DAY_SECONDS
    return np.where(known & (bare | last), next_day, seconds)
