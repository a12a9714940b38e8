"""Recommend from an item: who should launch it, what is shown of each, and where a click leads."""

import io
import sqlite3

import pandas as pd
import pytest
from page_words import button, english, said

from app.model_quality import order_alone
from app.recommending.tables import initiators_table
from app.text.numbers import percent
from app.text.reasons import reason_text
from db.logs import Task
from db.queries import entities
from db.queries.entities import UserCard
from engine.recommender import Recommender
from engine.results import RankedInitiator, Reason


@pytest.fixture(scope="module")
def item(trained_store):
    """The second most launched item."""
    return entities.item_frame(trained_store)["launches"].nlargest(2).index[1]


@pytest.fixture(scope="module")
def ranking(model, item):
    """What the page shows until somebody changes its filters."""
    return model.rank_initiators(item, 10, least_launches=1)


def listed(test):
    return [
        b.key.removeprefix("initiator-") for b in test.button if str(b.key).startswith("initiator-")
    ]


def test_the_switch_goes_to_the_item_and_back_and_the_address_follows(visit, trained):
    test = visit(trained)
    test.button_group(key="start").set_value("item").run()
    assert test.query_params["start"] == "item"
    assert english("initiators.item.none") in said(test)
    test.button_group(key="start").set_value("initiator").run()
    assert "start" not in test.query_params
    assert english("initiator.none") in said(test)


def test_an_item_is_found_by_id_name_and_initials_and_chosen(visit, trained, trained_store, item):
    name = entities.entity_names(trained_store, "items", [item])[item]
    for text in (item, name, name[:4]):
        test = visit(trained, start="item")
        test.text_input(key="item_search").set_value(text).run()
        pills = test.button_group(key="items-found")
        assert name in " ".join(pills.options)
        pills.set_value(item).run()
        assert test.query_params["item"] == item
        assert english("initiators.title") in [header.value for header in test.header]


def test_a_search_that_finds_no_item_says_so(visit, trained):
    test = visit(trained, start="item")
    test.text_input(key="item_search").set_value("*no*item*").run()
    assert english("initiators.search.none", text="*no*item*") in said(test)


def test_the_list_is_the_engines_with_reasons_and_cards_and_says_what_its_percentages_are(
    visit, trained, item, ranking, monkeypatch
):
    monkeypatch.setattr("app.text.reasons.language", lambda: "en")
    test = visit(trained, start="item", item=item)
    assert listed(test) == [result.id for result in ranking.results]
    text = said(test)
    assert english("initiators.read") in text
    for result in ranking.results[:3]:
        assert all(reason_text(reason) in text for reason in result.reasons)
        assert english("initiators.fact.launches", n=result.launches) in text
    bars = [bar.proto.text for bar in test.get("progress")]
    assert bars == [
        english("share.items", share=percent(result.probability)) for result in ranking.results
    ]


def test_no_participants_are_ranked_to_draw_the_initiators(visit, trained, item, monkeypatch):
    """The page used to rank all users for each initiator, for a chance that the group fills."""
    asked = []
    monkeypatch.setattr(Recommender, "rank_participants", lambda *all: asked.append(all))
    visit(trained, start="item", item=item)
    assert asked == []


def test_the_track_record_of_an_item_leaves_out_its_open_groups(visit, trained, trained_store):
    items = entities.item_frame(trained_store)
    closed = items["successes"] + items["failures"]
    item = (items["launches"] - closed).idxmax()
    assert items["launches"][item] > closed[item] > 0
    base_rate = items["successes"].sum() / closed.sum()
    rate = (items["successes"][item] + 4 * base_rate) / (closed[item] + 4)
    figures = {one.label: one for one in visit(trained, start="item", item=item).metric}
    shown = figures[english("track_record.label")]
    assert shown.value == f"{rate:.0%}"
    assert f"{items['successes'][item]} of {closed[item]} finished groups" in shown.help


def test_an_item_of_a_shop_without_failed_groups_says_why_it_has_no_track_record(
    visit, copied, item
):
    connection = sqlite3.connect(copied.folder / "shop.db")
    connection.execute("DELETE FROM groups WHERE status = 1")
    connection.commit()
    connection.close()
    test = visit(copied, start="item", item=item)
    assert english("track_record.gap.no_failures") in said(test)
    assert english("track_record.label") not in [one.label for one in test.metric]


def test_rough_percentages_are_called_rough(visit, trained, model, item):
    rough = order_alone(model.manifest, Task.ITEMS, model.question)
    assert (english("share.order") in said(visit(trained, start="item", item=item))) == rough


def test_a_click_opens_the_initiators_recommendations_at_the_item_with_the_same_model(
    visit, trained, model, item, ranking, trained_store
):
    test = visit(trained, start="item", item=item, model=model.version)
    test.button(key=f"initiator-{ranking.results[0].id}").click().run()
    address = test.query_params
    assert (address["initiator"], address["item"]) == (ranking.results[0].id, item)
    assert address["model"] == model.version
    assert "start" not in address
    name = entities.entity_names(trained_store, "items", [item])[item]
    assert english("participants.title", item=name) in said(test)
    test.button(key="other_initiators").click().run()
    assert test.query_params["start"] == "item"
    assert listed(test) == [result.id for result in ranking.results]


def test_filters_let_in_initiators_who_have_launched_the_item_or_nothing_at_all(
    visit, trained, model, item
):
    test = visit(trained, start="item", item=item)
    test.toggle(key="leave_out_launchers").set_value(False).run()
    test.selectbox(key="least_launches").set_value(0).run()
    everybody = model.rank_initiators(item, 10, exclude_launched=False)
    assert listed(test) == [result.id for result in everybody.results]


def test_a_filter_that_nobody_passes_says_what_to_do(visit, trained, trained_store, monkeypatch):
    items = entities.item_frame(trained_store)
    monkeypatch.setattr("app.recommending.ranked_initiators.LAUNCH_MINIMUMS", (0, 1, 100_000))
    test = visit(trained, start="item", item=items.index[0])
    test.selectbox(key="least_launches").set_value(100_000).run()
    assert english("initiators.none.next") in said(test)


def test_an_item_that_is_not_in_the_store_is_a_sentence(visit, trained):
    text = said(visit(trained, start="item", item="nothing"))
    assert english("initiators.item.unknown.next", id="nothing") in text


def test_an_item_new_since_the_training_is_marked(visit, copied, tmp_path):
    (tmp_path / "new.csv").write_text("团长,商品,团员\nU100001,P-new,n2\n", encoding="utf-8")
    copied.import_file(tmp_path / "new.csv")
    test = visit(copied, start="item", item="P-new")
    assert f":gray-badge[{english('new_to_model')}]" in said(test)


def test_the_table_of_initiators_has_what_their_cards_show():
    card = UserCard("u1", "Ann", 4, 2, 1, 1, 3, 0, 5, pd.Timestamp("2025-06-01"))
    reasons = [Reason("a", {}, "one"), Reason("b", {}, "two")]
    results = [
        RankedInitiator(1, "u1", "Ann", 1.0, 0.25, reasons, newcomer=False, launches=4),
        RankedInitiator(2, "u2", "u2", 0.5, 0.125, [], newcomer=True, launches=0),
    ]
    table = initiators_table(results, {"u1": card, "u2": None}, str, "new", str)
    assert list(table["name"]) == ["Ann", "u2 · new"]
    assert list(table["launch_share"]) == [0.25, 0.125]
    assert "fill" not in table
    assert table.loc[0, "success_rate"] == pytest.approx(2 / 3)  # the open group is undecided
    assert pd.isna(table.loc[1, "success_rate"])
    assert table.loc[0, "reasons"] == "one; two"
    again = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert list(again.columns) == list(table.columns)


# The list of items keeps its filters in the address


def test_a_link_reopens_the_list_as_it_was_filtered(visit, trained, model, trained_store):
    initiator = entities.recent_initiators(trained_store, 1)[0].id
    items = entities.item_frame(trained_store)
    category = items["category"].iloc[0]
    chosen = {"leave_out": "false", "categories": category, "least": "0.10%", "length": "10"}
    test = visit(trained, initiator=initiator, **chosen)
    everything = model.rank_items(initiator, 10_000, exclude_launched=False).results
    wanted = [
        f"item-{result.id}"
        for result in everything
        if items.loc[result.id, "category"] == category and result.probability >= 0.001
    ]
    assert [b.key for b in test.button if str(b.key).startswith("item-")] == wanted[:10]
    said_once = f"{category} · {english('filter.in_force.least', chance='0.10%')}"
    assert english("filter.in_force", filters=said_once) in said(test)


def test_the_length_is_in_the_address_as_a_number_in_every_language(visit, trained, item):
    test = visit(trained, start="item", item=item)
    test.button_group(key="launchers_length").set_value(20).run()
    assert test.query_params["launchers_length"] == "20"
    again = visit(trained, start="item", item=item, launchers_length="20", lang="zh")
    assert listed(again) == listed(test)
    assert len(listed(again)) == 20
    test.button_group(key="launchers_length").set_value(10).run()
    assert test.query_params["launchers_length"] == "10"


def test_active_filters_can_be_cleared_at_once(visit, trained, trained_store):
    initiator = entities.recent_initiators(trained_store, 1)[0].id
    test = visit(trained, initiator=initiator)
    before = [b.key for b in test.button if str(b.key).startswith("item-")]
    test.select_slider(key="least").set_value(0.5).run()
    assert english("items.none.next") in said(test)
    button(test, english("filter.clear")).click().run()
    assert [b.key for b in test.button if str(b.key).startswith("item-")] == before
