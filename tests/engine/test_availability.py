"""Lists leave out what cannot be had and never name people who do not want to be asked."""

import json
from pathlib import Path

import numpy as np
import pytest
from shops import TinyShop

from db.importing.edits import ItemEdit, UserEdit, edit_items, edit_users
from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.queries import shelf
from db.queries.shelf import why_not
from db.read_logs import read_logs
from db.store import Store
from engine import availability
from engine.availability import LoggedAvailability, StoredAvailability
from engine.cli.command import main
from engine.moment import Moment
from engine.recommender import Recommender
from engine.results import Ranked, Ranking


@pytest.fixture
def shop(tiny_shop: TinyShop, monkeypatch: pytest.MonkeyPatch) -> TinyShop:
    """The tiny shop, with the settings pointing at it; milk is sold out, wipes are off, bea is not to be asked."""
    monkeypatch.setenv("MAMGBR_DB", f"sqlite:///{tiny_shop.store.path}")
    monkeypatch.setenv("MAMGBR_MODELS", str(tiny_shop.models))
    say(tiny_shop.store)
    return tiny_shop


def say(store: Store) -> None:
    edit_items(store, [ItemEdit("milk", stock=0), ItemEdit("wipes", status="off")])
    edit_users(store, [UserEdit("bea", contactable=False)])


def ids(results: list[Ranked]) -> list[str]:
    return [one.id for one in results]


def items(recommender: Recommender, show_all: bool = False) -> Ranking:
    return recommender.rank_items("bea", exclude_launched=False, show_all=show_all)


def test_what_cannot_be_had_is_left_out_and_counted_by_reason(shop: TinyShop) -> None:
    ranking = items(shop.open())
    assert ids(ranking.results) == ["book", "toys"]
    assert ranking.left_out == {"sold_out": 1, "off": 1}
    assert ranking.candidates == 2


def test_everything_is_shown_when_asked_with_the_reason_in_words(shop: TinyShop) -> None:
    ranking = items(shop.open(), show_all=True)
    assert ids(ranking.results) == ["book", "milk", "wipes", "toys"]
    unavailable = {one.id: one.unavailable for one in ranking.results if one.unavailable}
    assert {id: why_not(said) for id, said in unavailable.items()} == {
        "milk": "sold_out",
        "wipes": "off",
    }
    assert all(str(said).startswith("It has been ") for said in unavailable.values())
    assert ranking.left_out == {"sold_out": 1, "off": 1}


def test_an_item_asked_for_among_others_is_still_left_out(shop: TinyShop) -> None:
    ranking = shop.open().rank_items("bea", exclude_launched=False, among=["milk", "book"])
    assert ids(ranking.results) == ["book"]
    assert ranking.left_out == {"sold_out": 1}


def test_chances_are_those_given_that_it_is_something_that_can_be_had(
    shop: TinyShop, tiny_shop: TinyShop
) -> None:
    recommender = shop.open()
    for number in (4, 3):
        undo_import(shop.store, number)
    before = {one.id: one.probability for one in items(recommender).results}
    say(shop.store)
    shown = {one.id: one.probability for one in items(recommender, show_all=True).results}
    listed = {one.id: one.probability for one in items(recommender).results}
    assert listed == {id: shown[id] for id in ("book", "toys")}
    if recommender.manifest.calibration["items"].normalised:
        rest = before["book"] + before["toys"]
        assert sum(listed.values()) == pytest.approx(1)
        assert listed["book"] == pytest.approx(before["book"] / rest)
        assert shown["milk"] == pytest.approx(before["milk"] / (rest + before["milk"]))


def test_a_recommender_that_is_open_heeds_an_edit_and_its_undo(shop: TinyShop) -> None:
    recommender = shop.open()
    assert ids(items(recommender).results) == ["book", "toys"]
    edit = edit_items(shop.store, [ItemEdit("book", status="hidden")])
    assert ids(items(recommender).results) == ["toys"]
    assert edit.import_id is not None
    undo_import(shop.store, edit.import_id)
    assert ids(items(recommender).results) == ["book", "toys"]


def test_the_shelf_is_read_once_as_long_as_the_shop_says_nothing_new(
    shop: TinyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads = shelf.read_shelf, []
    monkeypatch.setattr(availability, "read_shelf", lambda *all: reads.append(all) or read(*all))
    recommender = shop.open()
    for _ in range(3):
        items(recommender)
    assert len(reads) == 1
    edit_items(shop.store, [ItemEdit("milk", stock=3)])
    items(recommender)
    items(recommender)
    assert len(reads) == 2


def test_whoever_does_not_want_to_be_asked_is_in_no_list_whatever_the_moment(
    shop: TinyShop,
) -> None:
    for moment in (None, "2025-06-05"):
        as_of = None if moment is None else availability.Moment.parse(moment)
        recommender = Recommender.open(shop.store, models=shop.models, as_of=as_of)
        participants = recommender.rank_participants("ann", "book")
        initiators = recommender.rank_initiators("book", exclude_launched=False)
        assert "bea" not in ids(participants.results) + ids(list(initiators.results))
        assert participants.left_out == initiators.left_out == {"not_contactable": 1}


def test_people_who_do_not_want_to_be_asked_keep_their_share_because_they_may_join_unasked(
    tiny_shop: TinyShop,
) -> None:
    recommender = tiny_shop.open()
    before = {
        one.id: one.probability for one in recommender.rank_participants("ann", "milk").results
    }
    edit_users(tiny_shop.store, [UserEdit("bea", contactable=False)])
    after = {
        one.id: one.probability for one in recommender.rank_participants("ann", "milk").results
    }
    assert after == {id: chance for id, chance in before.items() if id != "bea"}


def test_lists_for_an_item_that_cannot_be_had_say_so(shop: TinyShop) -> None:
    recommender = shop.open()
    for listed in (
        recommender.rank_participants("ann", "milk"),
        recommender.rank_initiators("milk", exclude_launched=False),
        recommender.explain("ann", "milk", "bea"),
    ):
        assert listed.item_unavailable is not None
        assert why_not(listed.item_unavailable) == "sold_out"
    assert recommender.rank_participants("ann", "book").item_unavailable is None


def test_an_explanation_ranks_among_what_can_be_had(shop: TinyShop) -> None:
    explained = shop.open().explain("ann", "milk", "bea")
    assert [(task.rank, task.candidates) for task in explained.tasks] == [(2, 3), (2, 4)]
    assert str(explained.participant_unasked) == "They do not want to be asked."


def test_logs_in_memory_know_their_shelf(shop: TinyShop) -> None:
    from db.read_logs import read_logs

    ranking = shop.open().over(read_logs(shop.store)).rank_items("bea", exclude_launched=False)
    assert ids(ranking.results) == ["book", "toys"]
    assert ranking.left_out == {"sold_out": 1, "off": 1}


def test_rankings_in_json_say_what_is_available_and_why_not(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["rank-items", "--initiator", "bea", "--include-launched", "--show-all", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert {one["id"]: one["available"] for one in shown["results"]} == {
        "book": True,
        "milk": False,
        "wipes": False,
        "toys": True,
    }
    reasons = {one["id"]: one["reason"] for one in shown["results"] if not one["available"]}
    assert reasons["milk"].startswith("It has been sold out since ")
    assert (shown["left_out"], shown["as_of"]) == (
        {"sold_out": 1, "off": 1},
        "2025-06-08T10:00:01",
    )
    main(["rank-participants", "--initiator", "ann", "--item", "milk", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["item_available"] is False
    assert shown["item_reason"].startswith("It has been sold out since ")
    assert shown["left_out"] == {"not_contactable": 1}
    main(["explain", "--initiator", "ann", "--item", "milk", "--participant", "bea", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert (shown["item_available"], shown["participant_available"]) == (False, False)


def test_tables_say_what_they_leave_out_and_how_to_see_it(
    shop: TinyShop, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["rank-items", "--initiator", "bea", "--include-launched"]
    main(ask)
    shown = capsys.readouterr().out
    assert "Ranked as of 2025-06-08 10:00:01." in shown
    assert (
        "2 items cannot be had and are left out: 1 sold out, 1 off the shelf. "
        "--show-all lists them, too." in shown
    )
    main([*ask, "--show-all"])
    shown = capsys.readouterr().out
    assert "2 items cannot be had: 1 sold out, 1 off the shelf." in shown
    assert "It has been sold out since " in shown
    main(["rank-initiators", "--item", "milk"])
    shown = capsys.readouterr().out
    assert "Item milk cannot be had: it has been sold out since " in shown
    assert "1 person does not want to be asked and is left out." in shown
    main(["explain", "--initiator", "ann", "--item", "milk", "--participant", "bea"])
    shown = capsys.readouterr().out
    assert "Item milk cannot be had: it has been sold out since " in shown
    assert "No list names bea: they do not want to be asked." in shown


def test_a_sale_that_begins_is_noticed_while_the_recommender_is_open(
    tiny_shop: TinyShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "items.csv").write_text("item,on sale from\nmilk,2025-06-10 09:00:00\n")
    import_files(tiny_shop.store, [tmp_path / "items.csv"])
    clock = [np.datetime64("2025-06-10T08:59:59", "s")]
    monkeypatch.setattr(
        availability, "current_moment", lambda store: availability.Moment(clock[0], picked=False)
    )
    recommender = tiny_shop.open()
    assert items(recommender).left_out == {"not_yet": 1}
    clock[0] += np.timedelta64(1, "s")
    assert items(recommender).left_out == {}


def test_logs_in_memory_and_the_store_agree_on_what_counts_as_gone(
    store: Store, tmp_path: Path
) -> None:
    logs = tmp_path / "groups.csv"
    logs.write_text(
        "group_id,initiator,item,participants,status,launched_at\n"
        "G1,ann,milk,bea,successful,2023-01-01 10:00:00\n"
        "G2,ann,book,bea,failed,2024-05-30 10:00:00\n"
        "G3,ann,toys,bea,successful,2023-01-01 10:00:00\n"
        "G4,ann,wipes,bea,successful,2025-06-01 10:00:00\n"
    )
    import_files(store, [logs])
    edit_items(store, [ItemEdit("toys", status="on")])
    moment = Moment.parse("2025-06-02")
    stored = StoredAvailability(store, moment).current().shelf.unavailable
    logged = LoggedAvailability(read_logs(store), moment).current().shelf.unavailable
    assert {id: why_not(said) for id, said in stored.items()} == {"milk": "dormant"}
    assert logged == stored
