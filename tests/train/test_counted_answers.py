"""What counts: successful launches make a best seller, and a list teaches only where its answer has a history."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from small_shops import ANN, BEA, BOOK, CAI, DAN, MILK, WIPES, logs_of, quick, random_shop

from db.logs import FAILED, OPEN, SUCCESSFUL, Task
from engine.evidence.graphs import Graphs
from train.benchmark.protocols import hold_out
from train.benchmark.systems import lambdamart
from train.benchmark.systems.counting import CountingSystem, Popularity
from train.evaluate.full_ranking import full_ranking_queries
from train.evaluate.sampled_ranking import CandidateLists

EVE, FAY = 4, 5
# Milk sells best: three launches filled, with one participant each. Book was launched once and joined by four.
# Wipes were launched most often, but failed or are still open.
SHOP = logs_of(
    6,
    3,
    [
        (ANN, MILK, SUCCESSFUL, [BEA]),
        (ANN, MILK, SUCCESSFUL, [BEA]),
        (CAI, MILK, SUCCESSFUL, [DAN]),
        (ANN, BOOK, SUCCESSFUL, [BEA, DAN, EVE, FAY]),
        (CAI, WIPES, FAILED, []),
        (CAI, WIPES, FAILED, []),
        (CAI, WIPES, FAILED, []),
        (ANN, WIPES, OPEN, [EVE]),
        (ANN, WIPES, OPEN, [EVE]),
    ],
)


@pytest.fixture
def popularity() -> CountingSystem:
    system = Popularity()
    system.graphs = Graphs.from_logs(SHOP)
    system.weights = {task: [1.0] for task in Task}
    return system


def test_best_sellers_are_the_items_with_the_most_successful_launches(
    popularity: CountingSystem,
) -> None:
    expected = np.log1p([3, 1, 0])
    one = np.array([0])
    listed = CandidateLists(Task.ITEMS, np.array([DAN]), None, np.array([[MILK, BOOK, WIPES]]), one)
    np.testing.assert_allclose(popularity.score(listed)[0], expected, rtol=1e-6)
    everyone = popularity.score_everyone(np.array([DAN]), None, 3)
    np.testing.assert_allclose(everyone[0], expected, rtol=1e-6)


def test_the_busiest_participants_are_those_with_the_most_joins(popularity: CountingSystem) -> None:
    expected = np.log1p([0, 3, 0, 2, 1, 1])  # Ann launched four times and joined nothing
    one, everybody = np.array([0]), np.arange(6)[None]
    listed = CandidateLists(Task.PARTICIPANTS, np.array([ANN]), np.array([MILK]), everybody, one)
    np.testing.assert_allclose(popularity.score(listed)[0], expected, rtol=1e-6)
    everyone = popularity.score_everyone(np.array([ANN]), np.array([MILK]), 6)
    np.testing.assert_allclose(everyone[0], expected, rtol=1e-6)


def test_the_popularity_of_what_is_recommended_counts_launches_of_items_and_joins_of_users() -> (
    None
):
    groups = {task: np.array([3]) for task in Task}
    queries = full_ranking_queries(SHOP, SHOP, Graphs.from_logs(SHOP), groups)
    np.testing.assert_allclose(queries[Task.ITEMS].popularity, np.log1p([3, 1, 0]), rtol=1e-6)
    np.testing.assert_allclose(
        queries[Task.PARTICIPANTS].popularity, np.log1p([0, 3, 0, 2, 1, 1]), rtol=1e-6
    )


def test_the_full_ranking_leaves_out_what_is_known_and_nothing_else() -> None:
    known = SHOP.with_groups(np.arange(9) != 3)  # without Ann's book
    groups = {task: np.array([3]) for task in Task}
    queries = full_ranking_queries(SHOP, known, Graphs.from_logs(known), groups)
    items, people = queries[Task.ITEMS], queries[Task.PARTICIPANTS]
    assert items.relevant.toarray().tolist() == [[0, 1, 0]]
    assert items.excluded.toarray().tolist() == [[1, 0, 1]]  # Ann's milk, and wipes, which are open
    assert people.relevant.toarray().tolist() == [[0, 1, 0, 1, 1, 1]]
    assert people.excluded.toarray().tolist() == [[1, 0, 0, 0, 0, 0]]  # Ann
    again = {task: np.array([1]) for task in Task}  # Ann's second milk; Bea joined the first
    queries = full_ranking_queries(
        SHOP, SHOP.with_groups(np.arange(9) != 1), Graphs.from_logs(SHOP), again
    )
    assert queries[Task.PARTICIPANTS].excluded.toarray().tolist() == [[1, 1, 0, 0, 0, 0]]
    cais = {task: np.array([2]) for task in Task}  # Cai failed with wipes, which may be tried again
    queries = full_ranking_queries(
        SHOP, SHOP.with_groups(np.arange(9) != 2), Graphs.from_logs(SHOP), cais
    )
    assert queries[Task.ITEMS].excluded.toarray().tolist() == [[0, 0, 0]]


@pytest.mark.parametrize("task", Task)
def test_lambdamart_grows_on_the_lists_whose_answer_has_a_history(
    monkeypatch: pytest.MonkeyPatch, task: Task
) -> None:
    read: list[lambdamart.Rows] = []

    class Remembered(lambdamart.Rows):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            read.append(self)

    no_trees = SimpleNamespace(num_trees=lambda: 0)
    monkeypatch.setattr(lambdamart, "Rows", Remembered)
    monkeypatch.setattr(lambdamart, "grow", lambda *_: (0.0, no_trees))
    holdout = hold_out(random_shop(users=240, items=120, groups=200), "sampled", quick(), 0)
    system = lambdamart.LambdaMart()
    system.prepare(holdout.known, holdout.split, 0)
    system.train((task,), lambdamart.OWN, lambda quality: None)
    examples = system.prepared.examples
    if task == Task.ITEMS:
        evidence, known = examples.item_evidence, examples.known[:, 0]
    else:
        evidence, known = examples.participant_evidence, examples.known[:, 1]
    assert 0 < known.sum() < len(known)
    training = read[0]
    found = training[0 : len(training)].reshape(known.sum(), training.width, -1)
    expected = evidence[known]
    np.testing.assert_allclose(
        found[..., : expected.shape[2]], expected, atol=2 * float(lambdamart.STEP)
    )
