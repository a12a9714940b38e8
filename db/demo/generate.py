"""Makes the demo shop and imports it."""

import hashlib
from dataclasses import dataclass
from datetime import date, time

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from db.demo import rates
from db.demo.demand import draw_demand
from db.demo.goods import draw_goods
from db.demo.joins import draw_joins
from db.demo.launches import draw_launches
from db.demo.people import draw_people
from db.demo.product_lines import categories
from db.demo.shelf import shelf_facts
from db.demo.words import Language
from db.errors import InputError
from db.importing.staged import StagedLogs
from db.importing.writer import ImportRecord, write_staged
from db.logs import FAILED, OPEN, SUCCESSFUL, UNKNOWN_TIME
from db.schema import imports
from db.shop_clock import shop_now
from db.store import Store

CLOSING = time(21)  # when the last day ends that somebody names
_GENERATOR = 2  # increase if the same arguments would draw another shop


@dataclass(frozen=True)
class Demo:
    """The demo shop in the store."""

    import_id: int
    name: str  # in the history of imports
    logs: StagedLogs | None  # what was imported; None if the store had this demo already

    @property
    def made(self) -> bool:
        """Whether it was imported just now."""
        return self.logs is not None


def load_demo(
    store: Store,
    users: int = 3000,
    seed: int = 7,
    language: Language = "en",
    until: date | None = None,
) -> Demo:
    """Import the demo shop of these arguments unless the store has it already.

    The logs end at CLOSING of the day ``until``, or else now, on the shop's clock. Without ``until`` the shop is
    that of the day: whoever asks for it again on that day gets the one that is there. Raises InputError unless
    ``users`` is between 50 and 200,000, or if the store has another demo shop: two of them use the same ids.
    """
    if not 50 <= users <= 200_000:
        raise InputError("db.demo.size", users=users)
    now = shop_now(store) if until is None else pd.Timestamp.combine(until, CLOSING)
    last = f"today {now:%Y-%m-%d}" if until is None else f"--until {until}"
    name = f"demo --users {users} --seed {seed} --language {language} {last}"
    with store.read() as connection:
        there = _demo_in(connection, name)
    if there is not None:
        return Demo(there, name, None)
    staged = draw_demo(users, seed, language, now)
    record = _record(name, now, len(staged.group_id))
    with store.write() as connection:
        there = _demo_in(connection, name)  # another process may have been faster
        if there is not None:
            return Demo(there, name, None)
        return Demo(write_staged(connection, staged, record), name, staged)


def _record(name: str, now: pd.Timestamp, groups: int) -> ImportRecord:
    return ImportRecord(
        batch=f"demo-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
        file=name,
        kind="demo",
        format="demo",
        sha256=hashlib.sha256(f"{_GENERATOR} {name} {now}".encode()).hexdigest(),
        accepted=groups,
        rejected=0,
    )


def _demo_in(connection: Connection, name: str) -> int | None:
    """The import of this demo shop, if the store has it; InputError if it has another one."""
    standing = (imports.c.kind == "demo") & imports.c.undone_at.is_(None)
    known = connection.execute(select(imports.c.id, imports.c.file).where(standing)).first()
    if known is None:
        return None
    if known.file != name:
        raise InputError("db.demo.another", number=known.id, there=known.file)
    import_id: int = known.id
    return import_id


def draw_demo(users: int, seed: int, language: Language, now: pd.Timestamp) -> StagedLogs:
    """The demo shop as it is at ``now``, on its clock; the same arguments give the same logs.

    The shop is drawn for the whole of the last day; what comes after ``now`` is left out.
    """
    last_day = now.to_datetime64().astype("datetime64[D]")
    first_day = last_day - (rates.DAYS - 1)
    goods = draw_goods(seed, first_day)
    people = draw_people(seed, users, len(categories()), language)
    demand = draw_demand(seed, goods, first_day)
    launches = draw_launches(seed, people, goods, demand, first_day)
    joins = draw_joins(seed, people, goods, launches)
    begin = int(first_day.astype("datetime64[s]").astype(np.int64))
    end = int(now.to_datetime64().astype("datetime64[s]").astype(np.int64)) - begin
    count = int(np.searchsorted(launches.second, end))  # of groups that were launched before now
    filled, expires = joins.filled[:count], joins.expires[:count]
    full = (filled >= 0) & (filled < end)
    status = np.where(full, SUCCESSFUL, np.where(expires > end, OPEN, FAILED)).astype(np.int8)
    joined = (joins.group < count) & (joins.second < end)
    joined[joined] = status[joins.group[joined]] != FAILED  # they are refunded and not recorded
    rng = np.random.default_rng([seed, 9])
    declared = rng.random(len(people.ties)) < rates.DECLARED
    return StagedLogs(
        users=[f"U{100_001 + k}" for k in range(users)],
        items=[f"P{2001 + k}" for k in range(len(goods.product))],
        group_id=[f"G{k + 1:06d}" for k in range(count)],
        initiator=launches.initiator[:count].astype(np.int32),
        item=launches.item[:count].astype(np.int32),
        status=status,
        launched_at=begin + launches.second[:count],
        target_size=(goods.participants[launches.item[:count]] + 1).astype(np.int32),
        expires_at=begin + expires,
        member_group=joins.group[joined].astype(np.int32),
        member=joins.user[joined].astype(np.int32),
        filled_at=np.where(full, begin + filled, UNKNOWN_TIME),
        joined_at=begin + joins.second[joined],
        friendships=people.ties[declared].astype(np.int32),
        user_attributes=dict(enumerate(people.facts)),
        item_attributes=dict(enumerate(shelf_facts(seed, goods, demand, first_day, language))),
    )
