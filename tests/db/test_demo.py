"""The demo shop is believable, is imported once, and has something to learn."""

import re
from dataclasses import asdict
from datetime import date

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select

from db.demo.generate import draw_demo, load_demo
from db.errors import InputError
from db.importing.history import import_history, undo_import
from db.importing.staged import StagedLogs
from db.logs import FAILED, OPEN, SUCCESSFUL, Logs
from db.queries.entities import store_counts
from db.queries.groups import logged_span, open_groups
from db.queries.search import search_users
from db.read_logs import data_version, read_logs
from db.schema import groups
from db.shop_clock import set_shop_zone, shop_now
from db.store import Store

UNTIL = date(2025, 6, 30)
NOW = pd.Timestamp("2025-06-30 21:00")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The default demo, read only."""
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('demo')}/store.db")
    load_demo(store, until=UNTIL)
    return store


def test_the_shop_has_names_prices_friends_and_groups_of_every_status(shop: Store) -> None:
    held = store_counts(shop)
    assert (held.users, held.items) == (3000, 450)
    assert (held.named_users, held.named_items) == (3000, 450)
    assert 14_900 < held.groups <= 15_000
    assert held.friendships > 5000
    assert min(held.successful, held.failed) > 2000
    assert held.open > 30
    logs = read_logs(shop)
    stated = ["category", "price", "group_price", "min_participants", "brand", "status", "stock"]
    assert logs.items[[*stated, "on_sale_from"]].notna().all().all()
    assert logs.users[["city", "contactable"]].notna().all().all()
    assert (logs.items["group_price"] < logs.items["price"]).all()
    assert np.bincount(logs.join_group).max() >= 5
    assert (logs.group_status[logs.join_group] != FAILED).all()


def test_open_groups_expire_after_the_end_of_the_logs_and_failed_ones_before(shop: Store) -> None:
    logs = read_logs(shop)
    end = np.datetime64(NOW, "s")
    span = logged_span(shop)
    assert span is not None
    assert span[1] == logs.group_launched_at.max()
    assert end - np.timedelta64(3, "h") < span[1] < end
    waiting = open_groups(shop)
    assert (waiting["expires_at"] > end).all()
    assert (waiting["missing"] > 0).all()
    assert np.timedelta64(400, "D") < end - logs.group_launched_at.min() < np.timedelta64(421, "D")
    with shop.read() as connection:
        latest_failure = connection.execute(
            select(func.max(groups.c.expires_at)).where(groups.c.status == FAILED)
        ).scalar_one()
    assert np.datetime64(latest_failure, "s") <= end


def test_groups_fill_when_their_last_seat_is_taken_and_friends_join_within_hours(
    shop: Store,
) -> None:
    logs = read_logs(shop)
    full = logs.group_status == SUCCESSFUL
    assert (np.isnat(logs.group_filled_at) == ~full).all()
    assert (logs.group_filled_at[full] <= logs.group_expires_at[full]).all()
    latest = np.full(len(full), "NaT", "datetime64[s]")
    np.fmax.at(latest, logs.join_group, logs.join_at)
    assert (latest[full] == logs.group_filled_at[full]).all()
    waited = logs.join_at - logs.group_launched_at[logs.join_group]
    assert (waited > np.timedelta64(0, "s")).all()
    assert np.median(waited) < np.timedelta64(12, "h")
    assert logs.join_at.max() < np.datetime64(NOW, "s")


def test_no_initiator_joins_their_own_group_and_nobody_joins_twice() -> None:
    shop = draw_demo(300, 3, "en", NOW)
    assert (shop.initiator[shop.member_group] != shop.member).all()
    pairs = np.stack([shop.member_group, shop.member])
    assert len(np.unique(pairs, axis=1).T) == len(shop.member)


def test_the_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    one, same, other = (draw_demo(100, seed, "en", NOW) for seed in (1, 1, 2))
    assert same_facts(one, same)
    assert same_groups(one, same)
    assert not same_facts(one, other)
    assert not same_groups(one, other)


def same_facts(one: StagedLogs, other: StagedLogs) -> bool:
    return (one.user_attributes, one.item_attributes) == (
        other.user_attributes,
        other.item_attributes,
    )


def same_groups(one: StagedLogs, other: StagedLogs) -> bool:
    names = ("launched_at", "initiator", "item", "status", "member", "joined_at", "filled_at")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_the_shop_is_the_same_in_english_and_in_chinese_but_for_its_words() -> None:
    english, chinese = draw_demo(200, 5, "en", NOW), draw_demo(200, 5, "zh", NOW)
    assert (english.users, english.items) == (chinese.users, chinese.items)
    assert same_groups(english, chinese)
    han = re.compile("[\u4e00-\u9fff]")
    for user in range(200):
        one, other = english.user_attributes[user], chinese.user_attributes[user]
        assert one.contactable == other.contactable
        assert (one.tags is None) == (other.tags is None)
        assert not han.search(f"{one.name} {one.city} {one.tags}")
        assert han.search(str(other.name))
        assert han.search(str(other.city))
    for item, one_item in english.item_attributes.items():
        words = ("name", "category", "brand")
        other_item = chinese.item_attributes[item]
        assert not any(han.search(getattr(one_item, word)) for word in words)
        assert all(han.search(getattr(other_item, word)) for word in words)
        for name, value in asdict(one_item).items():
            assert name in words or getattr(other_item, name) == value
    assert len({fact.name for fact in english.user_attributes.values()}) == 200
    assert len({fact.name for fact in english.item_attributes.values()}) == len(english.items)


def test_the_shop_of_the_morning_is_what_was_known_of_the_evenings_in_the_morning() -> None:
    morning = draw_demo(100, 1, "en", pd.Timestamp("2025-06-30 09:00"))
    evening = draw_demo(100, 1, "en", NOW)
    count = len(morning.group_id)
    assert 0 < len(evening.group_id) - count < 10
    assert np.array_equal(morning.launched_at, evening.launched_at[:count])
    assert np.array_equal(morning.item, evening.item[:count])
    closed = morning.status != OPEN
    assert np.array_equal(morning.status[closed], evening.status[:count][closed])
    assert same_facts(morning, evening)


def test_the_demo_is_imported_once(store: Store) -> None:
    first = load_demo(store, users=60, until=UNTIL)
    version = data_version(store)
    again = load_demo(store, users=60, until=UNTIL)
    assert (first.made, again.made, again.import_id) == (True, False, first.import_id)
    assert (data_version(store), len(import_history(store))) == (version, 1)
    for other in ({"until": date(2025, 7, 1)}, {"until": UNTIL, "language": "zh"}, {}):
        with pytest.raises(InputError, match="do not mix"):
            load_demo(store, users=60, **other)
    undo_import(store, first.import_id)
    assert store_counts(store).users == 0
    assert load_demo(store, users=60, until=UNTIL).made
    with pytest.raises(InputError, match="cannot have 3 users"):
        load_demo(store, users=3)


def test_without_a_day_the_logs_end_now_on_the_shops_clock(sqlite_store: Store) -> None:
    set_shop_zone(sqlite_store, "Asia/Shanghai")
    before = shop_now(sqlite_store)
    made = load_demo(sqlite_store, users=1000)
    after = shop_now(sqlite_store)
    span = logged_span(sqlite_store)
    assert span is not None
    assert before - pd.Timedelta(days=1) < span[1] < after
    assert (open_groups(sqlite_store)["expires_at"] > before.floor("s")).all()
    if before.date() == after.date():
        assert load_demo(sqlite_store, users=1000).import_id == made.import_id


def test_users_are_found_by_their_nicknames(sqlite_store: Store) -> None:
    load_demo(sqlite_store, users=300, language="zh", until=UNTIL)
    assert "豆豆" in search_users(sqlite_store, "doudou")[0].name


def reciprocal_rank(scores: NDArray[np.float64]) -> float:
    """The reciprocal rank of the first candidate; ties share the mean of their ranks."""
    better, equal = (scores > scores[0]).sum(), (scores[1:] == scores[0]).sum()
    return float(1 / (1 + better + equal / 2))


def split(logs: Logs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the first five sixths of the successful groups, and of 800 later ones."""
    successful = np.flatnonzero(logs.group_status == SUCCESSFUL)
    cut = np.quantile(successful, 0.83)
    return successful[successful <= cut], successful[successful > cut][:800]


def test_taste_predicts_the_next_launch_better_than_popularity(shop: Store) -> None:
    logs = read_logs(shop)
    past, held_out = split(logs)
    rng = np.random.default_rng(0)
    category = pd.factorize(logs.items["category"])[0]
    stock = len(logs.items)
    popularity = np.bincount(logs.group_item[past], minlength=stock)
    liked = np.zeros((len(logs.users), category.max() + 1))
    np.add.at(liked, (logs.group_initiator[past], category[logs.group_item[past]]), 1)
    by_popularity, by_taste = [], []
    for group in held_out:
        candidates = np.array([logs.group_item[group], *rng.integers(0, stock, 9)])
        share = (liked[logs.group_initiator[group]] + 0.5)[category[candidates]]
        by_popularity.append(reciprocal_rank(popularity[candidates]))
        by_taste.append(reciprocal_rank(share * (popularity[candidates] + 1)))
    assert np.mean(by_popularity) > 0.35  # chance is 0.293
    assert np.mean(by_taste) > np.mean(by_popularity) + 0.05


def test_the_circle_predicts_who_joins_better_than_activity(shop: Store) -> None:
    logs = read_logs(shop)
    past, held_out = split(logs)
    rng = np.random.default_rng(0)
    people = len(logs.users)
    known = np.isin(logs.join_group, past)
    activity = np.bincount(logs.join_participant[known], minlength=people)
    together = set(map(tuple, logs.friendships.tolist()))
    together |= {(b, a) for a, b in together}
    launched = logs.group_initiator[logs.join_group[known]].tolist()
    together |= set(zip(launched, logs.join_participant[known].tolist(), strict=True))
    by_activity, by_circle = [], []
    for group in held_out:
        joined = logs.join_participant[logs.join_group == group][0]
        candidates = np.array([joined, *rng.integers(0, people, 9)])
        initiator = int(logs.group_initiator[group])
        tie = np.array([(initiator, int(user)) in together for user in candidates])
        by_activity.append(reciprocal_rank(activity[candidates]))
        by_circle.append(reciprocal_rank(tie * 1000 + activity[candidates]))
    assert np.mean(by_circle) > np.mean(by_activity) + 0.2


def test_open_groups_are_the_groups_with_the_open_status(shop: Store) -> None:
    logs = read_logs(shop)
    assert len(open_groups(shop)) == (logs.group_status == OPEN).sum()
