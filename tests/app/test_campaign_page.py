"""The page Campaign: several initiators or items at once, from the choice to the plan."""

import sqlite3
from collections import Counter

import pytest
from page_words import english, said

from app.text.numbers import expected_count
from db.queries import entities
from db.queries.shelf import not_contactable, read_shelf
from engine.track_record import read_track_records


def table(test):
    """The plan as the table that is taken away, one row an invitation."""
    [shown] = [frame.value for frame in test.dataframe]
    return shown.rename(
        columns={
            english(f"invitation.{name}"): name
            for name in ("launch", "initiator", "item", "invited", "track_record")
        }
    )


@pytest.fixture(scope="module")
def store(trained_store):
    return trained_store


@pytest.fixture(scope="module")
def initiators(store):
    return [person.id for person in entities.recent_initiators(store, 5)]


def test_before_anything_is_chosen_the_page_says_what_to_do(visit, trained):
    text = said(visit(trained, "campaign"))
    assert english("campaign.nothing.next") in text


def test_a_link_reopens_the_plan_and_each_initiator_gets_their_best_item(
    visit, trained, model, initiators
):
    test = visit(trained, "campaign", initiators=initiators, invite="4", limit="1")
    assert test.query_params["initiators"] == initiators
    plan = table(test)
    assert plan["initiator"].unique().tolist() == initiators
    for initiator, item in zip(plan["initiator"], plan["item"], strict=True):
        assert item == model.rank_items(initiator, top=1).results[0].id
    assert set(Counter(plan["launch"]).values()) == {4}
    assert max(Counter(plan["invited"]).values()) == 1
    assert (plan["invited"] != plan["initiator"]).all()
    assert english("campaign.division", limit=1) in said(test)


def test_among_chosen_items_each_initiator_gets_the_best_not_launched_yet(
    visit, trained, model, store, initiators
):
    items = entities.item_frame(store).index[:4].tolist()
    plan = table(visit(trained, "campaign", initiators=initiators, items=items))
    assert set(plan["item"]) <= set(items)
    for initiator, rows in plan.groupby("initiator"):
        best = model.rank_items(initiator, top=1, among=items).results[0]
        assert set(rows["item"]) == {best.id}


def test_items_alone_get_their_best_initiators(visit, trained, model, store):
    launched = entities.item_frame(store)["launches"]
    gone = read_shelf(store, model.moment.at).unavailable
    items = launched.drop([id for id in gone if id in launched]).nlargest(2).index.tolist()
    plan = table(visit(trained, "campaign", items=items, launches="2"))
    launches = plan.drop_duplicates("launch")
    assert Counter(launches["item"]) == Counter(items * 2)
    assert launches["initiator"].is_unique
    for item, rows in launches.groupby("item"):
        ranked = [r.id for r in model.rank_initiators(item, top=4, least_launches=1).results]
        assert set(rows["initiator"]) <= set(ranked)


def test_a_pasted_list_is_added_and_unknown_ids_are_named_and_skipped(visit, trained, initiators):
    test = visit(trained, "campaign")
    test.text_area(key="paste-initiators-0").set_value(
        f"{initiators[0]}, nobody-1\n{initiators[1]}"
    )
    test.button(key="take-initiators").click().run()
    assert english("campaign.initiators.unknown", ids="nobody-1") in said(test)
    assert test.query_params["initiators"] == initiators[:2]
    assert table(test)["initiator"].unique().tolist() == initiators[:2]
    test.multiselect(key="chips-initiators").set_value(initiators[1:2]).run()
    assert table(test)["initiator"].unique().tolist() == initiators[1:2]


def test_a_search_finds_items_and_a_click_chooses_one(visit, trained, store):
    item = entities.item_frame(store).index[7]
    test = visit(trained, "campaign")
    test.text_input(key="search-items").set_value(item).run()
    test.button_group(key="add-items").set_value(item).run()
    assert test.query_params["items"] == item
    assert english("campaign.plan") in said(test)


def test_unknown_ids_of_a_link_are_named(visit, trained, initiators):
    test = visit(trained, "campaign", initiators=[*initiators[:1], "gone"])
    assert english("campaign.initiators.unknown", ids="gone") in said(test)
    assert table(test)["initiator"].unique().tolist() == initiators[:1]


def test_more_than_one_campaign_takes_are_left_out_with_a_sentence(visit, trained, store):
    people = entities.random_initiators(store, 20, 1)
    many = [person.id for person in people if person.id not in not_contactable(store)][:12]
    test = visit(trained, "campaign", initiators=many, launches="5", invite="1")
    assert english("campaign.too_many.initiators", n=12, most=10) in said(test)
    assert table(test)["initiator"].nunique() == 10


def test_successes_are_the_track_records_added_up_and_no_joins_are_forecast(
    visit, trained, store, initiators
):
    test = visit(trained, "campaign", initiators=initiators[:3])
    launches = table(test).drop_duplicates("launch")
    records = read_track_records(store)
    assert launches["track_record"].tolist() == [records.of(i).rate for i in launches["item"]]
    figures = {metric.label: metric.value for metric in test.metric}
    assert set(figures) == {
        english(f"campaign.figure.{name}")
        for name in ("launches", "invitations", "people", "successes")
    }
    successes = expected_count(launches["track_record"].sum())
    assert figures[english("campaign.figure.successes")] == successes
    assert english("campaign.percentages") in said(test)


def test_a_shop_without_failed_groups_plans_without_track_records(visit, copied, initiators):
    connection = sqlite3.connect(copied.folder / "shop.db")
    connection.execute("DELETE FROM groups WHERE status = 1")
    connection.commit()
    connection.close()
    test = visit(copied, "campaign", initiators=initiators[:1])
    assert english("track_record.gap.no_failures") in said(test)
    assert "track_record" not in table(test)
    assert english("campaign.figure.successes") not in [metric.label for metric in test.metric]
