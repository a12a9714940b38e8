"""Reads the store that an import left behind, and says what differs from the truth."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from db.read_logs import ITEM_ATTRIBUTES, USER_ATTRIBUTES
from exports.case import Group, Outcome

_STATUS = ("successful", "failed", "open")
_GROUPS = """
    select g.id, g.external_id, u.external_id, i.external_id, g.status, g.launched_at, g.expires_at, g.target_size
    from groups g join users u on u.id = g.initiator_id join items i on i.id = g.item_id where g.current
"""
_MEMBERS = "select u.external_id from group_members m join users u on u.id = m.user_id where m.group_id = ?"


@dataclass(frozen=True)
class Imported:
    """What the commands said, and what lies in the store."""

    exits: list[int]
    output: str
    groups: list[Group]
    users: dict[str, str | None]
    items: dict[str, str | None]
    prices: dict[str, float | None]
    group_prices: dict[str, float | None]
    shelf: dict[str, dict[str, Any]]
    people: dict[str, dict[str, Any]]
    rejected: int


def read(store: Path, exits: list[int], output: str) -> Imported:
    """What lies in an SQLite store; without the product's own queries, which could be wrong the same way."""
    with closing(sqlite3.connect(store)) as connection:
        groups = []
        for key, group, initiator, item, status, launched, expires, size in connection.execute(
            _GROUPS
        ):
            people = sorted(user for (user,) in connection.execute(_MEMBERS, (key,)))
            times = [_clock(launched), _clock(expires)]
            groups.append(Group(group, initiator, item, people, _STATUS[status], *times, size))
        items = "select external_id, name, price, group_price from items"
        named = list(connection.execute(items))
        history = "select coalesce(sum(rejected), 0) from imports"
        return Imported(
            exits,
            output,
            groups,
            dict(connection.execute("select external_id, name from users")),
            {item: name for item, name, _, _ in named},
            {item: price for item, _, price, _ in named},
            {item: price for item, _, _, price in named},
            _attributes(connection, "items", ITEM_ATTRIBUTES),
            _attributes(connection, "users", USER_ATTRIBUTES),
            connection.execute(history).fetchone()[0],
        )


def _attributes(
    connection: sqlite3.Connection, table: str, names: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    columns = f"select external_id, {', '.join(names)} from {table}"  # noqa: S608
    found = {id: dict(zip(names, row, strict=True)) for id, *row in connection.execute(columns)}
    for one in found.values():
        for name in one.keys() & {"on_sale_from", "on_sale_until"}:
            one[name] = _clock(one[name])
        if one.get("contactable") is not None:
            one["contactable"] = bool(one["contactable"])
        if one.get("tags") is not None:
            one["tags"] = one["tags"].split("\n")
    return found


def _clock(seconds: int | None) -> str | None:
    return None if seconds is None else str(datetime(1970, 1, 1) + timedelta(seconds=seconds))


def differences(truth: Outcome, got: Imported) -> Iterator[str]:
    """What is not as it should be, a sentence each."""
    if got.exits[-1] != truth.exits or any(got.exits[:-1]):
        yield f"exit codes {got.exits}, and the last should be {truth.exits}"
    if truth.groups is not None:
        yield from _different_groups(truth.groups, got)
    for what in ("users", "items", "prices", "group_prices"):
        stored = getattr(got, what)
        for id, value in getattr(truth, what).items():
            if stored.get(id, "nowhere") != value:
                yield f"{what}: {id} has {stored.get(id, 'no row')!r} for {value!r}"
    for what in ("shelf", "people"):
        yield from _different_entities(what, getattr(truth, what), getattr(got, what))
    if not any(got.exits) and got.rejected != truth.rejected:
        yield f"{got.rejected} rows rejected for {truth.rejected!r}"
    yield from (f"does not say {one!r}" for one in truth.says if not _said(one, got))
    yield from (f"says {one!r}" for one in truth.never if _said(one, got))


def _different_entities(what: str, wanted: Any, stored: dict[str, dict[str, Any]]) -> Iterator[str]:
    if wanted is None:
        return
    for id in wanted.keys() ^ stored.keys():
        yield f"{what}: {id} {'is missing' if id in wanted else 'should not be there'}"
    for id in wanted.keys() & stored.keys():
        for name, value in wanted[id].items():
            if stored[id][name] != value:
                yield f"{what}: {id} has {name} {stored[id][name]!r} for {value!r}"


def _said(pattern: str, got: Imported) -> bool:
    return re.search(pattern, got.output, re.IGNORECASE) is not None


def _different_groups(wanted: Iterable[Group], got: Imported) -> Iterator[str]:
    left = list(got.groups)
    missing = []
    for group in wanted:
        found = next((one for one in left if not _wrong_fields(group, one)), None)
        if found is None:
            missing.append(group)
        else:
            left.remove(found)
    for group in missing:
        twin = next((one for one in left if _is_meant(group, one)), None)
        if twin is not None:
            left.remove(twin)
            wrong = (
                f"{name} {getattr(twin, name)!r} for {getattr(group, name)!r}"
                for name in _wrong_fields(group, twin)
            )
            yield f"group {twin.group} of {twin.initiator}: {', '.join(wrong)}"
        elif not (group.may_be_refused and _is_told(group, got)):
            yield f"group {group.group} of {group.initiator!r} is missing"
    yield from (
        f"group {one.group} of {one.initiator} for {one.item} should not be there" for one in left
    )


def _wrong_fields(wanted: Group, stored: Group) -> list[str]:
    names = [one.name for one in fields(Group) if one.name != "may_be_refused"]
    return [name for name in names if getattr(stored, name) != _sorted(getattr(wanted, name))]


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _is_meant(wanted: Group, stored: Group) -> bool:
    if isinstance(wanted.group, str):
        return stored.group == wanted.group
    return stored.initiator == wanted.initiator


def _is_told(group: Group, got: Imported) -> bool:
    return bool(got.rejected) or any(got.exits) or str(group.group) in got.output
