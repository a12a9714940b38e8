"""What became of groups whose rows state no outcome, by their people (2/3, 还差1人) and their deadline."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.importing import answers
from db.importing.staged import UNKNOWN_SIZE
from db.importing.states import GROUP, UNSTATED, StateColumn
from db.logs import FAILED, OPEN, SUCCESSFUL, UNKNOWN_TIME

UNCOUNTED = -1
_CODES = {answers.SUCCESSFUL: SUCCESSFUL, answers.FAILED: FAILED, answers.OPEN: OPEN}
_SO_FAR = r"(?:(?:已|现|当前|目前)(?:有|参团|拼|加入|参与|参加)?)?\s*"
_OF = re.compile(
    _SO_FAR + r"(\d+)\s*[人名位]?\s*(?:/|of|out of|:|共|満|\|)\s*[共满]?(\d+)"
    r"\s*(?:[人名位명]|people|members)?"
)
_COUNT = re.compile(
    _SO_FAR + r"(\d+)(?:\.0+)?\s*(?:[人名位명]|个人|people|members|joined)?(?:已?参团|参与)?"
)
_MISSING = re.compile(
    r"(?:还|仅|只)?[差缺需]\s*(\d+)\s*[人名位](?:成团|拼成)?"
    r"|(\d+)\s*(?:more|left|missing|short|to go|needed).*"
)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True)
class Progress:
    """How far R groups are; UNCOUNTED and UNKNOWN_SIZE where a cell does not say."""

    people: NDArray[np.int64]  # [R] so far
    size: NDArray[np.int64]  # [R] that the group is for, where the cell says it too
    missing: NDArray[np.int64]  # [R] people
    unread: NDArray[np.bool_]  # [R]


@dataclass(frozen=True)
class Outcomes:
    """What became of R groups."""

    status: NDArray[np.int8]  # [R] UNSTATED where participants are to tell
    target_size: NDArray[np.int64]  # [R]
    undecided: NDArray[np.bool_]  # [R] nothing tells, and nobody has said what such groups are
    by_count: NDArray[np.bool_]  # [R] the number of people told


def read_progress(cells: Sequence[str]) -> Progress:
    """The progress of groups, as in 2, 2/3, 2人/3人, 1 of 3, 还差1人 and 67%."""
    distinct = {cell: _progress(cell) for cell in set(cells)}
    found = [distinct[cell] for cell in cells]
    columns = np.array([one or _NO_PROGRESS for one in found], np.int64).reshape(-1, 3)
    unread = np.fromiter((one is None for one in found), bool, len(found))
    return Progress(columns[:, 0], columns[:, 1], columns[:, 2], unread)


_NO_PROGRESS = (UNCOUNTED, UNKNOWN_SIZE, UNCOUNTED)


def _progress(cell: str) -> tuple[int, int, int] | None:
    """People, size and missing people; None if the cell says something else."""
    if not cell:
        return _NO_PROGRESS
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    if found := _OF.fullmatch(text):
        return int(found.group(1)), int(found.group(2)), UNCOUNTED
    if found := _COUNT.fullmatch(text):
        return int(found.group(1)), UNKNOWN_SIZE, UNCOUNTED
    if found := _MISSING.fullmatch(text):
        return UNCOUNTED, UNKNOWN_SIZE, int(found.group(1) or found.group(2))
    if found := _SHARE.fullmatch(text):
        return UNCOUNTED, UNKNOWN_SIZE, int(float(found.group(1)) < 100)
    state = StateColumn(GROUP).meaning(cell)
    if state is not None and state.group in (SUCCESSFUL, OPEN):
        return UNCOUNTED, UNKNOWN_SIZE, int(state.group == OPEN)
    return None


def read_outcomes(
    numbers: Mapping[str, NDArray[Any]],
    progress: Progress | None,
    joins: NDArray[np.int64] | None,
    *,
    initiator_counts: bool,
    now: int,
    undecided: str,
) -> Outcomes:
    """What became of R groups, a row each.

    Full groups were successful; of the others, those past their deadline failed, and the rest are
    open. Without counts, participants tell as far as there is a column of them.

    Args:
        numbers: The numbers of the rows, of which status, target_size and expires_at count.
        progress: By the rows' counts, None without such a column.
        joins: [R] how many participants the rows name, None without such a column.
        initiator_counts: Whether the counts include the initiator.
        now: On the shop's clock, in seconds since 1970 there.
        undecided: What a person says that groups without an outcome are; empty if nothing.

    """
    count = len(next(iter(numbers.values()))) if numbers else 0
    count = len(joins) if joins is not None else len(progress.people) if progress else count
    stated = numbers.get("status", np.full(count, UNSTATED, np.int8))
    size = numbers.get("target_size", np.full(count, UNKNOWN_SIZE)).astype(np.int64)
    ends = numbers.get("expires_at", np.full(count, UNKNOWN_TIME))
    full, short = np.zeros(count, bool), np.zeros(count, bool)
    if progress is not None:
        size = np.where(size == UNKNOWN_SIZE, progress.size, size)
        people = progress.people + (not initiator_counts)
        counted = (progress.people != UNCOUNTED) & (size != UNKNOWN_SIZE)
        full = (progress.missing == 0) | (counted & (people >= size))
        short = (progress.missing > 0) | (counted & (people < size))
    if joins is not None:
        # A group that lacks people and may still find them is open.
        lacking = (size != UNKNOWN_SIZE) & (joins + 1 < size) & (ends > now)
        short |= lacking & ~full & (ends != UNKNOWN_TIME)
    else:
        lacking = np.zeros(count, bool)
    past = (ends != UNKNOWN_TIME) & (ends <= now)
    said = _CODES.get(undecided, UNSTATED)
    open_or_said = OPEN if said == UNSTATED else said
    status = np.where(
        full, SUCCESSFUL, np.where(short, np.where(past, FAILED, open_or_said), UNSTATED)
    )
    nothing = ~full & ~short
    if joins is None:
        status = np.where(nothing, said, status)
    elif said != UNSTATED:
        nobody = nothing & (joins == 0) & (stated == UNSTATED)
        status = np.where(nobody, said, status)
    by_evidence = stated == UNSTATED
    return Outcomes(
        status=np.where(by_evidence, status, stated).astype(np.int8),
        target_size=size,
        undecided=by_evidence & (status == UNSTATED) & (joins is None),
        by_count=by_evidence & (full | short),
    )
