"""The full ranking contains every candidate that is not known, and ranks the relevant answers as by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import ndcg_score, top_k_accuracy_score
from small_shops import five_groups, logs_of, quick, random_shop

from db.logs import FAILED, SUCCESSFUL, Metric, Task
from engine.evidence.graphs import Graphs
from train.benchmark.protocols import FULL_LIMITS, hold_out
from train.evaluate.full_ranking import (
    RankedAnswers,
    RankingQueries,
    full_metrics,
    full_ranking_queries,
    rank_all,
    rank_block,
    top_candidates,
)
from train.evaluate.metrics import rank_range

TASKS = tuple(Task)
ANN, BEA, CAI, DAN, EVE = range(5)
MILK, BOOK, WIPES, SOAP = range(4)

SHOP = logs_of(
    5,
    4,
    [
        (ANN, MILK, SUCCESSFUL, [BEA]),
        (ANN, BOOK, SUCCESSFUL, [BEA, CAI]),
        (ANN, SOAP, FAILED, []),
        (ANN, WIPES, SUCCESSFUL, [BEA, DAN]),
        (ANN, MILK, SUCCESSFUL, [BEA, DAN]),
    ],
)
FIRST_TIME, ONCE_MORE = 3, 4  # the test groups


def queries_of(group: int) -> dict[Task, RankingQueries]:
    """The queries of one test group; the logs without both test groups are known."""
    known = SHOP.with_groups(~np.isin(np.arange(5), [FIRST_TIME, ONCE_MORE]))
    groups = {task: np.array([group]) for task in Task}
    return full_ranking_queries(SHOP, known, Graphs.from_logs(known), groups)


def rank_ranges(queries: RankingQueries, *scores: float) -> list[tuple[int, int]]:
    """First and last rank of each relevant answer."""
    ranked = rank_block(np.array([scores], np.float32), queries)
    return list(zip(ranked.first.tolist(), ranked.last.tolist(), strict=True))


def random_queries(seed: int) -> tuple[RankingQueries, NDArray[np.float32]]:
    """Participants of a random shop's test groups, and scores with many ties."""
    holdout = hold_out(random_shop(seed), "full", quick(), seed)
    queries = holdout.queries["participants"]
    rng = np.random.default_rng(seed)
    return queries, rng.integers(0, 6, (len(queries), queries.candidates)).astype(np.float32)


def lists_without_the_known(
    queries: RankingQueries, scores: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """For each relevant answer: its score, then those of every candidate that is neither known nor relevant."""
    relevant, known = queries.relevant.toarray() > 0, queries.excluded.toarray() > 0
    return [
        np.concatenate([scores[[row], answer], scores[row][~relevant[row] & ~known[row]]])
        for row, answer in zip(*np.nonzero(relevant), strict=True)
    ]


def test_items_are_ranked_as_by_hand() -> None:
    queries = queries_of(FIRST_TIME)[
        "items"
    ]  # milk and book are known; soap failed and is not known
    assert rank_ranges(queries, 9, 9, 5, 7) == [(2, 2)]
    assert rank_ranges(queries, 9, 9, 5, 5) == [(1, 2)]
    assert rank_ranges(queries, 9, 9, 5, 3) == [(1, 1)]


def test_participants_are_ranked_as_by_hand() -> None:
    queries = queries_of(FIRST_TIME)[
        "participants"
    ]  # bea and dan are relevant; ann, the initiator, is known
    assert rank_ranges(queries, 9, 5, 7, 5, 5) == [(2, 3), (2, 3)]
    assert rank_ranges(queries, 9, 5, 7, 8, 5) == [(2, 3), (1, 1)]
    assert rank_ranges(queries, 0, 0, 0, 0, 0) == [(1, 3), (1, 3)]


def test_what_is_both_known_and_relevant_counts_as_relevant() -> None:
    queries = queries_of(ONCE_MORE)  # ann launched milk before, and bea joined her
    assert rank_ranges(queries["items"], 5, 9, 7, 3) == [(2, 2)]
    assert rank_ranges(queries["participants"], 9, 5, 7, 1, 4) == [(2, 2), (3, 3)]


def test_a_score_that_is_not_finite_gets_the_last_rank() -> None:
    assert rank_ranges(queries_of(FIRST_TIME)["participants"], 0, 9, np.nan, 8, 0) == [
        (3, 3),
        (3, 3),
    ]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ranks_are_those_in_the_list_without_the_known(seed: int) -> None:
    queries, scores = random_queries(seed)
    ranked = rank_block(scores, queries)
    expected = [rank_range(row[None]) for row in lists_without_the_known(queries, scores)]
    assert ranked.first.tolist() == [int(first[0]) for first, _ in expected]
    assert ranked.last.tolist() == [int(last[0]) for _, last in expected]
    assert (ranked.last > ranked.first).any()


def test_metrics_agree_with_scikit_learn() -> None:
    queries, scores = random_queries(3)
    found = full_metrics(queries, rank_block(scores, queries))
    rows = lists_without_the_known(queries, scores)
    for cut in (10, 20):
        gains = [ndcg_score([[1, *[0] * (len(row) - 1)]], [row], k=cut) for row in rows]
        assert found[Metric(Task.PARTICIPANTS, "ndcg", cut)].value == pytest.approx(np.mean(gains))
    spread = scores + np.random.default_rng(
        0
    ).permuted(  # no ties: scikit-learn breaks them its own way
        np.tile(np.linspace(0, 0.5, queries.candidates), (len(queries), 1)), axis=1
    )
    found = full_metrics(queries, rank_block(spread, queries))
    rows = lists_without_the_known(queries, spread)
    for cut in (10, 20, 50):
        hits = [
            top_k_accuracy_score([0], row[None], k=cut, labels=range(len(row)))
            if cut < len(row)
            else 1
            for row in rows
        ]
        assert found[Metric(Task.PARTICIPANTS, "recall", cut)].value == pytest.approx(np.mean(hits))


@pytest.mark.parametrize("task", TASKS)
def test_known_candidates_never_count_and_are_never_listed(task: Task) -> None:
    queries = hold_out(random_shop(), "full", quick(), 0).queries[task]
    known, relevant = queries.excluded.toarray() > 0, queries.relevant.toarray() > 0
    assert (known & ~relevant).any()
    ranked = rank_block(np.where(relevant, 1.0, np.where(known, 9.0, 0.0)), queries)
    assert (ranked.first == 1).all()
    assert (ranked.last == 1).all()
    row, rank = np.nonzero(ranked.top >= 0)
    listed = ranked.top[row, rank]
    assert not (known & ~relevant)[row, listed].any()


@pytest.mark.parametrize("task", TASKS)
def test_a_constant_scorer_gets_the_mean_over_all_ranks(task: Task) -> None:
    queries = hold_out(random_shop(), "full", quick(), 0).queries[task]
    scores = np.zeros((len(queries), queries.candidates), np.float32)
    found = full_metrics(queries, rank_block(scores, queries))
    sizes = [len(row) for row in lists_without_the_known(queries, scores)]
    chance = np.mean([(1 / np.arange(1, size + 1)).mean() for size in sizes])
    assert found[Metric(task, "mrr")].value == pytest.approx(chance)
    hits = np.mean([min(1, 20 / size) for size in sizes])
    assert found[Metric(task, "recall", 20)].value == pytest.approx(hits)


def test_blocks_limit_the_scores_at_a_time_and_change_nothing() -> None:
    queries, _ = random_queries(4)
    table = np.random.default_rng(0).integers(0, 6, (60, 40, queries.candidates)).astype(np.float32)
    sizes: list[int] = []

    def score(
        initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        assert item is not None
        sizes.append(len(initiator) * size)
        return table[initiator, item]

    whole = rank_all(queries, score)
    assert sizes == [len(queries) * queries.candidates]
    sizes.clear()
    blocks = rank_all(queries, score, block_scores=3 * queries.candidates + 1)
    assert max(sizes) == 3 * queries.candidates
    assert len(sizes) == -(-len(queries) // 3)
    for name, value in vars(whole).items():
        assert (value == getattr(blocks, name)).all(), name
    sizes.clear()
    rank_all(queries, score, block_scores=1)
    assert set(sizes) == {queries.candidates}


def test_the_top_candidates_have_the_highest_scores_and_ties_go_to_the_lower_position() -> None:
    scores = np.array(
        [[1, 3, 2, 3, 0], [0, 0, 0, 0, 0], [-np.inf, 4, -np.inf, 5, -np.inf]], np.float32
    )
    assert top_candidates(scores, 3).tolist() == [[1, 3, 2], [0, 1, 2], [3, 1, -1]]
    assert top_candidates(scores[:, :2], 3).tolist() == [[1, 0, -1], [0, 1, -1], [1, -1, -1]]


def test_coverage_and_popularity_are_those_of_the_top_candidates() -> None:
    queries = queries_of(FIRST_TIME)["items"]
    two = RankedAnswers(np.array([1]), np.array([1]), np.array([0]), np.array([[SOAP, WIPES, -1]]))
    found = full_metrics(queries, two)
    assert found[Metric(Task.ITEMS, "coverage", 10)].value == 2 / 4
    assert np.isnan(found[Metric(Task.ITEMS, "coverage", 10)].low)
    assert found[Metric(Task.ITEMS, "popularity", 10)].value == 0
    milk = RankedAnswers(np.array([1]), np.array([1]), np.array([0]), np.array([[MILK, SOAP, -1]]))
    assert full_metrics(queries, milk)[Metric(Task.ITEMS, "popularity", 10)].value == pytest.approx(
        np.log(2) / 2
    )


def test_cold_and_warm_queries_add_up_to_all() -> None:
    holdout = hold_out(random_shop(users=200, groups=300), "full", quick(), 0)
    for task, queries in holdout.queries.items():
        scores = np.random.default_rng(0).random((len(queries), queries.candidates))
        ranked = rank_block(scores, queries)
        cold = holdout.cold[task]
        whole, *parts = (full_metrics(queries, ranked, part) for part in (None, cold, ~cold))
        for name in (Metric(task, "mrr"), Metric(task, "popularity", 10)):
            assert 0 < parts[0][name].lists < whole[name].lists
            summed = sum(part[name].value * part[name].lists for part in parts)
            assert summed / whole[name].lists == pytest.approx(whole[name].value)


def test_metrics_over_no_queries_are_nan() -> None:
    queries = queries_of(FIRST_TIME)["items"]
    ranked = rank_block(np.zeros((1, 4)), queries)
    found = full_metrics(queries, ranked, np.array([False]))
    assert all(np.isnan(estimate.value) for estimate in found.values())
    assert all(estimate.lists == 0 for estimate in found.values())


def test_the_limits_decide_how_many_test_groups_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = random_shop(groups=400, repeat=False)
    few = hold_out(shop, "full", quick(), 0, 20)
    assert [len(few.queries[task]) for task in TASKS] == [20, 2]
    more = hold_out(shop, "full", quick(), 0, 20, {"participants": 12})
    assert [len(more.queries[task]) for task in TASKS] == [20, 12]
    monkeypatch.setitem(FULL_LIMITS, "items", 9)
    monkeypatch.setitem(FULL_LIMITS, "participants", 4)
    default = hold_out(shop, "full", quick(), 0)
    assert [len(default.queries[task]) for task in TASKS] == [9, 4]
    assert default.test_groups == 9
    more = hold_out(shop, "full", quick(), 0, full_limits={"participants": 12})
    assert [len(more.queries[task]) for task in TASKS] == [9, 12]
    assert set(default.queries["participants"].group) <= set(default.queries["items"].group)


def test_an_item_of_an_open_group_is_left_out_as_serving_leaves_it_out() -> None:
    logs = five_groups()
    groups = {task: np.array([4]) for task in Task}  # of Dan, who has wipes open
    queries = full_ranking_queries(logs, logs, Graphs.from_logs(logs), groups)[Task.ITEMS]
    assert queries.excluded.toarray().tolist() == [[0, 0, 1]]  # milk, book, wipes
