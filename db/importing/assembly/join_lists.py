"""Lists of times beside lists of participants, in a file with a row a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing.readers.ids import SEPARATORS
from db.importing.readers.json_depth import load_json
from db.importing.timestamps import read_times
from db.logs import UNKNOWN_TIME

_BETWEEN = "\n"  # the times of a cell that was brought into the order of its row's participants


@dataclass(frozen=True)
class JoinTimes:
    """When the participants of R groups joined."""

    seconds: NDArray[
        Any
    ]  # [R] arrays as long as the rows' participants, UNKNOWN_TIME if not stated
    unread: NDArray[np.bool_]  # [R] the cell states something else than a time a participant
    instants: int  # how many are moments anywhere, which the zone brought to the shop's clock


def in_order_of_people(
    cells: Sequence[str], given: Sequence[Sequence[str]], people: Sequence[Sequence[str]]
) -> list[str]:
    """[R] the cells with a time a participant, in the order of ``people``.

    ``given`` are the participants as the file lists them, before some were left out. A cell with
    another number of times stays as it is.
    """
    return [
        _ordered(cell, before, after) if cell else ""
        for cell, before, after in zip(cells, given, people, strict=True)
    ]


def _ordered(cell: str, given: Sequence[str], people: Sequence[str]) -> str:
    times = _times(cell)
    if len(times) != len(given):
        return cell
    of_person: dict[str, str] = {}
    for person, time in zip(given, times, strict=True):
        of_person.setdefault(person, time)
    return _BETWEEN.join(of_person.get(person, "") for person in people)


def _times(cell: str) -> list[str]:
    if cell.startswith("["):
        try:
            listed = load_json(cell)
        except ValueError:
            listed = None
        if isinstance(listed, list):
            return ["" if time is None else str(time).strip() for time in listed]
    return [time.strip() for time in SEPARATORS.split(cell)]


def read_joins(
    cells: Sequence[str], people: Sequence[Sequence[str]], dates: str, zone: str
) -> JoinTimes:
    """The times of cells that ``in_order_of_people`` made; ``dates`` and ``zone`` as in ``read_times``."""
    counts = [len(row) for row in people]
    parts = [cell.split(_BETWEEN) if cell else [] for cell in cells]
    fits = [len(times) == count for times, count in zip(parts, counts, strict=True)]
    read = read_times([time for times in parts for time in times], dates, zone)
    seconds = np.empty(len(cells), object)
    unread = np.zeros(len(cells), bool)
    start = 0
    for row, (times, count) in enumerate(zip(parts, counts, strict=True)):
        end = start + len(times)
        unread[row] = bool(times) and (not fits[row] or read.unread[start:end].any())
        seconds[row] = read.seconds[start:end] if fits[row] else np.full(count, UNKNOWN_TIME)
        start = end
    return JoinTimes(seconds, unread, int(read.instants.sum()))
