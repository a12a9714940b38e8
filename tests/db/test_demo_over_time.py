"""The demo shop lives: items come and go, seasons, sizes, promotions, sell-outs, repeats; knowing time helps."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from benchmarks.demo_over_time import over_time
from db.demo import rates
from db.demo.demand import Demand, draw_demand
from db.demo.generate import draw_demo
from db.demo.goods import Goods, draw_goods
from db.importing.staged import ItemAttributes, StagedLogs
from db.logs import FAILED

NOW = pd.Timestamp("2025-06-30 21:00")
END = int(NOW.timestamp())
FIRST_DAY = np.datetime64("2025-06-30") - (rates.DAYS - 1)
DAY = 86400


@pytest.fixture(scope="module")
def shop() -> StagedLogs:
    return draw_demo(3000, 7, "en", NOW)


@pytest.fixture(scope="module")
def goods() -> Goods:
    return draw_goods(7, FIRST_DAY)


@pytest.fixture(scope="module")
def demand(goods: Goods) -> Demand:
    return draw_demand(7, goods, FIRST_DAY)


def facts_of(shop: StagedLogs) -> list[ItemAttributes]:
    return [shop.item_attributes[item] for item in range(len(shop.items))]


def launches_of_days(shop: StagedLogs) -> np.ndarray:
    """[D, I]"""
    counts = np.zeros((rates.DAYS, len(shop.items)), int)
    day = (shop.launched_at // DAY) - FIRST_DAY.astype(int)
    np.add.at(counts, (day, shop.item), 1)
    return counts


def test_items_are_on_the_shelf_off_it_hidden_sold_out_and_announced(shop: StagedLogs) -> None:
    facts = facts_of(shop)
    states = Counter(fact.status for fact in facts)
    assert states["on"] > 200
    assert states["off"] > 100
    assert states["hidden"] >= rates.HIDDEN
    for fact in facts:
        over = fact.on_sale_until is not None and fact.on_sale_until <= END
        assert over == (fact.status == "off")
    on = [fact for fact in facts if fact.status == "on"]
    assert 5 < sum(fact.stock == 0 for fact in on) < 40
    assert sum((fact.on_sale_from or 0) > END for fact in on) == rates.ANNOUNCED


def test_what_arrived_in_the_last_days_has_not_been_launched(shop: StagedLogs) -> None:
    begins = np.array([fact.on_sale_from for fact in facts_of(shop)])
    arrived = np.flatnonzero((begins > END - 4 * DAY) & (begins <= END))
    assert len(arrived) == rates.ARRIVALS
    assert not np.isin(shop.item, arrived).any()
    assert (np.diff(begins) >= 0).all(), "ids follow the order in which items came"


def test_nothing_is_launched_before_it_is_on_sale_nor_after_nor_while_it_is_sold_out(
    shop: StagedLogs, demand: Demand
) -> None:
    facts = facts_of(shop)
    begins = np.array([fact.on_sale_from for fact in facts])[shop.item]
    ends = np.array([fact.on_sale_until or END + 1 for fact in facts])[shop.item]
    assert ((begins <= shop.launched_at) & (shop.launched_at < ends)).all()
    counts = launches_of_days(shop)
    assert counts[demand.sold_out].sum() == 0
    assert (counts[:, demand.sold_out.any(0)].sum(0) > 0).mean() > 0.8, "restocked"
    sold_out_now = [fact.stock == 0 and fact.status == "on" for fact in facts]
    assert sold_out_now == demand.sold_out[-1].tolist()


@pytest.mark.parametrize(
    ("season", "lines"),
    [
        ((10, 11, 12, 1), ("Padded Coat", "Thermal Set", "Snow Boots", "Rich Winter Cream")),
        ((5, 6, 7, 8), ("Sun Cream SPF 50", "Swim Nappies", "Paddling Pool", "Sandals")),
    ],
)
def test_seasonal_items_sell_in_their_season(
    shop: StagedLogs, goods: Goods, season: tuple[int, ...], lines: tuple[str, ...]
) -> None:
    line = np.array([one.line.name.en for one in goods.products])[goods.product]
    theirs = np.isin(line[shop.item], lines) & (shop.launched_at > END - 365 * DAY)
    launched = pd.to_datetime(shop.launched_at[theirs], unit="s")
    assert len(launched) > 400
    assert launched.month.isin(season).mean() > 0.75  # of a third of the year


def test_children_grow_out_of_sizes(shop: StagedLogs, goods: Goods) -> None:
    graded = np.array([one.line.name.en for one in goods.products])[goods.product]
    youngest = np.array([size.ages[0] for size in goods.size])
    grown = shrunk = 0
    for line in ("Ultra-thin Nappies", "Nappy Pants", "Infant Formula"):
        theirs = np.flatnonzero(graded[shop.item] == line)
        last: dict[tuple[int, int], float] = {}
        for group in theirs:
            key = (int(shop.initiator[group]), int(goods.product[shop.item[group]]))
            size = youngest[shop.item[group]]
            grown += size > last.get(key, size)
            shrunk += size < last.get(key, size)
            last[key] = size
    assert grown > 100
    assert grown > 3 * shrunk


def test_consumables_are_launched_again_after_weeks(shop: StagedLogs, goods: Goods) -> None:
    cycle = np.array([goods.products[number].line.cycle or 0 for number in goods.product])
    last: dict[tuple[int, int], int] = {}
    waited = []
    for group in np.flatnonzero(cycle[shop.item] > 0):
        pair = (int(shop.initiator[group]), int(shop.item[group]))
        if pair in last:
            days = (shop.launched_at[group] - last[pair]) / DAY
            waited.append(days / cycle[shop.item[group]])
        last[pair] = int(shop.launched_at[group])
    assert len(waited) > 2000
    assert 0.9 < np.median(waited) < 3
    assert np.mean(np.array(waited) < 0.5) < 0.2


def test_promotions_lower_the_price_and_raise_the_launches(
    shop: StagedLogs, goods: Goods, demand: Demand
) -> None:
    counts = launches_of_days(shop)
    can_be_had = demand.weight > -np.inf
    promoted, others = can_be_had & demand.promoted, can_be_had & ~demand.promoted
    assert counts[promoted].mean() > 2 * counts[others].mean()
    price = np.array([fact.group_price for fact in facts_of(shop)])
    lower = price < goods.group_price - 0.05
    assert lower.tolist() == demand.promoted[-1].tolist()
    assert lower.sum() > 5


def test_friends_live_in_one_city_mostly_and_a_few_people_do_not_want_to_be_asked(
    shop: StagedLogs,
) -> None:
    people = [shop.user_attributes[user] for user in range(len(shop.users))]
    city = np.array([fact.city for fact in people])
    assert np.mean(city[shop.friendships[:, 0]] == city[shop.friendships[:, 1]]) > 0.6
    share = np.sum(np.unique(city, return_counts=True)[1] ** 2) / len(city) ** 2
    assert share < 0.25  # strangers
    assert sum(fact.contactable is False for fact in people) == 45
    assert 0.2 < np.mean([fact.tags is not None for fact in people]) < 0.6


@pytest.mark.parametrize("seed", [1, 7])
def test_counts_that_fade_forecast_the_next_month_better_than_counts_of_all_time(seed: int) -> None:
    found = over_time(draw_demo(3000, seed, "en", NOW), END)
    assert found.of_all_time > 0.08  # chance is 0.052
    assert found.halving[30] > found.of_all_time + 0.02
    assert found.halving[60] > found.of_all_time + 0.01
    assert 0.3 < found.repeats < 0.6
    assert 0.05 < found.new < 0.15


def test_a_third_of_all_launches_are_repeats(shop: StagedLogs) -> None:
    stands = shop.status != FAILED
    pairs = shop.initiator[stands].astype(np.int64) * len(shop.items) + shop.item[stands]
    assert 0.3 < 1 - len(np.unique(pairs)) / len(pairs) < 0.6
