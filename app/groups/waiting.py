"""Whom to invite next to groups that are short of members."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from app.recommending.filling import fills
from app.recommending.ranked import Say, reasons_text
from engine.results import Ranked

_WORK = 8_000_000  # people ranked for one page: some ten seconds


@dataclass(frozen=True)
class Waiting:
    """An open group with the people to invite next."""

    group: str | None  # the shop's id, where it has one
    initiator: str
    item: str
    expires_at: pd.Timestamp | None
    left: pd.Timedelta | None
    there: int  # people who are in, the initiator included
    size: int | None  # people it needs, the initiator included
    missing: int | None
    invited: Sequence[Ranked]  # the likeliest first
    chance: float | None  # that it fills; None where its size is unknown


def at_once(users: int) -> int:
    """How many groups' chances are worked out at a time, so that a large shop need not wait long."""
    return max(40, min(500, _WORK // max(users, 1)))


def waiting(
    groups: pd.DataFrame, rank: Callable[[str, str, tuple[str, ...]], Sequence[Ranked]], each: int
) -> Iterator[Waiting]:
    """Each of the groups with the first ``each`` to invite, one by one as they are ranked.

    Args:
        groups: Open groups with ``left``, see ``app.groups.deadlines``.
        rank: Gives the people for an initiator, an item and those who have joined, best first.
        each: Invitations per group.

    """
    for row in groups.to_dict("records"):
        invited = rank(row["initiator"], row["item"], tuple(row["participants"]))[:each]
        missing = _known(row["missing"])
        chances = [result.probability for result in invited]
        yield Waiting(
            group=_known(row["group"]),
            initiator=row["initiator"],
            item=row["item"],
            expires_at=_known(row["expires_at"]),
            left=_known(row["left"]),
            there=row["joined"] + 1,
            size=_known(row["target_size"]),
            missing=missing,
            invited=invited,
            chance=None if missing is None else fills(chances, missing),
        )


def _known(value: Any) -> Any:
    """The value, ``None`` where the frame marks it as missing."""
    return None if pd.isna(value) else value


def by_chance(groups: Sequence[Waiting]) -> list[Waiting]:
    """The likeliest to fill first, those of unknown size last; equal ones in the order given."""
    return sorted(groups, key=lambda group: (group.chance is None, -(group.chance or 0.0)))


def invitations_table(
    groups: Sequence[Waiting], people: Mapping[str, str], goods: Mapping[str, str], say: Say
) -> pd.DataFrame:
    """One row an invitation.

    Columns: group, initiator, initiator_name, item, item_name, expires_at, missing, fills, invited,
    invited_name, joins and reasons; ``fills`` is the group's chance, ``joins`` the person's.

    Args:
        groups: Who is invited to what.
        people: Names of the initiators by id.
        goods: Names of the items by id.
        say: Puts a reason into words.

    """
    rows = [
        {
            "group": group.group or "",
            "initiator": group.initiator,
            "initiator_name": people.get(group.initiator, group.initiator),
            "item": group.item,
            "item_name": goods.get(group.item, group.item),
            "expires_at": "" if group.expires_at is None else str(group.expires_at),
            "missing": "" if group.missing is None else group.missing,
            "fills": "" if group.chance is None else group.chance,
            "invited": person.id,
            "invited_name": person.name,
            "joins": person.probability,
            "reasons": reasons_text(person.reasons, say),
        }
        for group in groups
        for person in group.invited
    ]
    return pd.DataFrame(rows)
