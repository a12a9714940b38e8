"""Reasons are true, and name what raises the score."""

from collections.abc import Sequence
from string import Formatter

import numpy as np
import pytest
from recount import Recount
from shops import TinyShop
from whole_shop import Shop

from db.read_logs import read_logs
from db.store import Store
from engine.evidence.graphs import Graphs
from engine.explain.facts import Fact, item_facts, participant_facts
from engine.explain.reasons import FACT_COLUMNS, SENTENCES
from engine.explain.timed_facts import TIMED_FACT_FAMILIES
from engine.loading import load_bundle
from engine.recommender import Recommender


def counted(shop: TinyShop) -> Graphs:
    evidence = load_bundle(shop.folder, threads=1).evidence
    assert evidence is not None
    return evidence.graphs


def by_kind(facts: Sequence[Fact]) -> dict[str, dict[str, int]]:
    return {fact.kind: fact.counts for fact in facts}


def test_facts_about_items_are_counted_from_the_logs(tiny_shop: TinyShop) -> None:
    graphs = counted(tiny_shop)
    logs = tiny_shop.tiny.logs
    ann = logs.users.index.get_loc("ann")
    facts = item_facts(graphs, ann, np.arange(len(logs.items)))
    by_item = dict(zip(logs.items.index, map(by_kind, facts), strict=True))
    # ann's circle: bea and cai by groups, dan by declaration
    assert by_item["wipes"] == {
        "joined_by_circle": {"people": 1},  # bea
        "launched_by_circle": {"people": 2},  # cai and dan
        "failed_before": {"times": 1},
        "popular": {"times": 3, "filled": 67},
        # milk and wipes by bea, dan and eve; book and wipes by bea and cai; without ann
        "goes_with_launched": {"people": 3},
        "goes_with_circle": {"people": 4, "circle": 2},
    }
    assert by_item["milk"]["launched_before"] == {"times": 1}
    assert by_item["milk"]["popular"] == {"times": 2, "filled": 100}
    # ann's open group for toys is not counted, eve's failed one is; eve alone joined milk as well,
    # which is too little to say that they go together
    assert by_item["toys"] == {"popular": {"times": 1, "filled": 0}}


def test_facts_about_participants_are_counted_from_the_logs(tiny_shop: TinyShop) -> None:
    graphs = counted(tiny_shop)
    users, items = (
        list(frame.index) for frame in (tiny_shop.tiny.logs.users, tiny_shop.tiny.logs.items)
    )
    everybody = np.arange(len(users))
    facts = participant_facts(graphs, users.index("ann"), items.index("wipes"), everybody)
    by_person = dict(zip(users, map(by_kind, facts), strict=True))
    assert by_person["bea"] == {
        "joined_initiators_groups": {"groups": 2},
        "joined_item": {"times": 1},
        "circle_chose": {"people": 2},  # ann tried, cai launched
        "common_circle": {"people": 1},  # cai
        "shared_items": {"items": 3},
        "active": {"groups": 3},
        "near_joined": {"people": 3},  # milk, as ann, dan and eve did
    }
    assert "friend" in by_person["dan"]
    assert by_person["dan"]["launched_item"] == {"times": 1}
    assert "common_circle" not in by_person["eve"] or by_person["eve"]["common_circle"] == {
        "people": 1
    }


def test_the_cold_start_row_has_no_facts(tiny_shop: TinyShop) -> None:
    graphs = counted(tiny_shop)
    cold_start = np.array([graphs.items])
    assert item_facts(graphs, 0, cold_start) == [[]]
    assert participant_facts(graphs, 0, 0, np.array([graphs.users])) == [[]]
    assert by_kind(item_facts(graphs, graphs.users, np.array([0]))[0]).keys() == {"popular"}


def test_only_what_raises_the_score_is_a_reason(tiny_shop: TinyShop) -> None:
    # This model reads nothing but joined_before and friend.
    recommender = tiny_shop.open()
    by_item = {r.id: r.reasons for r in recommender.rank_items("bea").results}
    assert {item: [r.text for r in reasons] for item, reasons in by_item.items()} == {
        "book": ["Joined a group for this item before"],
        "milk": ["Joined a group for this item before"],
        "wipes": ["Joined a group for this item before"],
        "toys": [],
    }
    people = recommender.rank_participants("ann", "milk").results
    assert [[r.text for r in p.reasons] for p in people] == [
        ["A declared friend of the initiator"],
        [],
        [],
        [],
    ]


def test_every_reason_of_a_trained_model_is_true(trained: Shop, recommender: Recommender) -> None:
    logs = read_logs(Store.open(trained.db))
    assert recommender.moment is not None
    recount = Recount(logs, recommender.moment.at)
    kinds: set[str] = set()
    for initiator in logs.users.index[:40]:
        ranking = recommender.rank_items(initiator, top=15, exclude_launched=False)
        for result in ranking.results:
            assert len(result.reasons) <= 3
            for reason in result.reasons:
                kinds.add(reason.kind)
                assert recount.of_items(initiator, result.id, reason), (
                    initiator,
                    result.id,
                    reason,
                )
        item = ranking.results[0].id
        for person in recommender.rank_participants(initiator, item, top=15).results:
            assert len(person.reasons) <= 3
            for reason in person.reasons:
                kinds.add(reason.kind)
                true = recount.of_participants(initiator, item, person.id, reason)
                assert true, (initiator, item, person.id, reason)
    assert len(kinds) >= 10, f"hardly any kind of reason was seen: {kinds}"


def test_the_reasons_of_a_candidate_do_not_depend_on_its_neighbours(
    trained: Shop, recommender: Recommender
) -> None:
    initiator = read_logs(Store.open(trained.db)).users.index[3]
    few = recommender.rank_items(initiator, top=3, exclude_launched=False).results
    many = recommender.rank_items(initiator, top=200, exclude_launched=False).results
    assert [result.reasons for result in few] == [result.reasons for result in many[:3]]
    for result in few:
        explained = recommender.explain(initiator, result.id)
        assert explained.tasks[0].reasons == result.reasons


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_sentence_with_a_count_has_one_for_a_count_of_1(kind: str) -> None:
    blanks = {name for _, name, _, _ in Formatter().parse(SENTENCES[kind]) if name}
    if kind.endswith("_one"):
        many = SENTENCES[kind.removesuffix("_one")]
        assert blanks <= {name for _, name, _, _ in Formatter().parse(many) if name}
        return
    if kind != "new_here":
        every = [*FACT_COLUMNS.values(), *TIMED_FACT_FAMILIES.values()]
        assert kind in set().union(*every)
    uncounted = ("goes_with", "near", "rising", "in_season", "discount")  # at least 5 of them
    if blanks - {"item", "day"} and not kind.startswith(uncounted):
        assert f"{kind}_one" in SENTENCES
