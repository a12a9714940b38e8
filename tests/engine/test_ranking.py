"""Rankings worked out by hand, over the tiny shop."""

from collections.abc import Callable

import numpy as np
import pytest
from shops import TinyShop
from tiny_bundle import write_tiny

from db.logs import Query, Task
from db.store import Store
from engine.candidates import Question
from engine.recommender import Recommender
from engine.results import Ranking


def ids(ranking: Ranking) -> list[str]:
    return [result.id for result in ranking.results]


def test_items_are_ordered_by_score_and_ties_by_id(tiny_shop: TinyShop) -> None:
    ranking = tiny_shop.open().rank_items("bea")  # joined milk, book and wipes: 0.5 each
    assert ids(ranking) == ["book", "milk", "wipes", "toys"]
    assert [result.score for result in ranking.results] == [0.5, 0.5, 0.5, 0.0]
    assert [result.rank for result in ranking.results] == [1, 2, 3, 4]
    assert ranking.candidates == 4
    assert not ranking.initiator_newcomer


def test_ties_at_the_end_of_the_list_are_broken_by_id(tiny_shop: TinyShop) -> None:
    assert ids(tiny_shop.open().rank_items("bea", top=2)) == ["book", "milk"]


def test_a_list_holds_at_most_all_candidates(tiny_shop: TinyShop) -> None:
    recommender = tiny_shop.open()
    assert len(ids(recommender.rank_items("bea", top=1000))) == 4
    assert ids(recommender.rank_items("bea", top=0)) == []


def test_probabilities_are_calibrated_against_all_candidates(tiny_shop: TinyShop) -> None:
    best = tiny_shop.open().rank_items("bea", top=1).results[0]
    share = 0.5 - np.log(3 * np.exp(0.5) + 1)
    assert best.probability == pytest.approx(1 / (1 + np.exp(-(0.5 * share + 0.25))))


def test_a_probability_is_a_share_of_the_items_that_the_initiator_may_still_launch(
    tiny_shop: TinyShop,
) -> None:
    tiny_shop.tiny.weights["items"] = np.array([3, 1, 2, 0, 0], np.float32)
    models = tiny_shop.models / "weighted"
    write_tiny(tiny_shop.tiny, models)
    recommender = Recommender.open(tiny_shop.store, models=models)
    # Ann has launched milk and book with success, and toys are still open: wipes alone are left, which failed.
    (wipes,) = recommender.rank_items("ann").results
    certain = 1 / (1 + np.exp(-0.25))  # a log-share of zero
    assert wipes.probability == pytest.approx(certain)
    # Asked for anything, it shares with what Ann has launched before.
    ranking = recommender.rank_items("ann", exclude_launched=False)
    again = next(result for result in ranking.results if result.id == "wipes")
    share = again.score - np.log(sum(np.exp(result.score) for result in ranking.results))
    assert again.probability == pytest.approx(1 / (1 + np.exp(-(0.5 * share + 0.25))))


def test_somebody_who_has_launched_everything_is_recommended_nothing_new(
    tiny_shop: TinyShop,
) -> None:
    recommender = tiny_shop.open()
    scorer = recommender.scorer(Task.ITEMS)
    everything = np.arange(scorer.size)
    scored = scorer.score_all(Query(0), everything, Question.NEW)
    assert (scored.probabilities(scored.scores) == 0).all()


def test_launched_items_are_left_out_unless_the_launch_failed(tiny_shop: TinyShop) -> None:
    recommender = tiny_shop.open()
    # milk and book succeeded, toys is open; wipes failed and may be tried again
    assert ids(recommender.rank_items("ann")) == ["wipes"]
    everything = recommender.rank_items("ann", exclude_launched=False)
    assert ids(everything) == ["book", "milk", "toys", "wipes"]


def test_items_ranked_among_a_few_keep_scores_and_probabilities_of_the_whole_list(
    tiny_shop: TinyShop,
) -> None:
    recommender = tiny_shop.open()
    whole = {result.id: result for result in recommender.rank_items("bea").results}
    few = recommender.rank_items("bea", among=["toys", " milk ", "unknown"])
    assert ids(few) == ["milk", "toys"]
    assert few.candidates == 2
    for result in few.results:
        assert result.score == whole[result.id].score
        assert result.probability == whole[result.id].probability
    assert ids(recommender.rank_items("ann", among=["milk", "wipes"])) == ["wipes"]
    assert ids(recommender.rank_items("bea", among=[])) == []


def test_an_item_without_a_name_is_called_by_its_id(tiny_shop: TinyShop) -> None:
    named = {result.id: result.name for result in tiny_shop.open().rank_items("bea").results}
    assert named == {"milk": "Milk powder", "book": "book", "wipes": "Wipes", "toys": "Toys"}


def test_participants_are_all_users_but_the_initiator(tiny_shop: TinyShop) -> None:
    ranking = tiny_shop.open().rank_participants("ann", "milk")
    assert ids(ranking) == ["dan", "bea", "cai", "eve"]  # dan is a declared friend: 1
    assert ranking.item == "milk"
    assert ranking.candidates == 4


def test_members_are_not_suggested_again(tiny_shop: TinyShop) -> None:
    ranking = tiny_shop.open().rank_participants("ann", "milk", exclude=["dan", " bea "])
    assert ids(ranking) == ["cai", "eve"]


def test_unknown_ids_are_ranked_by_the_cold_start_row(tiny_shop: TinyShop) -> None:
    recommender = tiny_shop.open()
    ranking = recommender.rank_items("nobody")
    assert ranking.initiator_newcomer
    assert ids(ranking) == ["book", "milk", "toys", "wipes"]
    ranking = recommender.rank_participants("nobody", "nothing")
    assert ranking.initiator_newcomer
    assert ranking.item_newcomer
    assert len(ranking.results) == 5


def test_spaces_around_an_id_are_ignored(tiny_shop: TinyShop) -> None:
    recommender = tiny_shop.open()
    assert recommender.rank_items(" bea\n") == recommender.rank_items("bea")
    assert recommender.explain(" bea", "milk ", " ann ").participant == "ann"


def test_users_and_items_that_came_after_the_training_are_ranked_and_marked(
    tiny_shop: TinyShop, import_later: Callable[[Store], None]
) -> None:
    import_later(tiny_shop.store)
    recommender = tiny_shop.open()
    ranking = recommender.rank_items("bea")
    assert ids(ranking) == ["book", "milk", "wipes", "cups", "toys"]
    cups = ranking.results[3]
    assert cups.newcomer
    assert [str(reason) for reason in cups.reasons] == ["New since the model was trained"]
    people = recommender.rank_participants("bea", "milk")
    assert {result.id for result in people.results if result.newcomer} == {"zoe", "yan"}


def test_a_model_without_evidence_ranks_by_its_vectors_alone(tiny_shop: TinyShop) -> None:
    tiny = tiny_shop.tiny
    tiny.evidence = False
    tiny.weights["items"] = np.array([3, 1, 2, 0, 0], np.float32)  # milk, book, wipes, toys
    models = tiny_shop.models / "bare"
    write_tiny(tiny, models)
    recommender = Recommender.open(tiny_shop.store, models=models)
    ranking = recommender.rank_items("bea")
    assert ids(ranking) == ["milk", "wipes", "book", "toys"]
    assert all(not result.reasons for result in ranking.results)
    assert recommender.explain("bea", "milk", "ann").tasks[1].score == 0
