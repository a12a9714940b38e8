"""What a case is: files to import, and the truth about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.read_logs import ITEM_ATTRIBUTES


class _Anything:
    """Equals everything: a value that a case does not look at."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0  # dataclasses take what has no hash for a mutable default

    def __repr__(self) -> str:
        return "anything"


class Either:
    """Equals each of the values that are right where the file leaves a choice."""

    def __init__(self, *values: object) -> None:
        self.values = values

    def __eq__(self, other: object) -> bool:
        return any(value == other for value in self.values)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return " or ".join(map(repr, self.values))


ANY: Any = _Anything()
NOT_YET: Any = Either("failed", "open")  # the file only says that the group is not complete


def either(*values: object) -> Any:
    """A value that equals each of these."""
    return Either(*values)


@dataclass(frozen=True)
class Group:
    """A group as the store should have it; times as the shop's clock shows them."""

    group: Any  # the shop's id, None without one
    initiator: Any
    item: Any
    participants: Any = ANY  # ids in any order
    status: Any = ANY
    launched_at: Any = ANY
    expires_at: Any = ANY
    target_size: Any = ANY
    may_be_refused: bool = (
        False  # right too: not stored, and the output names it or one of its rows
    )


@dataclass(frozen=True)
class Outcome:
    """What an import leaves behind. What is None or left out is not looked at."""

    groups: Sequence[Group] | None = None  # all current groups, in any order
    users: Mapping[str, Any] = field(default_factory=dict)  # id -> name, None: no name
    items: Mapping[str, Any] = field(default_factory=dict)
    prices: Mapping[str, Any] = field(default_factory=dict)  # item -> price
    group_prices: Mapping[str, Any] = field(default_factory=dict)
    shelf: Mapping[str, Mapping[str, Any]] | None = None  # all items: id -> attributes
    people: Mapping[str, Mapping[str, Any]] | None = None  # all users: id -> attributes
    rejected: Any = ANY  # how many rows
    says: Sequence[str] = ()  # patterns that the output matches
    never: Sequence[str] = ()  # and those that it does not
    exits: Any = 0  # of the last command; the others end with 0


def item(name: Any = ANY, **attributes: Any) -> dict[str, Any]:
    """What the store has of an item; attributes that are not named are none."""
    return dict.fromkeys(ITEM_ATTRIBUTES) | {"name": name} | attributes


def person(name: Any = ANY, **attributes: Any) -> dict[str, Any]:
    """What the store has of a user; attributes that are not named are none."""
    return {"name": name} | dict.fromkeys(("city", "contactable", "tags")) | attributes


def refused(*says: str, never: Sequence[str] = ()) -> Outcome:
    """Nothing is stored, and the output matches ``says``."""
    return Outcome(groups=[], says=says, never=never, exits=2)


@dataclass(frozen=True)
class Case:
    """Files that are imported by one command each, and what is right afterwards, the best outcome first."""

    name: str
    why: str
    files: Mapping[str, str | bytes]  # a text is written in UTF-8
    right: Outcome
    also: Sequence[Outcome] = ()
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
