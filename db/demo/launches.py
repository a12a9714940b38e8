"""Who launches what, and when: taste, the age of the child, the day's demand, and what has run out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.demo import rates
from db.demo.demand import Demand
from db.demo.goods import Goods
from db.demo.people import People

_BY_HOUR = np.array([1, 1, 0, 0, 0, 1, 2, 4, 6, 8, 9, 8, 9, 8, 6, 6, 7, 7, 8, 11, 14, 15, 10, 4])


@dataclass(frozen=True)
class Launches:
    """G launches in the order of time."""

    second: NDArray[np.int64]  # [G] since the first day began
    initiator: NDArray[np.int64]  # [G]
    item: NDArray[np.int64]  # [G]


def draw_launches(
    seed: int, people: People, goods: Goods, demand: Demand, first_day: np.datetime64
) -> Launches:
    """GROUPS_PER_USER launches per user, over all days to the end of the last."""
    rng = np.random.default_rng([seed, 6])
    second = _draw_times(rng, rates.GROUPS_PER_USER * len(people.facts), first_day)
    day = second // 86400
    initiator, item = np.empty(len(day), np.int64), np.empty(len(day), np.int64)
    for today in np.unique(day):
        now = slice(*np.searchsorted(day, [today, today + 1]))
        initiator[now] = _draw_initiators(rng, people, int(today), now.stop - now.start)
        item[now] = _draw_items(
            rng, people, goods, demand.weight[today], int(today), initiator[now]
        )
    _launch_again(rng, people, goods, demand, day, initiator, item)
    return Launches(second, initiator, item)


def liking(
    people: People,
    goods: Goods,
    users: NDArray[np.int64],
    items: NDArray[np.int64],
    days: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """How much users like items on days, whatever others do; the three are of one shape, or broadcast to it."""
    taste = np.log(people.taste[users, goods.category[items]] + 0.004)
    fit = goods.fits[people.ages(users, days), items]
    return np.asarray(taste + fit + people.brands[users, goods.brand[items]])


def _draw_times(
    rng: np.random.Generator, count: int, first_day: np.datetime64
) -> NDArray[np.int64]:
    """[count] ascending seconds of a growing shop that is busy in the evening and at weekends."""
    days = np.arange(rates.DAYS)
    weekday = ((first_day + days).astype(np.int64) + 3) % 7  # Monday is 0
    busy = (days + 1.0) ** rates.GROWTH * np.where(weekday >= 5, rates.WEEKEND, 1)
    day = rng.choice(rates.DAYS, count, p=busy / busy.sum())
    hour = rng.choice(24, count, p=_BY_HOUR / _BY_HOUR.sum())
    return np.sort(day * 86400 + hour * 3600 + rng.integers(0, 3600, count))


def _draw_initiators(
    rng: np.random.Generator, people: People, today: int, count: int
) -> NDArray[np.int64]:
    present = (people.came <= today) & (today < people.left)
    total = np.cumsum(people.activity * present)
    return np.searchsorted(total, rng.random(count) * total[-1], side="right")


def _draw_items(
    rng: np.random.Generator,
    people: People,
    goods: Goods,
    weight: NDArray[np.float64],
    today: int,
    initiators: NDArray[np.int64],
) -> NDArray[np.int64]:
    """An item for each initiator, of those that can be had today."""
    every = np.arange(len(goods.product))
    wish = liking(people, goods, initiators[:, None], every, today)
    wish[rng.random(len(initiators)) < rates.WHIM] = 0
    logit = wish + weight
    chance = np.cumsum(np.exp(logit - logit.max(1, keepdims=True)), axis=1)
    return (chance < rng.random((len(initiators), 1)) * chance[:, -1:]).sum(1)


def _launch_again(
    rng: np.random.Generator,
    people: People,
    goods: Goods,
    demand: Demand,
    day: NDArray[np.int64],
    initiator: NDArray[np.int64],
    item: NDArray[np.int64],
) -> None:
    """Replaces ``item`` where the initiator launches what has run out, in the size that fits by now."""
    product, cycle = goods.product.tolist(), [goods.products[k].line.cycle for k in goods.product]
    fits = (goods.fits > 0).tolist()
    had = (demand.weight > -np.inf).tolist()
    age = people.ages(initiator, day.astype(float)).tolist()
    grown_into = _best_sizes(goods)
    again, which = rng.random((2, len(item))).tolist()
    used: dict[
        int, dict[int, tuple[int, int]]
    ] = {}  # user -> product -> the last day, and the item
    for launch, (user, today) in enumerate(zip(initiator.tolist(), day.tolist(), strict=True)):
        suits = fits[age[launch]]
        due: list[tuple[int, float]] = []
        for number, (last, size) in used.get(user, {}).items():
            wanted = size if suits[size] else grown_into[age[launch]][number]
            if suits[wanted] and had[today][wanted]:
                due.append((wanted, _used_up(today - last, cycle[size] or 1)))
        left = math.prod(1 - chance for _, chance in due)  # the chance that nothing has run out
        if again[launch] < rates.AGAIN * (1 - left):
            total = np.cumsum([chance for _, chance in due])
            item[launch] = due[int(np.searchsorted(total, which[launch] * total[-1]))][0]
        launched = int(item[launch])
        if cycle[launched] is not None:
            used.setdefault(user, {})[product[launched]] = (today, launched)


def _best_sizes(goods: Goods) -> list[list[int]]:
    """[months][products] the item of a product that fits an age best."""
    first = np.searchsorted(goods.product, np.arange(len(goods.products)))
    ends = [*first[1:], len(goods.product)]
    best = [
        start + goods.fits[:, start:end].argmax(1) for start, end in zip(first, ends, strict=True)
    ]
    return np.stack(best, axis=1).tolist()


def _used_up(days: int, cycle: int) -> float:
    """The chance that a pack of ``cycle`` days is used up, and the family has not gone elsewhere."""
    used_up = 1 / (1 + math.exp(-(days - 0.9 * cycle) / (0.12 * cycle)))
    return used_up * math.exp(-max(0, days - 4 * cycle) / (4 * cycle))
