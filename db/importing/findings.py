"""What a shop manager wants to know of the groups that a file brings, and what looks odd about them."""

import time

import numpy as np

from db.importing.assembly.seats import is_shared
from db.importing.column_mapping import ColumnMapping
from db.importing.staged import StagedLogs
from db.importing.times_of_groups import odd_times
from db.importing.twins import NO_TWIN, twin_keys
from db.logs import CANCELLED, DECLINED, FAILED, UNKNOWN_TIME
from db.messages import Message, Value

_ENOUGH = 20  # groups, from which on a pattern is odd
_SHARE = 0.08  # of all groups, which one user rarely has a part in
_ENOUGH_FOR_SHARE = 50  # groups
_SECONDS_A_DAY, _SECONDS_AN_HOUR = 86_400, 3_600
_NIGHT = (1, 6)  # hours, in which hardly anybody launches
_EARLIEST_ZONE = 14 * _SECONDS_AN_HOUR  # a shop's clock is at most so far ahead of UTC
_SHOWN = 3  # examples


def findings(staged: StagedLogs, mapping: ColumnMapping) -> list[Message]:
    """The notes on the groups of a file, none on a file of friendships alone."""
    if not staged.group_id:
        return ignored_columns(mapping)
    return [
        *_groups(staged),
        *_shared_ids(staged),
        *ignored_columns(mapping),
        *_oddities(staged),
        *odd_times(staged),
    ]


def ignored_columns(mapping: ColumnMapping) -> list[Message]:
    """A note that names the columns whose content goes nowhere."""
    pairs = zip(mapping.headings, mapping.fields, strict=True)
    ignored = tuple(
        dict.fromkeys(heading[:40] for heading, field in pairs if not field and heading)
    )
    return [Message("db.note.ignored_columns", {"columns": ignored[:20]})] if ignored else []


def _groups(staged: StagedLogs) -> list[Message]:
    """Groups by state, members a group, and what was derived."""
    states = staged.groups_by_status()
    joins = np.bincount(staged.member_group, minlength=len(staged.group_id))
    notes = [
        Message("db.note.groups_by_state", dict(states)),
        Message(
            "db.note.members_a_group", {"median": f"{np.median(joins):g}", "most": int(joins.max())}
        ),
    ]
    statement = staged.statement
    if statement is not None and statement.status_derived.any():
        derived = np.bincount(staged.status[statement.status_derived], minlength=3)
        read = dict(zip(("successful", "failed", "open"), derived.tolist(), strict=True))
        notes.append(Message("db.note.no_stated_outcome", {"n": int(derived.sum()), **read}))
    if statement is not None and len(statement.reason):
        said = {
            name: int((statement.reason == reason).sum())
            for name, reason in (("declined", DECLINED), ("cancelled", CANCELLED))
        }
        if any(said.values()):
            notes.append(Message("db.note.declined_invitations", said))
    twins = twin_keys(staged)
    twins = twins[twins != NO_TWIN]
    copies = len(twins) - len(np.unique(twins))
    if copies:
        notes.append(Message("db.note.copies", {"n": copies}))
    return notes


def _shared_ids(staged: StagedLogs) -> list[Message]:
    shared = [id for id in staged.users if is_shared(id)]
    if not shared:
        return []
    values: dict[str, Value] = {"n": len(shared), "examples": tuple(shared[:_SHOWN])}
    return [Message("db.note.shared_ids", values)]


def _oddities(staged: StagedLogs) -> list[Message]:
    """What hardly any shop's logs show, and a mistaken column often does."""
    count = len(staged.group_id)
    notes = []
    if count >= _ENOUGH and not (staged.status == FAILED).any():
        notes.append(Message("db.note.no_failed_launch", {"n": count}))
    if count >= _ENOUGH_FOR_SHARE:
        groups_of = np.bincount(staged.initiator, minlength=len(staged.users))
        groups_of += np.bincount(staged.member, minlength=len(staged.users))
        user = int(groups_of.argmax())
        if groups_of[user] >= _SHARE * count:
            values: dict[str, Value] = {
                "user": (staged.users[user],),
                "n": int(groups_of[user]),
                "of": count,
            }
            notes.append(Message("db.note.one_user_everywhere", values))
    return notes + _odd_times(staged)


def _odd_times(staged: StagedLogs) -> list[Message]:
    times = staged.launched_at[staged.launched_at != UNKNOWN_TIME]
    notes = []
    future = int((times > time.time() + _EARLIEST_ZONE).sum())
    if future:
        notes.append(Message("db.note.future_launches", {"n": future}))
    if len(times) < _ENOUGH:
        return notes
    of_day = times % _SECONDS_A_DAY
    if not of_day.any():
        return [*notes, Message("db.note.all_at_midnight")]
    hours = of_day // _SECONDS_AN_HOUR
    night = ((hours >= _NIGHT[0]) & (hours < _NIGHT[1]) & (of_day > 0)).mean()
    if night > 0.5:
        notes.append(Message("db.note.launches_at_night", {"percent": round(100 * night)}))
    return notes
