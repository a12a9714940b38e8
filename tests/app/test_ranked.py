"""A ranked list follows the filters, keeps the engine's order and belongs to ids."""

import pandas as pd
import pytest

from app.recommending.tables import Filters, items_table, participants_table, rank_filtered
from db.queries.ties import Tie
from engine.results import Ranked, Ranking, Reason
from engine.track_record import TrackRecords

ITEMS = pd.DataFrame(
    {
        "name": [f"item {k}" for k in range(300)],
        "category": ["milk", "toys", None] * 100,
        "price": [float(k) for k in range(300)],
        "group_price": [None if k % 2 else k / 2 for k in range(300)],
        "successes": range(300),
    },
    index=[f"P{k}" for k in range(300)],
).astype({"group_price": float})


RECORDS = TrackRecords({"P0": (3, 1)})


def ranked(k, probability, reasons=()):
    return Ranked(k + 1, f"P{k}", f"item {k}", 0.0, probability, list(reasons), newcomer=k == 1)


class Engine:
    """Ranks P0, P1, ... in this order and remembers how long the lists were that it gave."""

    def __init__(self):
        self.lengths = []

    def __call__(self, top):
        self.lengths.append(top)
        results = [ranked(k, 1 - k / 300) for k in range(min(top, 300))]
        return Ranking("v", "u", False, None, False, results, candidates=300)


def test_without_filters_one_ranking_is_enough():
    engine = Engine()
    _, kept = rank_filtered(engine, Filters(), ITEMS, 20)
    assert engine.lengths == [20]
    assert [result.id for result in kept] == [f"P{k}" for k in range(20)]


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        (Filters(categories=("toys",)), lambda k: k % 3 == 1),
        (Filters(price=(50, 60)), lambda k: 50 <= (k if k % 2 else k / 2) <= 60),
        (Filters(minimum_probability=0.9), lambda k: 1 - k / 300 >= 0.9),
        (
            Filters(categories=("milk",), price=(0, 20), minimum_probability=0.5),
            lambda k: k % 3 == 0 and (k if k % 2 else k / 2) <= 20 and k <= 150,
        ),
    ],
)
def test_a_filter_shows_the_best_of_all_items_that_pass_and_nothing_else(filters, passes):
    _, kept = rank_filtered(Engine(), filters, ITEMS, 20)
    assert [result.id for result in kept] == [f"P{k}" for k in range(300) if passes(k)][:20]


def test_a_filter_does_not_change_the_engines_ranks():
    _, kept = rank_filtered(Engine(), Filters(categories=("toys",)), ITEMS, 3)
    assert [result.rank for result in kept] == [2, 5, 8]


def test_the_table_has_names_and_marks_cold_items():
    results = [ranked(0, 0.5, [Reason("a", {}, "sold well")]), ranked(1, 0.4)]
    table = items_table(results, ITEMS, RECORDS, str, "newcomer")
    assert list(table["name"]) == ["item 0", "item 1 · newcomer"]
    assert list(table["reasons"]) == ["sold well", ""]
    assert not table.isin(["P0", "P1"]).any().any()


def test_a_shop_of_bare_ids_shows_no_empty_columns():
    bare = ITEMS.assign(category=None, price=float("nan"), group_price=float("nan"))
    table = items_table([ranked(0, 0.5)], bare, TrackRecords({"P0": (3, 0)}), str, "newcomer")
    assert list(table.columns) == ["rank", "name", "launch_share", "successes", "reasons"]


def test_the_table_has_each_items_track_record_and_the_groups_behind_it():
    table = items_table([ranked(0, 0.5), ranked(1, 0.4)], ITEMS, RECORDS, str, "newcomer")
    base_rate = 3 / 4
    assert list(table["closed"]) == [4, 0]
    assert list(table["track_record"]) == pytest.approx([(3 + 4 * base_rate) / 8, base_rate])


def test_an_item_missing_from_the_store_is_still_shown():
    gone = Ranked(1, "gone", "gone", 0.0, 0.5, [], newcomer=False)
    table = items_table([gone], ITEMS, RECORDS, str, "newcomer")
    assert list(table["successes"]) == [0]


def test_participants_have_their_tie():
    table = participants_table([ranked(0, 0.5), ranked(2, 0.4)], {"P2": "friends"}, str, "n")
    assert list(table.columns) == ["rank", "name", "spot_share", "tie", "reasons"]
    assert list(table["tie"]) == ["", "friends"]


def test_a_stranger_has_no_tie():
    assert Tie() == Tie(friends=False, joined_initiator=0, initiator_joined=0, together=0)
