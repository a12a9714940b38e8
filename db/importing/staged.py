"""The valid rows of one file as compact arrays, staged for the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from db.logs import FAILED, OPEN, SUCCESSFUL

UNKNOWN_SIZE = 0
LARGEST_STOCK = 1_000_000_000
STATUS_NAMES = {SUCCESSFUL: "successful", FAILED: "failed", OPEN: "open"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a file states about an item or a user; None where it states nothing."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The attributes, which are columns of the store too."""
        return tuple(one.name for one in fields(cls))

    def updated(self, later: Self) -> Self:
        """These attributes, overridden by those that ``later`` states."""
        stated = {name: getattr(later, name) for name in self.names()}
        return replace(self, **{name: value for name, value in stated.items() if value is not None})


@dataclass(frozen=True, slots=True)
class ItemAttributes(Attributes):
    """What a file states about an item."""

    name: str | None = None
    category: str | None = None
    price: float | None = None
    group_price: float | None = None
    min_participants: int | None = None
    brand: str | None = None
    on_sale_from: int | None = None  # on the shop's clock, in seconds since 1970 there
    on_sale_until: int | None = None  # the first second after the sale
    stock: int | None = None
    status: str | None = None  # "on", "off" or "hidden"


@dataclass(frozen=True, slots=True)
class UserAttributes(Attributes):
    """What a file states about a user."""

    name: str | None = None
    city: str | None = None
    contactable: bool | None = None  # False: never to be asked
    tags: str | None = None  # a line each


def as_columns(kind: type[Attributes], stated: Sequence[Attributes]) -> dict[str, list[Any]]:
    """Attribute -> its values, of those attributes that any of ``stated`` has."""
    columns = {name: [getattr(one, name) for one in stated] for name in kind.names()}
    return {
        name: values
        for name, values in columns.items()
        if any(value is not None for value in values)
    }


@dataclass(frozen=True)
class Statement:
    """How far a file states its G groups, and the D users who declined; it counts if others speak of them."""

    status_derived: NDArray[np.bool_]  # [G] from the participants
    initiator_derived: NDArray[np.bool_]  # [G] from times or lines
    continues: NDArray[np.bool_]  # [G] the file has joins alone, of a launch that was known before
    initiator_void: NDArray[np.bool_]  # [G] the initiator's order is no join
    seats: NDArray[np.int32]  # [G] that nobody takes, beside the participants'
    declined_group: NDArray[np.int32]  # [D] positions of groups
    declined_user: list[str]  # [D] ids, for who only declines is no user of the shop's groups
    reason: NDArray[np.int8]  # [D] DECLINED, CANCELLED or VOID of db.logs


@dataclass(frozen=True)
class StagedLogs:
    """G groups with M members, and F friendships; users and items are positions in the id lists.

    The ids are in the order of first appearance. Times are seconds, UNKNOWN_TIME if not stated;
    sizes count people, the initiator included, UNKNOWN_SIZE if not stated.
    """

    users: list[str]
    items: list[str]
    group_id: list[str | None]  # [G] the shop's own
    initiator: NDArray[np.int32]  # [G]
    item: NDArray[np.int32]  # [G]
    status: NDArray[np.int8]  # [G] SUCCESSFUL, FAILED or OPEN of db.logs
    launched_at: NDArray[np.int64]  # [G]
    target_size: NDArray[np.int32]  # [G]
    expires_at: NDArray[np.int64]  # [G]
    member_group: NDArray[np.int32]  # [M] positions of groups, ascending
    member: NDArray[np.int32]  # [M]
    friendships: NDArray[np.int32]  # [F, 2]
    filled_at: NDArray[np.int64] | None = None  # [G] of successful groups; None: nowhere stated
    joined_at: NDArray[np.int64] | None = None  # [M]; None: nowhere stated
    user_attributes: dict[int, UserAttributes] = field(default_factory=dict)
    item_attributes: dict[int, ItemAttributes] = field(default_factory=dict)
    statement: "Statement | None" = None  # None: all is stated, and nobody declined
    twins: NDArray[np.int64] | None = (
        None  # [G] of ``db.importing.twins``, where not those of these logs
    )

    def without_unused(self) -> "StagedLogs":
        """The same logs without the users and items that no group and no friendship refers to."""
        used = (self.initiator, self.member, self.friendships.ravel())
        user_positions, kept_users = _renumbered(np.concatenate(used), len(self.users))
        item_positions, kept_items = _renumbered(self.item, len(self.items))
        return replace(
            self,
            users=[self.users[k] for k in kept_users],
            items=[self.items[k] for k in kept_items],
            initiator=user_positions[self.initiator],
            member=user_positions[self.member],
            friendships=user_positions[self.friendships],
            item=item_positions[self.item],
            user_attributes={
                int(user_positions[k]): attributes
                for k, attributes in self.user_attributes.items()
                if k >= 0 and user_positions[k] >= 0
            },
            item_attributes={
                int(item_positions[k]): attributes
                for k, attributes in self.item_attributes.items()
                if k >= 0 and item_positions[k] >= 0
            },
        )

    def with_users(self, kept: NDArray[np.bool_]) -> "StagedLogs":
        """The same logs with the users where ``kept`` [U] is true; nothing may refer to the others."""
        places = np.flatnonzero(kept).astype(np.int32)
        positions, users = _renumbered(places, len(self.users))
        return replace(
            self,
            users=[self.users[k] for k in users],
            initiator=positions[self.initiator],
            member=positions[self.member],
            friendships=positions[self.friendships],
            user_attributes={
                int(positions[k]): attributes for k, attributes in self.user_attributes.items()
            },
        )

    def row_count(self) -> int:
        """How many rows this will be in the store, for progress."""
        return (
            len(self.users)
            + len(self.items)
            + len(self.group_id)
            + len(self.member)
            + len(self.friendships)
        )

    def groups_by_status(self) -> dict[str, int]:
        """How many groups are successful, failed and open."""
        return {name: int(np.sum(self.status == code)) for code, name in STATUS_NAMES.items()}


def without_groups(
    users: Sequence[str] = (),
    items: Sequence[str] = (),
    user_attributes: Mapping[int, UserAttributes] | None = None,
    item_attributes: Mapping[int, ItemAttributes] | None = None,
) -> StagedLogs:
    """What a file states of users and items alone."""
    none = np.empty(0, np.int32)
    no_times = np.empty(0, np.int64)
    return StagedLogs(
        users=list(users),
        items=list(items),
        group_id=[],
        initiator=none,
        item=none,
        status=np.empty(0, np.int8),
        launched_at=no_times,
        target_size=none,
        expires_at=no_times,
        member_group=none,
        member=none,
        friendships=np.empty((0, 2), np.int32),
        user_attributes=dict(user_attributes or {}),
        item_attributes=dict(item_attributes or {}),
    )


def _renumbered(used: NDArray[np.int32], count: int) -> tuple[NDArray[np.int32], list[int]]:
    """The new position of each of ``count`` entities, -1 for the unused, and the used ones."""
    kept = np.unique(used)
    positions = np.full(count, -1, np.int32)
    positions[kept] = np.arange(len(kept), dtype=np.int32)
    return positions, kept.tolist()
