"""Who joins the groups of the demo shop, and when: friends within hours, strangers now and then."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.demo import rates
from db.demo.goods import Goods
from db.demo.launches import Launches, liking
from db.demo.people import People

_STRANGERS = 12  # who see a group
_GROUPS_AT_ONCE = 20_000  # keeps a large shop's pairs in memory


@dataclass(frozen=True)
class Joins:
    """M joins of G groups, whenever they come; seconds since the first day began."""

    group: NDArray[np.int64]  # [M] positions of launches, ascending
    user: NDArray[np.int64]  # [M]
    second: NDArray[np.int64]  # [M] ascending within a group
    filled: NDArray[np.int64]  # [G] when the last seat was taken; -1 where one stays free
    expires: NDArray[np.int64]  # [G]


@dataclass(frozen=True)
class _Wishes:
    """Users who would join groups, and after how many seconds."""

    group: NDArray[np.int64]
    user: NDArray[np.int64]
    after: NDArray[np.float64]


def draw_joins(seed: int, people: People, goods: Goods, launches: Launches) -> Joins:
    """The joins until a group is full or its time is over."""
    rng = np.random.default_rng([seed, 7])
    count = len(launches.second)
    seats = goods.participants[launches.item]
    open_for = rng.choice(rates.HOURS, count) * 3600
    parts = []
    for start in range(0, count, _GROUPS_AT_ONCE):
        groups = np.arange(start, min(start + _GROUPS_AT_ONCE, count))
        parts.append(_friends(rng, people, goods, launches, groups))
        parts.append(_strangers(rng, people, goods, launches, groups, open_for))
    group, user, after = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("group", "user", "after")
    )
    came = people.came[user] <= launches.second[group] / 86400
    kept = (after < open_for[group]) & came & (user != launches.initiator[group])
    group, user, second = (
        group[kept],
        user[kept],
        launches.second[group[kept]] + after[kept].astype(int),
    )
    order = np.lexsort((user, second, group))
    group, user, second = group[order], user[order], second[order]
    once = np.sort(np.unique(group * len(people.facts) + user, return_index=True)[1])
    group, user, second = group[once], user[once], second[once]
    place = np.arange(len(group)) - np.searchsorted(group, group)  # of a join in its group, from 0
    filled = np.full(count, -1)
    last = place == seats[group] - 1
    filled[group[last]] = second[last]
    taken = place < seats[group]
    return Joins(
        group=group[taken],
        user=user[taken],
        second=second[taken],
        filled=filled,
        expires=launches.second + open_for,
    )


def _friends(
    rng: np.random.Generator,
    people: People,
    goods: Goods,
    launches: Launches,
    groups: NDArray[np.int64],
) -> _Wishes:
    """The initiators' friends who like the items."""
    friends = [people.friends[initiator] for initiator in launches.initiator[groups]]
    group = np.repeat(groups, [len(some) for some in friends])
    user = np.concatenate(friends)
    wish = liking(people, goods, user, launches.item[group], launches.second[group] / 86400)
    keen = rng.random(len(user)) < rates.FRIEND_JOINS / (1 + np.exp(-0.9 * (wish + 1.6)))
    after = 60 + rng.exponential(rates.FRIEND_HOURS * 3600, keen.sum())
    return _Wishes(group[keen], user[keen], after)


def _strangers(
    rng: np.random.Generator,
    people: People,
    goods: Goods,
    launches: Launches,
    groups: NDArray[np.int64],
    open_for: NDArray[np.int64],
) -> _Wishes:
    """Of those who happen to see a group, the few who like its item best."""
    item, day = launches.item[groups, None], launches.second[groups, None] / 86400
    seen_by = rng.integers(0, len(people.facts), (len(groups), _STRANGERS))
    keenest = np.argsort(-liking(people, goods, seen_by, item, day), axis=1)
    few = rng.poisson(rates.STRANGERS_JOIN * (1 + goods.participants[item]))
    row, column = np.nonzero(np.arange(_STRANGERS) < few)
    after = rng.uniform(600, open_for[groups[row]])
    return _Wishes(groups[row], seen_by[row, keenest[row, column]], after)
