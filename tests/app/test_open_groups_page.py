"""The page Open groups: which groups are short of participants, in which order, and whom to invite next."""

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from page_words import english, said, unmarked

from app.groups.open_groups import sort_groups, split_by_deadline
from app.text.numbers import date_and_time, percent, whole_percent
from db.queries.groups import open_groups
from db.queries.known_shop import known_shop_at
from engine.moment import current_moment
from engine.recommender import Recommender
from engine.track_record import TrackRecords, read_track_records


def figures(test):
    return {metric.label: metric.value for metric in test.metric}


def listed(test, ids):
    """The groups on the page, in their order."""
    captions = [unmarked(str(caption.value)) for caption in test.caption]
    return [id for caption in captions for id in ids if caption.endswith(f" · {id}")]


@pytest.fixture(scope="module")
def store(trained):
    return trained.store()


@pytest.fixture(scope="module")
def groups(store):
    found = open_groups(store)
    assert len(found) > 3, "the demo shop has open groups"
    return found


@pytest.fixture
def altered(trained, tmp_path):
    """A trained shop of one's own, changed by statements."""

    def changed(statement):
        shutil.copytree(trained.models.parent, tmp_path / "copy")
        connection = sqlite3.connect(tmp_path / "copy" / "shop.db")
        connection.executescript(statement)
        connection.commit()
        connection.close()
        return replace(
            trained,
            db=f"sqlite:///{tmp_path / 'copy' / 'shop.db'}",
            models=str(tmp_path / "copy" / "models"),
        )

    return changed


def test_old_logs_show_running_groups_and_from_when_time_is_counted(visit, trained, groups):
    test = visit(trained, "open_groups")
    text = said(test)
    end = date_and_time(pd.Timestamp(current_moment(trained.store()).at), "en")
    assert english("moment.end.what", time=end) in text
    assert figures(test)[english("open.short")] == str(len(groups))
    assert figures(test)[english("open.expired")] == "0"
    assert listed(test, groups["group"]) == groups["group"].tolist()[:10]
    assert english("share.participants.lead") in text


def test_on_a_picked_day_the_groups_that_were_open_then_are_shown_with_the_time_left_then(
    visit, trained
):
    store, at = trained.store(), np.datetime64("2025-06-20", "s")
    were_open = known_shop_at(store, at).open_groups(store)
    running = split_by_deadline(were_open, pd.Timestamp(at)).running
    assert len(running) > 3
    test = visit(trained, "open_groups", as_of="2025-06-20")
    assert english("moment.picked", time="20 Jun 2025") in said(test)
    assert figures(test)[english("open.short")] == str(len(running))
    assert (
        listed(test, running["group"])
        == sort_groups(running, "deadline", TrackRecords({}))["group"].tolist()[:10]
    )


def test_deadlines_count_on_the_shops_clock_wherever_the_browser_is(
    visit, trained, groups, monkeypatch
):
    # The same moment is 08:00 in Shanghai and 14:00 on the day before in Honolulu.
    moment = datetime(2025, 7, 2, 0, 0, tzinfo=UTC)

    class Now(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    monkeypatch.setattr("db.shop_clock.datetime", Now)
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Asia/Shanghai")
    assert "2 Jul 2025 08:00" in said(visit(trained, "open_groups"))
    monkeypatch.setenv("MAMGBR_TIMEZONE", "Pacific/Honolulu")
    assert "1 Jul 2025 14:00" in said(visit(trained, "open_groups"))


def test_neither_those_who_have_joined_nor_the_initiator_are_invited(visit, trained, groups):
    joined = groups.index[groups["joined"] > 0][0]
    first = groups.loc[[joined]].iloc[0]
    recommender = Recommender.open(trained.store(), models=trained.models)
    ranking = recommender.rank_participants(
        first["initiator"], first["item"], 20, first["participants"]
    )
    ids = {person.id for person in ranking.results}
    assert not ids & {first["initiator"], *first["participants"]}
    text = said(visit(trained, "open_groups", invite="3"))
    people = ranking.results[:3]
    for person in people:
        share = english("share.participants", share=percent(person.probability))
        assert f"**{person.name}** · {share}" in text
    lists = [str(m.value) for m in visit(trained, "open_groups").markdown if "1. **" in m.value]
    assert all(entry.count("\n") == 9 for entry in lists)


def test_by_track_record_the_groups_of_items_that_did_best_come_first(visit, trained, groups):
    records = read_track_records(trained.store())
    rates = {row.group: records.of(row.item).rate for row in groups.itertuples()}
    test = visit(trained, "open_groups", order="track_record")
    assert test.button_group(key="order").value == "track_record"
    best = sorted(rates, key=lambda group: -rates[group])
    assert listed(test, groups["group"]) == best[:10]


def test_each_group_shows_how_groups_for_its_item_ended_and_claims_no_more(visit, trained, groups):
    text = said(visit(trained, "open_groups"))
    records = read_track_records(trained.store())
    for item in groups["item"][:10]:
        record = records.of(item)
        counts = {"successes": record.successes, "closed": record.closed}
        assert english("track_record.card", rate=whole_percent(record.rate)) in text
        assert english("track_record.card.counts", **counts) in text
    assert english("track_record.note") in text
    assert english("track_record.whole_shop", shop=whole_percent(records.base_rate)) in text


def test_a_shop_without_failed_groups_says_why_it_has_no_track_records(visit, altered):
    shop = altered("DELETE FROM groups WHERE status = 1")
    test = visit(shop, "open_groups", order="track_record")
    text = said(test)
    assert english("track_record.gap.no_failures") in text
    assert english("track_record.note") not in text
    order = test.button_group(key="order")
    assert (order.value, len(order.options)) == ("deadline", 2)


def test_a_shop_without_open_groups_is_told_which_columns_to_upload(visit, altered):
    shop = altered("UPDATE groups SET status = 1 WHERE status = 2")
    text = said(visit(shop, "open_groups"))
    assert english("open.none") in text
    for column in ("status", "expires_at", "target_size"):
        assert f"`{column}`" in text


def test_thousands_of_groups_are_paged_and_only_those_on_the_page_are_ranked(
    visit, altered, monkeypatch
):
    shop = altered(
        "UPDATE groups SET status = 2, expires_at = launched_at + 200 * 86400;"
        "UPDATE items SET status = 'on', stock = 9, on_sale_until = NULL"
    )
    asked = []
    rank = Recommender.rank_participants

    def counted(self, *arguments, **words):
        asked.append(arguments)
        return rank(self, *arguments, **words)

    monkeypatch.setattr(Recommender, "rank_participants", counted)
    test = visit(shop, "open_groups", open_page="2", show_all="True")
    running = figures(test)[english("open.short")]
    assert int(running.replace(",", "")) > 100
    assert english("open.range", first=11, last=20, all=running) in said(test)
    assert len(asked) == 10


def test_groups_without_a_deadline_or_a_size_say_so(visit, altered):
    shop = altered("UPDATE groups SET expires_at = NULL WHERE status = 2")
    text = said(visit(shop, "open_groups"))
    assert english("open.no_deadlines") in text
    assert english("open.no_deadline") in text
