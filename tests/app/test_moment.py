"""The moment as of which the pages rank: now, the end of the logs, or a day that somebody picked."""

import sqlite3

import numpy as np
import pandas as pd
import pytest
from page_words import english, said, unmarked

from app.text.numbers import date_and_time
from db.queries.known_shop import known_shop_at
from engine.moment import Moment, current_moment
from engine.recommender import Recommender

DAY = "2025-06-10"
RANKING = ("recommend", "open_groups", "campaign", "why")


def names(test):
    labels = [unmarked(entry.label) for entry in test.button]
    return [label for label in labels if label[:1].isdigit()]


@pytest.fixture(scope="module")
def initiator(trained):
    return known_shop_at(trained.store(), np.datetime64(DAY, "s")).recent_initiators(1)[0].id


def test_lists_of_a_picked_day_know_only_what_had_happened_and_the_page_says_so(
    visit, trained, initiator
):
    moment = Moment(np.datetime64(DAY, "s"))
    then = Recommender.open(trained.store(), models=trained.models, as_of=moment)
    now = Recommender.open(trained.store(), models=trained.models)
    test = visit(trained, initiator=initiator, as_of=DAY)
    text = said(test)
    expected = [f"{one.rank}. {one.name}" for one in then.rank_items(initiator).results]
    assert names(test) == expected
    assert expected != [f"{one.rank}. {one.name}" for one in now.rank_items(initiator).results]
    assert english("moment.picked", time="10 Jun 2025") in text
    assert english("moment.picked.what") in text
    card = known_shop_at(trained.store(), moment.at).user_card(initiator)
    assert next(m for m in test.metric if m.label == english("card.launches")).value == str(
        card.launches
    )


def test_one_click_leads_back_to_the_current_moment(visit, trained, initiator):
    test = visit(trained, initiator=initiator, as_of=DAY)
    test.button(key="moment-back").click().run()
    assert "as_of" not in test.query_params
    at = date_and_time(pd.Timestamp(current_moment(trained.store()).at), "en")
    assert english("moment.end.what", time=at) in said(test)


def test_a_day_picked_in_the_sidebar_is_in_the_address_and_stays_on_every_page_that_ranks(
    visit, trained
):
    test = visit(trained)
    test.date_input[0].set_value(pd.Timestamp(DAY).date()).run()
    assert test.query_params["as_of"] == DAY
    for page in RANKING[1:]:
        test.query_params.clear()
        test.switch_page(f"views/{page}.py").run()
        assert english("moment.picked", time="10 Jun 2025") in said(test)
        assert test.query_params["as_of"] == [DAY] or test.query_params["as_of"] == DAY


@pytest.mark.parametrize(
    ("text", "sentence"), [("tomorrow", "is no moment"), ("1999-01-01", "the logs begin on")]
)
def test_a_wrong_moment_in_a_link_is_a_sentence_and_the_lists_are_current(
    visit, trained, text, sentence
):
    test = visit(trained, as_of=text)
    shown = said(test)
    assert sentence in shown
    assert text in shown
    at = date_and_time(pd.Timestamp(current_moment(trained.store()).at), "en")
    assert english("moment.end.what", time=at) in shown


def test_logs_without_times_have_no_moment_to_choose_and_nothing_is_said_of_it(visit, copied):
    connection = sqlite3.connect(copied.folder / "shop.db")
    connection.execute("UPDATE groups SET launched_at = NULL, filled_at = NULL, expires_at = NULL")
    connection.execute("UPDATE group_members SET joined_at = NULL")
    connection.commit()
    connection.close()
    for page in RANKING:
        test = visit(copied, page)
        assert not test.date_input
        assert "as of" not in said(test).lower()
    assert english("open.no_deadlines") in said(visit(copied, "open_groups"))


def test_bestsellers_are_those_that_had_sold_best_by_then(visit, trained):
    known = known_shop_at(trained.store(), np.datetime64(DAY, "s"))
    counts = known.item_counts().sort_values(
        ["successes", "launches"], ascending=False, kind="stable"
    )
    test = visit(trained, start="item", as_of=DAY)
    offered = test.button_group(key="items-popular")
    best = visit(trained, start="item").button_group(key="items-popular")
    assert len(offered.options) == len(best.options) == 6
    first = visit(trained, start="item", item=counts.index[0], as_of=DAY)
    launches = next(m for m in first.metric if m.label == english("card.launches")).value
    assert launches == str(counts["launches"].iloc[0])
