"""The demo shop is believable, is imported once, and has something to learn."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select

from db.demo.generate import draw_demo, load_demo
from db.errors import InputError
from db.importing.history import import_history, undo_import
from db.logs import FAILED, OPEN, SUCCESSFUL, Logs
from db.queries.entities import store_counts
from db.queries.groups import logged_span, open_groups
from db.queries.search import search_users
from db.read_logs import data_version, read_logs
from db.schema import groups
from db.store import Store

UNTIL = date(2025, 6, 30)
NOW = pd.Timestamp("2025-06-30 21:00")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The default demo, read only."""
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('demo')}/store.db")
    load_demo(store, language="zh", until=UNTIL)
    return store


def test_the_shop_has_names_prices_friends_and_groups_of_every_status(shop: Store) -> None:
    held = store_counts(shop)
    assert (held.users, held.items, held.groups) == (3000, 400, 15_000)
    assert (held.named_users, held.named_items) == (3000, 400)
    assert held.friendships > 5000
    assert min(held.successful, held.failed) > 2000
    assert held.open > 30
    logs = read_logs(shop)
    assert logs.items[["category", "price", "group_price", "min_participants"]].notna().all().all()
    assert (logs.items["group_price"] < logs.items["price"]).all()
    assert np.bincount(logs.join_group).max() >= 5
    assert (logs.group_status[logs.join_group] != FAILED).all()


def test_open_groups_expire_after_the_end_of_the_logs_and_failed_ones_before(shop: Store) -> None:
    logs = read_logs(shop)
    end = logs.group_launched_at.max()
    assert logged_span(shop)[1] == end
    waiting = open_groups(shop)
    assert (waiting["expires_at"] > end).all()
    assert (waiting["missing"] > 0).all()
    assert (logs.group_launched_at.min() > end - np.timedelta64(190, "D")).all()
    with shop.read() as connection:
        latest_failure = connection.execute(
            select(func.max(groups.c.expires_at)).where(groups.c.status == FAILED)
        ).scalar_one()
    assert np.datetime64(latest_failure, "s") <= end + np.timedelta64(3, "h")


def test_no_initiator_joins_their_own_group_and_nobody_joins_twice() -> None:
    shop = draw_demo(300, 3, "en", NOW)
    assert (shop.initiator[shop.member_group] != shop.member).all()
    pairs = np.stack([shop.member_group, shop.member])
    assert len(np.unique(pairs, axis=1).T) == len(shop.member)


def test_the_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    one, same, other = (draw_demo(100, seed, "en", NOW) for seed in (1, 1, 2))
    assert (one.user_attributes, one.item_attributes) == (
        same.user_attributes,
        same.item_attributes,
    )
    assert np.array_equal(one.member, same.member)
    assert one.user_attributes != other.user_attributes


def test_the_demo_is_imported_once(store: Store) -> None:
    first = load_demo(store, users=60, until=UNTIL)
    version = data_version(store)
    again = load_demo(store, users=60, until=UNTIL)
    assert (first.made, again.made, again.import_id) == (True, False, first.import_id)
    assert (data_version(store), len(import_history(store))) == (version, 1)
    undo_import(store, first.import_id)
    assert store_counts(store).users == 0
    assert load_demo(store, users=60, until=UNTIL).made
    with pytest.raises(InputError, match="do not mix"):
        load_demo(store, users=60, until=date(2025, 7, 1))
    with pytest.raises(InputError, match="cannot have 3 users"):
        load_demo(store, users=3)


def test_users_are_found_by_their_nicknames(shop: Store) -> None:
    assert "豆豆" in search_users(shop, "doudou")[0].name


def reciprocal_rank(scores: NDArray[np.float64]) -> float:
    """The reciprocal rank of the first candidate; ties share the mean of their ranks."""
    better, equal = (scores > scores[0]).sum(), (scores[1:] == scores[0]).sum()
    return float(1 / (1 + better + equal / 2))


def split(logs: Logs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the successful groups of the first five months, and of 800 later ones."""
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
