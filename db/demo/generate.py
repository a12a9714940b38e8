"""Generates the demo: half a year of logs of a maternal-and-infant shop, drawn from a seed.

A launch depends on the initiator's taste (category, brand, stage of the child) and the item's
popularity; the initiator's friends join if they like the item, and strangers join now and then. A
group is successful if it fills before its deadline and failed if it does not (its members are
refunded and not recorded); groups whose deadline is after the end of the logs may be open.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, time
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from db.demo.shop import Goods, People, draw_goods, draw_people, liking
from db.errors import InputError
from db.importing.staged import StagedLogs, UserAttributes
from db.importing.writer import ImportRecord, write_staged
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.schema import imports
from db.shop_clock import shop_now
from db.store import Store

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DAYS = 181  # of logs
CLOSING = time(21)  # when the last day ends that somebody names
GROUPS_PER_USER = 5
_GENERATOR = 2  # increase if the same seed would draw another shop
_LAUNCHES_BY_HOUR = np.array(
    [1, 1, 0, 0, 0, 1, 2, 4, 6, 8, 9, 8, 9, 8, 6, 6, 7, 7, 8, 11, 14, 15, 10, 4]
)
_DECLARED = 0.7  # share of the ties that are declared friendships


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
        raise InputError("db.demo.another", wanted=name, number=known.id, there=known.file)
    import_id: int = known.id
    return import_id


def draw_demo(users: int, seed: int, language: Language, now: pd.Timestamp) -> StagedLogs:
    """The demo shop as it is at ``now``, on its clock; the same arguments give the same logs."""
    rng = np.random.default_rng(seed)
    end = int(now.to_datetime64().astype("datetime64[s]").astype(np.int64))
    people, goods = draw_people(rng, users), draw_goods(rng)
    launched = _draw_times(rng, users * GROUPS_PER_USER, end)
    initiator, item = _draw_launches(rng, people, goods, len(launched))
    hours = rng.choice((24, 24, 48), len(launched))
    expires = launched + hours * 3600
    needed = np.array([fact.min_participants for fact in goods.facts])[item]
    status = np.empty(len(launched), np.int8)
    members: list[list[int]] = []
    for group, (user, bought, seats) in enumerate(zip(initiator, item, needed, strict=True)):
        # The share of its time that the group has had by the end of the logs.
        elapsed = min(1.0, (end - launched[group]) / (hours[group] * 3600))
        joined = _draw_members(rng, people, goods, int(user), int(bought), int(seats), elapsed)
        if len(joined) >= seats:
            status[group] = SUCCESSFUL
        elif elapsed < 1:
            status[group] = OPEN
        else:
            status[group] = FAILED
            joined = []
        members.append(sorted(joined))
    declared = rng.random(len(people.ties)) < _DECLARED
    return StagedLogs(
        users=[f"U{100_001 + k}" for k in range(users)],
        items=[f"P{2001 + k}" for k in range(len(goods.facts))],
        group_id=[f"G{k + 1:06d}" for k in range(len(launched))],
        initiator=initiator.astype(np.int32),
        item=item.astype(np.int32),
        status=status,
        launched_at=launched,
        target_size=(needed + 1).astype(np.int32),
        expires_at=expires,
        member_group=np.repeat(
            np.arange(len(members), dtype=np.int32), [len(joined) for joined in members]
        ),
        member=np.array([user for joined in members for user in joined], np.int32),
        friendships=people.ties[declared].astype(np.int32),
        user_attributes={k: UserAttributes(name) for k, name in enumerate(people.names)},
        item_attributes=dict(enumerate(goods.facts)),
    )


def _draw_times(rng: np.random.Generator, count: int, end: int) -> NDArray[np.int64]:
    """[count] launch times in ascending seconds, of a growing shop that is busy in the evening."""
    first = (end // 86400 - DAYS + 1) * 86400
    day = (rng.beta(1.25, 1.0, count) * DAYS).astype(np.int64)
    hour = rng.choice(24, count, p=_LAUNCHES_BY_HOUR / _LAUNCHES_BY_HOUR.sum())
    moment = first + day * 86400 + hour * 3600 + rng.integers(0, 3600, count)
    return np.sort(np.where(moment >= end, moment - 86400, moment))


def _draw_launches(
    rng: np.random.Generator, people: People, goods: Goods, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[count] initiators, a few of them busy, and [count] items, by taste and popularity."""
    users = len(people.names)
    activity = rng.lognormal(0, 1.1, users) * (rng.random(users) < 0.7)
    initiator = rng.choice(users, count, p=activity / activity.sum())
    item = rng.choice(len(goods.facts), count, p=_softmax(goods.popularity))  # used where noisy
    noisy = rng.random(count) < 0.12
    order = np.argsort(initiator, kind="stable")
    initiators, starts = np.unique(initiator[order], return_index=True)
    for user, launches in zip(initiators, np.split(order, starts[1:]), strict=True):
        chance = _softmax(liking(people, goods, int(user)) + goods.popularity)
        drawn = rng.choice(len(chance), len(launches), p=chance)
        item[launches] = np.where(noisy[launches], item[launches], drawn)
    return initiator, item


def _draw_members(
    rng: np.random.Generator,
    people: People,
    goods: Goods,
    initiator: int,
    item: int,
    seats: int,
    elapsed: float,
) -> list[int]:
    """The users who have joined so far: friends who like the item, and now and then a stranger."""
    friends = people.friends[initiator]
    wish = _liking_of(people, goods, friends, item)
    chance = elapsed * 0.55 / (1 + np.exp(-0.9 * (wish + 1.6)))
    willing = rng.permutation(friends[rng.random(len(friends)) < chance])
    strangers = rng.integers(0, len(people.names), 12)
    strangers = strangers[strangers != initiator]
    keenest = strangers[np.argsort(-_liking_of(people, goods, strangers, item))]
    guests = keenest[: rng.poisson(elapsed * (0.25 + 0.25 * seats))]
    joined = list(dict.fromkeys([*willing.tolist(), *guests.tolist()]))
    return joined[:seats]


def _liking_of(
    people: People, goods: Goods, users: NDArray[np.int64], item: int
) -> NDArray[np.float64]:
    """[users] how much each user likes the item."""
    taste = np.log(people.taste[users, goods.category[item]] + 0.004)
    fit = goods.fits[people.stage[users], item]
    return taste + fit + people.brands[users, goods.brand[item]]


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(values - values.max())
    return weights / weights.sum()
