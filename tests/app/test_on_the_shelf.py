"""What cannot be had is in no list, unless all is shown, with the reason; who must not be asked is never in one."""

from collections import Counter

import pytest
from page_words import english, said

from db.importing.edits import ItemEdit, UserEdit, edit_items, edit_users
from db.queries.entities import recent_initiators
from db.queries.groups import open_groups
from db.queries.shelf import read_shelf, why_not
from engine.recommender import Recommender


@pytest.fixture
def shop(copied):
    """A shop whose recent initiator's first two items are sold out and hidden: shop, initiator, items, a third."""
    store = copied.store()
    initiator = recent_initiators(store, 1)[0].id
    model = Recommender.open(store, models=copied.models)
    first, second, third = (result.id for result in model.rank_items(initiator, top=3).results)
    edit_items(store, [ItemEdit(first, stock=0), ItemEdit(second, status="hidden")])
    return copied, initiator, (first, second), third


def rows(test, kind="item"):
    return [
        b.key.removeprefix(f"{kind}-") for b in test.button if str(b.key).startswith(f"{kind}-")
    ]


def line(left_out, one="shelf.left_out.one", many="shelf.left_out"):
    reasons = [english(f"shelf.reason.{reason}", n=n) for reason, n in left_out.items()]
    total = sum(left_out.values())
    return english(one if total == 1 else many, n=total, reasons=", ".join(reasons))


def ranked(shop, initiator, **words):
    return Recommender.open(shop.store(), models=shop.models).rank_items(initiator, **words)


def test_a_list_leaves_out_what_cannot_be_had_and_shows_it_with_its_reason_if_asked_to(visit, shop):
    trained, initiator, gone, third = shop
    test = visit(trained, initiator=initiator)
    assert rows(test)[0] == third
    assert not set(gone) & set(rows(test))
    left_out = ranked(trained, initiator).left_out
    assert {"sold_out", "hidden"} <= set(left_out)
    assert line(left_out) in said(test)
    test.toggle(key="show_all").set_value(True).run()
    everything = ranked(trained, initiator, show_all=True).results
    assert rows(test) == [one.id for one in everything]
    assert any(one.unavailable for one in everything)
    assert " since " in said(test)
    assert test.query_params["show_all"] == ["True"] or test.query_params["show_all"] == "True"


def test_an_edit_shows_at_the_next_redraw_without_counting_evidence_anew(visit, shop, monkeypatch):
    trained, initiator, gone, third = shop
    test = visit(trained, initiator=initiator)
    opened = []
    monkeypatch.setattr(Recommender, "open", lambda *_, **__: opened.append(1))
    edit_items(trained.store(), [ItemEdit(gone[0], stock=5)])
    assert rows(test.run())[:2] == [gone[0], third]
    assert not opened


def test_an_item_of_a_link_that_cannot_be_had_is_shown_with_its_reason(visit, shop):
    trained, initiator, gone, _ = shop
    for address in ({"initiator": initiator}, {"start": "item"}):
        text = said(visit(trained, item=gone[0], **address))
        assert "It has been sold out since" in text
        assert english("shelf.opened") in text
    assert english("shelf.opened") in said(visit(trained, "why", item=gone[1], initiator=initiator))


def test_one_click_hides_an_item_from_all_lists_and_its_undo_brings_it_back(visit, shop):
    trained, initiator, _, third = shop
    test = visit(trained, initiator=initiator)
    test.button(key=f"never.item-{third}").click().run()
    assert third not in rows(test)
    assert line(ranked(trained, initiator).left_out) in said(test)
    test.button(key="never-undo").click().run()
    assert rows(test)[0] == third


def test_who_must_not_be_asked_is_in_no_list_from_one_click_on_even_where_all_is_shown(visit, shop):
    trained, initiator, _, third = shop
    test = visit(trained, initiator=initiator, item=third, show_all="True")
    person = rows(test, "participant")[0]
    test.button(key=f"never.user-{person}").click().run()
    assert person not in rows(test, "participant")
    test = visit(trained, initiator=person)
    assert english("unasked.opened") in said(test)


def test_whoever_must_not_be_asked_is_found_and_marked_and_not_offered(visit, shop):
    trained, initiator, _, _ = shop
    edit_users(trained.store(), [UserEdit(initiator, contactable=False)])
    test = visit(trained)
    names = test.button_group(key="offer-recent").options
    assert not any(english("unasked.badge") in name for name in names)
    test.text_input(key="search").set_value(initiator).run()
    assert english("unasked.badge") in " ".join(test.button_group(key="found").options)
    campaign = visit(trained, "campaign", initiators=initiator)
    assert english("campaign.no_launch.shelf") in said(campaign)


def test_a_campaign_leaves_out_chosen_items_that_cannot_be_had_and_names_them(visit, shop):
    trained, _, gone, third = shop
    test = visit(trained, "campaign", items=[gone[0], third])
    text = said(test)
    assert line({"sold_out": 1}) in text
    table = test.dataframe[0].value
    assert set(table[english("invitation.item")]) == {third}
    assert set(table[english("invitation.availability")]) == {english("shelf.available")}
    assert english("invitation.as_of") in table


def invitations(test):
    """How many groups of the page have people to invite."""
    return sum("1. **" in str(entry.value) for entry in test.markdown)


def test_nobody_is_suggested_for_an_open_group_whose_item_cannot_be_had(visit, copied):
    store = copied.store()
    groups = open_groups(store)
    edit_items(store, [ItemEdit(groups["item"].iloc[0], status="off")])
    model = Recommender.open(store, models=copied.models)
    gone = read_shelf(store, model.moment.at).unavailable
    of_first = [item in gone for item in groups["item"][:10]]
    assert of_first[0]
    test = visit(copied, "open_groups")
    text = said(test)
    left_out = Counter(why_not(gone[item]) for item in groups["item"] if item in gone)
    assert line(left_out, "open.left_out.one", "open.left_out") in text
    assert english("open.nobody") in text
    assert "It has been off the shelf since" in text
    assert invitations(test) == of_first.count(False)
    assert invitations(visit(copied, "open_groups", show_all="True")) == len(of_first)
