"""What numeric codes of states mean, where the counts of people and the deadlines of all their groups prove it."""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from db.importing.cell_values import UNKNOWN, sizes
from db.importing.outcomes import UNCOUNTED, read_progress
from db.importing.staged import UNKNOWN_SIZE
from db.importing.states import Meaning
from db.importing.timestamps import read_times
from db.logs import FAILED, OPEN, SUCCESSFUL, UNKNOWN_TIME

_CODE = re.compile(r"\d{1,3}")
_FULL, _SHORT, _UNTOLD = range(3)
NEEDED = ("status", "people_so_far", "expires_at")


class CodeProof:
    """Collects what the groups of each code are like, chunk by chunk."""

    def __init__(self) -> None:
        self._kinds: dict[
            str, set[int]
        ] = {}  # code -> which of _FULL, _SHORT, _UNTOLD its groups are
        self._deadlines: dict[str, list[int]] = {}  # code -> first and last of its short groups
        self._latest = UNKNOWN_TIME

    def add(self, columns: Mapping[str, list[str]]) -> None:
        """Look at groups, a row each; columns that lack the evidence are passed over."""
        codes = columns["status"]
        if not all(_CODE.fullmatch(code) for code in set(codes)):
            return
        kinds = _kinds(columns)
        ends = read_times(columns["expires_at"]).seconds
        for field in ("launched_at", "ordered_at"):
            if field in columns:
                self._latest = max(self._latest, int(read_times(columns[field]).seconds.max()))
        for code, kind in set(zip(codes, kinds.tolist(), strict=True)):
            self._kinds.setdefault(code, set()).add(kind)
        cells = np.array(codes)
        for code in set(codes):
            own = ends[(cells == code) & (kinds == _SHORT)]
            if len(own):
                seen = [*self._deadlines.get(code, []), int(own.min()), int(own.max())]
                self._deadlines[code] = [min(seen), max(seen)]

    def meanings(self) -> dict[str, Meaning]:
        """Code -> its meaning; empty unless all codes are proven, and one of them means full groups."""
        found = {code: self._meaning(code) for code in self._kinds}
        told = {code: Meaning(group=one) for code, one in found.items() if one is not None}
        return told if len(told) == len(found) > 1 and SUCCESSFUL in found.values() else {}

    def _meaning(self, code: str) -> int | None:
        kinds = self._kinds[code]
        if kinds == {_FULL}:
            return SUCCESSFUL
        if kinds != {_SHORT} or self._latest == UNKNOWN_TIME:
            return None
        first, last = self._deadlines[code]
        if first == UNKNOWN_TIME:
            return None
        # The file knows of later launches: a group that was short at its deadline had failed by then.
        if last <= self._latest:
            return FAILED
        return OPEN if first > self._latest else None


def _kinds(columns: Mapping[str, list[str]]) -> NDArray[np.int64]:
    progress = read_progress(columns["people_so_far"])
    size = progress.size
    if "target_size" in columns:
        stated = sizes(columns["target_size"])
        size = np.where(stated > 0, stated, size)
    known = (progress.people != UNCOUNTED) & (size != UNKNOWN_SIZE) & (size != UNKNOWN)
    full = (known & (progress.people >= size)) | (progress.missing == 0)
    short = (known & (progress.people < size)) | (progress.missing > 0)
    return np.where(full, _FULL, np.where(short, _SHORT, _UNTOLD))
