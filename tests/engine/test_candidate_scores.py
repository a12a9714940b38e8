"""A candidate's score does not depend on the other candidates, through ONNX and the engine."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shops import askable
from whole_shop import Shop

from db.logs import Logs
from db.read_logs import read_logs
from db.store import Store
from engine.recommender import Recommender

CLOSE = 1e-4


@pytest.fixture(scope="session")
def logs(trained: Shop) -> Logs:
    return read_logs(Store.open(trained.db))


def score(
    recommender: Recommender, task: str, logs: Logs, which: int, candidates: list[str]
) -> np.ndarray:
    initiator, item = logs.users.index[which], logs.items.index[which]
    if task == "items":
        return recommender.score_items(initiator, candidates)
    return recommender.score_participants(initiator, item, candidates)


def everyone(task: str, logs: Logs) -> list[str]:
    return list(logs.items.index if task == "items" else logs.users.index)


@pytest.mark.parametrize("task", ["items", "participants"])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_candidate_scores_the_same_alone_in_a_list_and_in_a_shuffled_list(
    recommender: Recommender, logs: Logs, task: str, data: st.DataObject
) -> None:
    known = [*everyone(task, logs), "unknown"]
    candidates = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=30))
    which = data.draw(st.integers(0, min(len(logs.users), len(logs.items)) - 1))
    shuffled = data.draw(st.permutations(range(len(candidates))))
    together = score(recommender, task, logs, which, candidates)
    again = score(recommender, task, logs, which, [candidates[k] for k in shuffled])
    np.testing.assert_allclose(again, together[list(shuffled)], atol=CLOSE)
    alone = [score(recommender, task, logs, which, [id])[0] for id in candidates]
    np.testing.assert_allclose(alone, together, atol=CLOSE)


@pytest.mark.parametrize("task", ["items", "participants"])
def test_the_ranking_is_the_order_of_the_exhaustive_score(
    recommender: Recommender, logs: Logs, task: str
) -> None:
    candidates = everyone(task, logs)
    for which in range(0, 100, 10):
        initiator = logs.users.index[which]
        if task == "items":
            ranking = recommender.rank_items(
                initiator, 10_000, exclude_launched=False, show_all=True
            )
        else:
            item = logs.items.index[which]
            ranking = recommender.rank_participants(initiator, item, 10_000)
        scores = dict(
            zip(candidates, score(recommender, task, logs, which, candidates), strict=True)
        )
        if task == "participants":
            scores = {id: scores[id] for id in askable(logs) if id != initiator}
        ranked = [result.id for result in ranking.results]
        assert sorted(ranked) == sorted(scores)
        in_order = np.array([scores[id] for id in ranked])
        assert (np.diff(in_order) <= CLOSE).all()
        np.testing.assert_allclose([r.score for r in ranking.results], in_order, atol=CLOSE)


def test_probabilities_follow_the_scores_and_stay_between_0_and_1(
    recommender: Recommender, logs: Logs
) -> None:
    for initiator in logs.users.index[:10]:
        results = recommender.rank_items(initiator, 10_000).results
        chances = np.array([result.probability for result in results])
        assert ((chances > 0) & (chances < 1)).all()
        assert (np.diff(chances) <= 1e-12).all()


def test_the_top_is_the_beginning_of_the_whole_list(recommender: Recommender, logs: Logs) -> None:
    initiator = logs.users.index[1]
    whole = recommender.rank_items(initiator, 10_000)
    for top in (1, 7, 50):
        assert recommender.rank_items(initiator, top).results == whole.results[:top]


def test_all_unknown_ids_score_alike(recommender: Recommender, logs: Logs) -> None:
    first = recommender.score_items("stranger", ["other", "milk?", "new"])
    assert len(set(first.tolist())) == 1
    assert recommender.score_items("anybody", ["other"])[0] == pytest.approx(first[0])


def test_threads_may_share_a_recommender(recommender: Recommender, logs: Logs) -> None:
    initiators = list(logs.users.index[:24])
    one_by_one = [recommender.rank_items(initiator, 5) for initiator in initiators]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda initiator: recommender.rank_items(initiator, 5), initiators)
        )
    assert [[r.id for r in ranking.results] for ranking in together] == [
        [r.id for r in ranking.results] for ranking in one_by_one
    ]
