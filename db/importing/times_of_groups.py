"""When groups filled and people joined: what of it is kept, and what looks odd."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from db.importing.staged import StagedLogs
from db.logs import SUCCESSFUL, UNKNOWN_TIME
from db.messages import Message

_SECONDS_A_DAY = 86_400


def with_filled_groups(staged: StagedLogs) -> tuple[StagedLogs, list[Message]]:
    """The logs with a time of filling for successful groups alone, and a note on the others that had one."""
    if staged.filled_at is None:
        return staged, []
    other = (staged.status != SUCCESSFUL) & (staged.filled_at != UNKNOWN_TIME)
    if not other.any():
        return staged, []
    filled_at = np.where(other, UNKNOWN_TIME, staged.filled_at)
    note = Message("db.note.filled_without_success", {"n": int(other.sum())})
    return replace(staged, filled_at=filled_at), [note]


def odd_times(staged: StagedLogs) -> list[Message]:
    """Notes on groups that filled before their launch or after their deadline, and on earlier joins."""
    counts: dict[str, int] = {}
    if staged.filled_at is not None:
        counts["db.note.filled_before_launch"] = _earlier(staged.filled_at, staged.launched_at)
        counts["db.note.filled_after_deadline"] = _earlier(staged.expires_at, staged.filled_at)
    if staged.joined_at is not None:
        launched_at = staged.launched_at[staged.member_group]
        counts["db.note.joined_before_launch"] = _earlier(staged.joined_at, launched_at)
    return [Message(key, {"n": count}) for key, count in counts.items() if count]


def _earlier(one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """How many of ``one`` lie before ``other``; a day without an hour may be any moment of it."""
    known = (one != UNKNOWN_TIME) & (other != UNKNOWN_TIME)
    mine, theirs = one[known], other[known]
    end = np.where(mine % _SECONDS_A_DAY == 0, mine + _SECONDS_A_DAY - 1, mine)
    return int((end < theirs).sum())
