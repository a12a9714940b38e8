"""Whom to invite next to groups that are short of members.

Open groups by what is left of their time. Pure functions of the groups and of a moment.

Logs speak of the moment at which they were exported, and a group that was open then may have closed
since. So the moment from which time is counted is chosen and said: now, or where the logs end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from app.recommending.filling import fill_probability
from app.recommending.tables import Say, reasons_text
from engine.results import Ranked

_WORK = 8_000_000  # people ranked for one page: some ten seconds


@dataclass(frozen=True)
class OpenGroup:
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


def groups_per_batch(users: int) -> int:
    """How many groups' chances are worked out at a time, so that a large shop need not wait long."""
    return max(40, min(500, _WORK // max(users, 1)))


def suggest_invitations(
    groups: pd.DataFrame, rank: Callable[[str, str, tuple[str, ...]], Sequence[Ranked]], each: int
) -> Iterator[OpenGroup]:
    """Each of the groups with the first ``each`` to invite, one by one as they are ranked.

    Args:
        groups: Open groups with ``left``, see ``app.groups.open_groups``.
        rank: Gives the people for an initiator, an item and those who have joined, best first.
        each: Invitations per group.

    """
    for row in groups.to_dict("records"):
        invited = rank(row["initiator"], row["item"], tuple(row["participants"]))[:each]
        missing = _known(row["missing"])
        chances = [result.probability for result in invited]
        yield OpenGroup(
            group=_known(row["group"]),
            initiator=row["initiator"],
            item=row["item"],
            expires_at=_known(row["expires_at"]),
            left=_known(row["left"]),
            there=row["joined"] + 1,
            size=_known(row["target_size"]),
            missing=missing,
            invited=invited,
            chance=None if missing is None else fill_probability(chances, missing),
        )


def _known(value: Any) -> Any:
    """The value, ``None`` where the frame marks it as missing."""
    return None if pd.isna(value) else value


def sort_by_chance(groups: Sequence[OpenGroup]) -> list[OpenGroup]:
    """The likeliest to fill first, those of unknown size last; equal ones in the order given."""
    return sorted(groups, key=lambda group: (group.chance is None, -(group.chance or 0.0)))


def invitations_table(
    groups: Sequence[OpenGroup], people: Mapping[str, str], goods: Mapping[str, str], say: Say
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


Clock = Literal["now", "logs"]
Order = Literal["deadline", "missing", "chance"]

FRESH = pd.Timedelta(days=7)  # logs that end longer ago are a picture of the past
SOON = pd.Timedelta(hours=6)


@dataclass(frozen=True)
class OpenGroups:
    """The open groups at a moment. Those still running or expired have a column ``left`` more: the
    time until the deadline, negative after it, missing where there is none.
    """

    running: pd.DataFrame  # short of members, or of unknown size
    expired: pd.DataFrame  # short of members when their time was up
    full: int  # have all their members: nobody needs to be invited

    @property
    def soon(self) -> int:
        """How many of the running ones end within ``SOON``."""
        return int((self.running["left"] <= SOON).sum())

    @property
    def one_short(self) -> int:
        """How many of the running ones need one more member."""
        return int((self.running["missing"] == 1).sum())


def default_clock(groups: pd.DataFrame, last: pd.Timestamp | None, now: pd.Timestamp) -> Clock:
    """From when to count where nobody has chosen.

    Now, where the logs are fresh or some group still runs; else the end of the logs, so that old
    logs, a demo's among them, show more than expired groups.

    Args:
        groups: The open groups, see ``db.queries.groups``.
        last: When the latest group of the logs was launched; ``None`` where no times are known.
        now: The moment of the visit on the shop's clock.

    """
    if last is None or now - last <= FRESH or (groups["expires_at"] > now).any():
        return "now"
    return "logs"


def split_by_deadline(groups: pd.DataFrame, moment: pd.Timestamp) -> OpenGroups:
    """The open groups as they are at ``moment``; one without a deadline never expires."""
    # What has no known size may be short of members: unknown is not full.
    short = groups[(groups["missing"] != 0).fillna(True).astype(bool)]
    short = short.assign(left=short["expires_at"] - moment)
    expired = short["left"] <= pd.Timedelta(0)
    return OpenGroups(short[~expired], short[expired], len(groups) - len(short))


def sort_groups(running: pd.DataFrame, order: Order) -> pd.DataFrame:
    """The nearest deadline first, or the fewest missing members first and then the deadline.

    By chance they come by deadline as well: the chances are asked of the model afterwards.
    """
    columns = ["missing", "left"] if order == "missing" else ["left", "missing"]
    return running.sort_values(columns, kind="stable", na_position="last")
