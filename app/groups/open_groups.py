"""Open groups: which still run at a moment, in which order, whom to invite next, and the table to download.

Time is counted from the moment as of which the pages rank. Pure functions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from app.recommending.tables import ReasonText, invitation_row
from engine.results import Ranked
from engine.track_record import TrackRecords

Order = Literal["deadline", "missing", "track_record"]

SOON = pd.Timedelta(hours=6)
_MOST_RANKED = 8_000_000  # users ranked for one page: about ten seconds


@dataclass(frozen=True)
class OpenGroups:
    """The open groups at a moment.

    The frames have a column ``left``: the time until the deadline, negative after it, missing without a deadline.
    """

    running: pd.DataFrame  # short of participants, or of unknown size
    expired: pd.DataFrame  # short of participants when their time was up
    full: int  # groups that need nobody else

    @property
    def soon(self) -> int:
        """The number of running groups that end within ``SOON``."""
        return int((self.running["left"] <= SOON).sum())

    @property
    def one_short(self) -> int:
        """The number of running groups that need one more participant."""
        return int((self.running["missing"] == 1).sum())


def split_by_deadline(groups: pd.DataFrame, moment: pd.Timestamp) -> OpenGroups:
    """The open groups at ``moment``; a group without a deadline never expires."""
    # A group of unknown size may be short of participants.
    short = groups[(groups["missing"] != 0).fillna(True).astype(bool)]
    short = short.assign(left=short["expires_at"] - moment)
    expired = short["left"] <= pd.Timedelta(0)
    return OpenGroups(short[~expired], short[expired], len(groups) - len(short))


def sort_groups(running: pd.DataFrame, order: Order, records: TrackRecords) -> pd.DataFrame:
    """The nearest deadline first, or before it the fewest missing participants or the item's best track record."""
    known = [records.of(item) for item in running["item"]]
    rates = [None if record is None else record.rate for record in known]
    sheet = running.assign(track_record=-pd.Series(rates, running.index, "float64"))
    first = [] if order == "deadline" else [order]
    by = list(dict.fromkeys([*first, "left", "missing"]))
    ordered = sheet.sort_values(by, kind="stable", na_position="last")
    return ordered.drop(columns="track_record")


def groups_per_batch(users: int) -> int:
    """How many groups are ranked at a time in a shop of ``users``, so that large shops need not wait long."""
    return max(40, min(500, _MOST_RANKED // max(users, 1)))


@dataclass(frozen=True)
class OpenGroup:
    """An open group with the people to invite next."""

    group: str | None  # the shop's id, where it has one
    initiator: str
    item: str
    expires_at: pd.Timestamp | None
    left: pd.Timedelta | None
    members: int  # people in the group, the initiator included
    size: int | None  # people that it needs, the initiator included
    missing: int | None
    invited: Sequence[Ranked]  # the likeliest to join first


def suggest_invitations(
    groups: pd.DataFrame, rank: Callable[[str, str, tuple[str, ...]], Sequence[Ranked]], each: int
) -> Iterator[OpenGroup]:
    """Yields each group with the ``each`` likeliest people to invite, as they are ranked.

    Args:
        groups: Open groups with ``left``, see ``OpenGroups``.
        rank: Returns the people for an initiator, an item and those who have joined, best first.
        each: Invitations per group.

    """
    for row in groups.to_dict("records"):
        invited = rank(row["initiator"], row["item"], tuple(row["participants"]))[:each]
        yield OpenGroup(
            group=_or_none(row["group"]),
            initiator=row["initiator"],
            item=row["item"],
            expires_at=_or_none(row["expires_at"]),
            left=_or_none(row["left"]),
            members=row["joined"] + 1,
            size=_or_none(row["target_size"]),
            missing=_or_none(row["missing"]),
            invited=invited,
        )


def _or_none(value: Any) -> Any:
    """The value of a frame's cell; ``None`` where it is missing."""
    return None if pd.isna(value) else value


def invitations_table(
    groups: Sequence[OpenGroup],
    initiators: Mapping[str, str],
    items: Mapping[str, str],
    records: TrackRecords,
    reason_text: ReasonText,
) -> pd.DataFrame:
    """One row per invitation.

    Columns: group, initiator, initiator_name, item, item_name, expires_at, missing, track_record (of the item; no
    column where the shop has none), invited, invited_name, spot_share and reasons.

    Args:
        groups: The groups with their invitations.
        initiators: Names of the initiators by id.
        items: Names of the items by id.
        records: How the closed groups of each item ended.
        reason_text: Puts a reason into words.

    """
    rows = []
    for group in groups:
        about: dict[str, Any] = {
            "group": group.group or "",
            "initiator": group.initiator,
            "initiator_name": initiators.get(group.initiator, group.initiator),
            "item": group.item,
            "item_name": items.get(group.item, group.item),
            "expires_at": group.expires_at,
            "missing": "" if group.missing is None else group.missing,
        }
        record = records.of(group.item)
        if record is not None:
            about["track_record"] = record.rate
        rows += [about | invitation_row(person, reason_text) for person in group.invited]
    return pd.DataFrame(rows)
