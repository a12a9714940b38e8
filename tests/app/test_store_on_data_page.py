"""The Data page: the shop's clock, and what the store holds."""

import pytest
from page_words import english, said
from uploading import metrics, tab

from db.importing.pipeline import import_files
from db.queries.entities import store_counts
from db.shop_clock import ShopZone, shop_zone


@pytest.fixture
def page(visit, bare):
    """The Data page of an empty store."""
    return visit(bare, "data")


def test_the_shops_time_zone_is_shown_and_changed(page, bare):
    choice = next(box for box in page.selectbox if box.label == english("data.clock.zone"))
    choice.set_value("Asia/Seoul").run()
    page.button(key="zone-save").click().run()
    assert shop_zone(bare.store()) == ShopZone("Asia/Seoul", "said")
    assert "(Asia/Seoul, UTC+9)" in said(page).replace("\\", "")


def test_a_time_zone_that_the_administrator_set_is_shown_and_not_changed_here(
    visit, bare, monkeypatch
):
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Asia/Kathmandu")
    page = visit(bare, "data")
    assert "(UTC+5:45)" in said(page).replace("\\", "")
    assert english("data.clock.zone") not in [box.label for box in page.selectbox]


def test_what_the_store_holds_is_drawn(visit, stocked):
    test = tab(visit(stocked, "data"), "data.holdings")
    assert len(test.get("plotly_chart")) == 7
    rate = metrics(test)[english("data.success_rate")]
    held = store_counts(stocked.store())
    assert rate == f"{held.successful / (held.successful + held.failed):.1%}"


def test_a_store_without_times_and_names_says_what_is_missing(visit, bare, tmp_path):
    (tmp_path / "a.txt").write_text("1\t2\t3\n4\t5\n")
    import_files(bare.store(), [tmp_path / "a.txt"])
    test = tab(visit(bare, "data"), "data.holdings")
    text = said(test)
    assert english("holdings.undated", groups=2) in text
    assert english("holdings.coverage.nameless") in text
    assert english("holdings.friendless") in text
    assert len(test.get("plotly_chart")) == 4
