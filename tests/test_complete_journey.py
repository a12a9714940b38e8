"""The grocer's year as a log: what a launch is, what a household is asked about, and what counts know by then."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import complete_journey_log as log
from benchmarks.campaign_answers import concordance
from benchmarks.complete_journey import Window
from benchmarks.complete_journey_counts import Asked, DecayedCounts, Purchases, draw_lists
from db.importing.pipeline import import_files
from db.logs import SUCCESSFUL
from db.read_logs import read_logs
from db.store import Store


def line(household: int, product: int, at: str, **others: float) -> dict[str, object]:
    """A line of a receipt."""
    amounts = {"quantity": 2, "sales_value": 3.0, "retail_disc": 1.0, "coupon_match_disc": 0.0}
    ids = {"household_id": household, "product_id": product, "store_id": 7, "basket_id": 1}
    return {**ids, "transaction_timestamp": pd.Timestamp(at), **amounts, **others}


@pytest.fixture
def receipts(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    lines = pd.DataFrame(
        [
            line(4, 10, "2017-03-01 09:00:00"),
            line(4, 10, "2017-03-01 18:00:00"),
            line(4, 10, "2017-03-09 10:00:00", sales_value=2.0),
            line(4, 11, "2017-03-09 10:00:00"),
            line(8, 11, "2017-03-10 10:00:00"),
            line(8, 12, "2017-03-20 10:00:00"),
            line(5, 11, "2017-03-10 11:00:00"),  # no household of the one in four
            line(4, 10, "2018-01-01 02:00:00"),
        ]
    )
    products = pd.DataFrame(
        {
            "product_id": [10, 11, 12],
            "manufacturer_id": [69, 5, 5],
            "product_category": ["BREAD/ROLLS", "MILK", "MILK"],
            "product_type": ["WHITE", "SKIMMED", None],
            "package_size": ["20 OZ", None, None],
        }
    )
    tables = {"transactions": lines, "products": products}
    monkeypatch.setattr(log, "read_table", lambda name: tables[name].copy())
    return log.read_purchases(buyers=1)


def test_a_product_bought_twice_on_a_day_is_launched_once(receipts: pd.DataFrame) -> None:
    of_one = receipts[(receipts["household"] == "h4") & (receipts["product"] == "p10")]
    assert of_one["at"].tolist() == [
        pd.Timestamp("2017-03-01 09:00:00"),
        pd.Timestamp("2017-03-09 10:00:00"),
    ]
    assert of_one["first"].tolist() == [True, False]
    assert set(receipts["household"]) == {"h4", "h8"}


def test_prices_are_those_known_at_the_cut_and_of_a_new_product_those_of_its_first_day(
    receipts: pd.DataFrame,
) -> None:
    listed = log.item_list(receipts, pd.Timestamp("2017-03-05"))
    assert listed.loc["p10", ["price", "group_price"]].tolist() == [2.0, 1.5]
    assert listed.loc["p12", "group_price"] == 1.5
    assert listed.loc["p10", ["item_name", "category", "brand"]].tolist() == [
        "WHITE 20 OZ",
        "BREAD, ROLLS/WHITE",
        "maker 69",
    ]
    assert listed.loc["p12", "category"] == "MILK/Other"


def test_what_is_written_is_imported_as_groups_that_fill_as_they_are_launched(
    receipts: pd.DataFrame, tmp_path: Path
) -> None:
    log.write_log(receipts, tmp_path / "groups.csv")
    log.write_items(log.item_list(receipts, pd.Timestamp("2017-03-05")), tmp_path / "items.csv")
    store = Store.open(f"sqlite:///{tmp_path / 'shop.db'}")
    import_files(store, [tmp_path / "groups.csv"])
    import_files(store, [tmp_path / "items.csv"])
    logs = read_logs(store)
    assert (logs.group_status == SUCCESSFUL).all()
    assert logs.group_launched_at.astype(object).tolist() == receipts["at"].tolist()
    assert (logs.group_filled_at == logs.group_launched_at).all()
    assert logs.users.index[logs.join_participant].tolist() == receipts["store"].tolist()
    assert logs.items["group_price"].tolist() == [1.5, 1.5, 1.5]
    assert logs.items.loc["p10", "category"] == "BREAD, ROLLS/WHITE"


def test_first_times_are_asked_among_products_that_the_household_had_not_bought() -> None:
    frame = pd.DataFrame(
        {
            "household": ["h1"] * 60 + ["h2"] * 120,
            "product": [f"p{k}" for k in [*range(60), *range(120)]],
            "at": pd.date_range("2017-03-01", periods=180, freq="h"),
            "first": True,
        }
    )
    late = pd.DataFrame(
        {
            "household": "h1",
            "product": ["p119", "p3"],
            "at": pd.Timestamp("2017-04-01"),
            "first": [True, False],
        }
    )
    frame = pd.concat([frame, late], ignore_index=True)
    purchases = Purchases.of(frame, pd.Series("Food/Bread", index=frame["product"].unique()))
    since, until = np.datetime64("2017-04-01", "s"), np.datetime64("2017-04-29", "s")
    rng = np.random.default_rng(0)
    lists = draw_lists(purchases, since, until, Asked.FIRST, 10, rng)
    asked = purchases.products.to_numpy()[lists.candidates]
    assert asked[:, 0].tolist() == ["p119"]
    assert set(asked[0]) == {f"p{k}" for k in range(60, 120)}
    everything = draw_lists(purchases, since, until, Asked.ALL, 10, rng)
    assert purchases.products[everything.candidates[:, 0]].tolist() == ["p119", "p3"]


def test_counts_of_the_day_know_what_came_after_the_cut_and_no_line_of_the_same_basket(
    receipts: pd.DataFrame,
) -> None:
    purchases = Purchases.of(receipts)
    counts = DecayedCounts(purchases)
    cut = np.datetime64("2017-03-05", "s")
    lists = draw_lists(
        purchases, cut, cut + np.timedelta64(28, "D"), Asked.ALL, 9, np.random.default_rng(0)
    )
    launches = {}
    for daily in (False, True):
        window = Window(cut, 28, daily)
        known = counts.tables(lists, window.moments(purchases, lists)).launches[:, 0, -1]
        asked = receipts.iloc[lists.purchase][["household", "product"]].agg(" ".join, axis=1)
        launches[daily] = dict(zip(asked, known.tolist(), strict=True))
    assert launches[False] == {"h4 p10": 1, "h4 p11": 0, "h8 p11": 0, "h8 p12": 0}
    assert launches[True] == {"h4 p10": 1, "h4 p11": 0, "h8 p11": 1, "h8 p12": 0}


def test_a_fact_is_judged_among_those_invited_to_the_same_campaign() -> None:
    answered = np.array([True, False, True, False])
    campaign = np.array([1, 1, 2, 2])
    assert concordance(answered, np.array([2.0, 1.0, 12.0, 11.0]), campaign) == 1
    assert concordance(answered, np.array([1.0, 1.0, 11.0, 12.0]), campaign) == 0.25
