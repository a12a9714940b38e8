"""The first rows of a file as they will be stored: who launched what, who joined, and how it ended; items; users.

They come from the same reading, validation and collection as an import, so what people see before an import is what
they get.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from db.importing.staged import STATUS_NAMES, UNKNOWN_SIZE, StagedLogs
from db.logs import UNKNOWN_TIME

SHOWN_GROUPS = 10


@dataclass(frozen=True)
class Named:
    """A user or an item: its id, and the name that the file gives it, empty where it gives none."""

    id: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


@dataclass(frozen=True)
class StoredGroup:
    """A group as the store will hold it."""

    group: str  # the shop's id, empty where the file has none
    initiator: Named
    item: Named
    participants: tuple[Named, ...]
    status: str  # successful, failed or open
    launched_at: datetime | None  # on the shop's clock, as are the other times
    target_size: int | None  # people, the initiator included
    expires_at: datetime | None
    filled_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As ``python -m db import --json`` prints it."""
        times = {
            name: moment and moment.isoformat(" ")
            for name, moment in vars(self).items()
            if name in ("launched_at", "expires_at", "filled_at")
        }
        return asdict(self) | times

    def __str__(self) -> str:
        joined = ", ".join(map(str, self.participants)) or "nobody"
        size = f" of {self.target_size}" if self.target_size else ""
        facts = [
            f"{self.group or '-'}: {self.initiator} launched {self.item}",
            f"joined by {joined}",
            f"{self.status}, {len(self.participants) + 1}{size} people",
        ]
        if self.launched_at:
            facts.append(f"launched {self.launched_at:%Y-%m-%d %H:%M}")
        if self.filled_at:
            facts.append(f"filled {self.filled_at:%Y-%m-%d %H:%M}")
        if self.expires_at:
            facts.append(f"deadline {self.expires_at:%Y-%m-%d %H:%M}")
        return "; ".join(facts)


@dataclass(frozen=True)
class StoredItem:
    """What the store will hold of an item by this file."""

    item: Named
    category: str | None
    brand: str | None
    price: float | None
    group_price: float | None
    min_participants: int | None
    stock: int | None
    status: str | None  # on, off or hidden
    on_sale_from: datetime | None  # on the shop's clock, as is ``on_sale_until``
    on_sale_until: datetime | None  # the first second after the sale

    def as_json(self) -> dict[str, Any]:
        """As ``python -m db import --json`` prints it."""
        times = {
            name: moment and moment.isoformat(" ")
            for name, moment in vars(self).items()
            if name in ("on_sale_from", "on_sale_until")
        }
        return asdict(self) | times

    def __str__(self) -> str:
        facts = [
            f"{name.replace('_', ' ')} {value}"
            for name, value in vars(self).items()
            if value is not None and name != "item"
        ]
        return f"{self.item}: {', '.join(facts) or 'nothing else'}"


@dataclass(frozen=True)
class StoredUser:
    """What the store will hold of a user by this file."""

    user: Named
    city: str | None
    contactable: bool | None
    tags: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As ``python -m db import --json`` prints it."""
        return asdict(self)

    def __str__(self) -> str:
        facts = [self.city] if self.city else []
        if self.contactable is not None:
            facts.append("may be asked" if self.contactable else "must not be asked")
        if self.tags:
            facts.append(f"tags {', '.join(self.tags)}")
        return f"{self.user}: {', '.join(facts) or 'nothing else'}"


def stored_entities(
    staged: StagedLogs, count: int = SHOWN_GROUPS
) -> tuple[StoredItem | StoredUser, ...]:
    """The first ``count`` items or users of a file of them; none of a file of logs."""
    if staged.group_id or len(staged.friendships):
        return ()
    items = [
        StoredItem(
            item=Named(staged.items[k], stated.name or ""),
            category=stated.category,
            brand=stated.brand,
            price=stated.price,
            group_price=stated.group_price,
            min_participants=stated.min_participants,
            stock=stated.stock,
            status=stated.status,
            on_sale_from=_moment(stated.on_sale_from),
            on_sale_until=_moment(stated.on_sale_until),
        )
        for k, stated in islice(staged.item_attributes.items(), count)
    ]
    users = [
        StoredUser(
            user=Named(staged.users[k], stated.name or ""),
            city=stated.city,
            contactable=stated.contactable,
            tags=tuple((stated.tags or "").split("\n")) if stated.tags else (),
        )
        for k, stated in islice(staged.user_attributes.items(), count)
    ]
    return (*items, *users)


def stored_groups(staged: StagedLogs, count: int = SHOWN_GROUPS) -> tuple[StoredGroup, ...]:
    """The first ``count`` groups in the order of the file."""

    def user(position: int) -> Named:
        stated = staged.user_attributes.get(position)
        return Named(staged.users[position], (stated and stated.name) or "")

    def item(position: int) -> Named:
        stated = staged.item_attributes.get(position)
        return Named(staged.items[position], (stated and stated.name) or "")

    filled_at = staged.filled_at
    starts = staged.member_group.searchsorted(range(min(count, len(staged.group_id)) + 1))
    return tuple(
        StoredGroup(
            group=staged.group_id[k] or "",
            initiator=user(int(staged.initiator[k])),
            item=item(int(staged.item[k])),
            participants=tuple(
                user(member) for member in staged.member[starts[k] : starts[k + 1]].tolist()
            ),
            status=STATUS_NAMES[int(staged.status[k])],
            launched_at=_moment(int(staged.launched_at[k])),
            target_size=int(staged.target_size[k])
            if staged.target_size[k] != UNKNOWN_SIZE
            else None,
            expires_at=_moment(int(staged.expires_at[k])),
            filled_at=_moment(UNKNOWN_TIME if filled_at is None else int(filled_at[k])),
        )
        for k in range(len(starts) - 1)
    )


def _moment(seconds: int | None) -> datetime | None:
    """The time that the shop's clock shows."""
    if seconds is None or seconds == UNKNOWN_TIME:
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
