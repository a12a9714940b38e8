"""Full ranking: the relevant answers among all items, or all users, except those that are known already.

Metrics over sampled lists can order systems wrongly (Krichene and Rendle, "On sampled metrics for item recommendation",
KDD 2020); here only the queries are sampled. Scores are computed and ranked in blocks of queries, so that memory use
depends neither on the number of queries nor on the size of the shop.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import SUCCESSFUL, Logs, Metric, Task
from engine.candidates import Question, launched_items
from engine.evidence.graphs import Graphs
from train.evaluate.metrics import MetricEstimate, estimate, ndcg, recall, reciprocal_rank

BLOCK_SCORES = 4_000_000  # scores at a time: bounds the memory of a block
TOP = 10  # candidates of a ranking that a person is shown
RECALL_CUTOFFS, NDCG_CUTOFFS = (10, 20, 50), (10, 20)

# initiator [n], item [n] or None in Task I, N -> scores [n, N] of all N items or users
ScoreAll = Callable[[NDArray[np.int64], NDArray[np.int64] | None, int], NDArray[np.float32]]


@dataclass(frozen=True)
class RankingQueries:
    """n test groups of one task, for each of which all N items (Task I) or users (Task II) are ranked.

    ``item`` is None in Task I. ``relevant`` [n, N] marks the answers, of which Task II may have several a query, and
    ``excluded`` [n, N] the candidates that the ranking leaves out; what is both counts as relevant. ``popularity`` [N]
    is log(1 + launches of the item, or joins of the user) in training.
    """

    task: Task
    initiator: NDArray[np.int64]
    item: NDArray[np.int64] | None
    group: NDArray[np.int64]
    relevant: sp.csr_matrix
    excluded: sp.csr_matrix
    popularity: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.initiator)

    @property
    def candidates(self) -> int:
        """N, how many items or users are ranked."""
        return len(self.popularity)

    def part(self, rows: slice) -> "RankingQueries":
        """Only these queries."""
        item = None if self.item is None else self.item[rows]
        return RankingQueries(
            self.task,
            self.initiator[rows],
            item,
            self.group[rows],
            self.relevant[rows],
            self.excluded[rows],
            self.popularity,
        )


@dataclass(frozen=True)
class RankedAnswers:
    """The ranks of the m relevant answers of n queries.

    ``first`` and ``last`` [m] are the ranks that an answer may take among its ties, ``query`` [m] is the row of its
    query, and ``top`` [n, TOP] holds the leading candidates of each query, padded with -1.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    query: NDArray[np.int64]
    top: NDArray[np.int64]


def full_ranking_queries(
    logs: Logs,
    known: Logs,
    seen: Graphs,
    groups: Mapping[Task, NDArray[np.int64]],
    question: Question = Question.NEW,
) -> dict[Task, RankingQueries]:
    """The queries of these test groups of ``logs``; ``seen`` are the graphs of training.

    Excluded is, in Task II, the initiator. Asked for something new, so are the items that the initiator has launched
    already in the ``known`` logs (``engine.candidates``), which hold no test group, and in Task II whoever joined them
    for the same item there.
    """
    items, users = len(logs.items), len(logs.users)
    successful = known.group_status == SUCCESSFUL
    joins = successful[known.join_group]

    tested = groups[Task.ITEMS]
    launched = launched_items(known).astype(np.float32)
    if question is Question.ANY:
        launched = sp.csr_matrix(launched.shape, dtype=np.float32)
    initiator = logs.group_initiator[tested].astype(np.int64)
    relevant = _marked(tested, np.arange(len(logs.group_item)), logs.group_item, items)
    popularity = np.log1p(seen.item_counts[:items, 0])
    excluded = launched[initiator]
    item_queries = RankingQueries(
        Task.ITEMS, initiator, None, tested, relevant, excluded, popularity
    )

    tested = groups[Task.PARTICIPANTS]
    initiator, item = (
        column[tested].astype(np.int64) for column in (logs.group_initiator, logs.group_item)
    )
    relevant = _marked(tested, logs.join_group, logs.join_participant, users)
    launch = known.group_initiator.astype(np.int64) * items + known.group_item
    members = _marked(
        initiator * items + item,
        launch[known.join_group[joins]],
        known.join_participant[joins],
        users,
    )
    own = _marked(initiator, np.arange(users), np.arange(users), users)
    excluded = own if question is Question.ANY else (members + own).tocsr()
    popularity = np.log1p(seen.user_counts[:users, 2])
    participant_queries = RankingQueries(
        Task.PARTICIPANTS, initiator, item, tested, relevant, excluded, popularity
    )
    return {Task.ITEMS: item_queries, Task.PARTICIPANTS: participant_queries}


def _marked(
    queries: NDArray[np.integer],
    keys: NDArray[np.integer],
    values: NDArray[np.integer],
    columns: int,
) -> sp.csr_matrix:
    """[len(queries), columns]: each query's row marks the ``values`` whose key equals the query."""
    order = np.argsort(keys, kind="stable")
    start = np.searchsorted(keys, queries, sorter=order)
    count = np.searchsorted(keys, queries, side="right", sorter=order) - start
    row = np.repeat(np.arange(len(queries)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column = values[order[np.repeat(start, count) + within]]
    matrix = sp.csr_matrix((np.ones(len(row), np.float32), (row, column)), (len(queries), columns))
    matrix.sum_duplicates()
    return matrix


def rank_all(
    queries: RankingQueries, score: ScoreAll, block_scores: int = BLOCK_SCORES
) -> RankedAnswers:
    """Ranks all candidates of each query, asking ``score`` for about ``block_scores`` scores at a time."""
    parts = []
    for block in _blocks(len(queries), max(1, block_scores // queries.candidates)):
        part = queries.part(block)
        ranked = rank_block(score(part.initiator, part.item, queries.candidates), part)
        parts.append((ranked.first, ranked.last, ranked.query + block.start, ranked.top))
    return RankedAnswers(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _blocks(queries: int, rows: int) -> Iterator[slice]:
    for start in range(0, max(1, queries), rows):
        yield slice(start, start + rows)


def rank_block(scores: NDArray[np.floating], queries: RankingQueries) -> RankedAnswers:
    """The ranks of the relevant answers by the ``scores`` [n, N] of all candidates.

    Each answer is ranked without the other answers of its query. A query with a score that is not finite gets the last
    rank.
    """
    row, answer = _nonzero(queries.relevant)
    broken = ~np.isfinite(scores).all(1)
    value = scores[row, answer]
    ranked = np.array(scores)
    ranked[_nonzero(queries.excluded)] = -np.inf
    ranked[row, answer] = value
    ranked[broken] = -np.inf
    top = top_candidates(ranked, TOP)
    ranked[row, answer] = -np.inf
    others = ranked[row]  # [m, N]
    first = 1 + (others > value[:, None]).sum(1)
    last = first + (others == value[:, None]).sum(1)
    left_out = ((queries.excluded + queries.relevant) > 0).getnnz(1)[row]
    end = queries.candidates - left_out + 1
    lost = broken[row]
    return RankedAnswers(np.where(lost, end, first), np.where(lost, end, last), row, top)


def _nonzero(matrix: sp.csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of every stored value, row by row."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return row, matrix.indices.astype(np.int64)


def top_candidates(scores: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """The positions of the ``count`` highest finite scores in each row of [n, N], best first, padded with -1.

    Among equal scores the lower position comes first, so that the same scores always give the same list.
    """
    top = np.full((len(scores), count), -1, np.int64)
    if scores.size == 0:
        return top
    kept = min(count, scores.shape[1])
    lowest = np.partition(scores, scores.shape[1] - kept, axis=1)[:, -kept]
    row, column = np.nonzero((scores >= lowest[:, None]) & (scores > -np.inf))
    order = np.lexsort((column, -scores[row, column], row))
    row, column = row[order], column[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    listed = rank < count
    top[row[listed], rank[listed]] = column[listed]
    return top


def metrics_per_answer(
    queries: RankingQueries, ranked: RankedAnswers
) -> dict[Metric, NDArray[np.float64]]:
    """Recall, NDCG and MRR of each relevant answer, [m] by metric."""
    ranks = ranked.first, ranked.last
    found = {Metric(queries.task, "recall", k): recall(*ranks, k) for k in RECALL_CUTOFFS}
    found |= {Metric(queries.task, "ndcg", k): ndcg(*ranks, k) for k in NDCG_CUTOFFS}
    return found | {Metric(queries.task, "mrr"): reciprocal_rank(*ranks, queries.candidates)}


def full_metrics(
    queries: RankingQueries,
    ranked: RankedAnswers,
    chosen: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> dict[Metric, MetricEstimate]:
    """Recall, NDCG, MRR, coverage and popularity, over the queries that are true in ``chosen`` [n], or all.

    ``coverage@10`` is the share of all candidates that appears in any top list; it has no interval, because resampled
    queries can only cover fewer. ``popularity@10`` is the mean ``popularity`` of the top lists. These two count the
    queries as lists, the others the relevant answers.
    """
    chosen = np.ones(len(queries), bool) if chosen is None else chosen
    counted = chosen[ranked.query]
    groups = queries.group[ranked.query[counted]]
    found = {
        metric: estimate(values[counted], groups, seed)
        for metric, values in metrics_per_answer(queries, ranked).items()
    }
    top = ranked.top[chosen]
    covered = len(np.unique(top[top >= 0])) / queries.candidates if len(top) else np.nan
    found[Metric(queries.task, "coverage", TOP)] = MetricEstimate(covered, np.nan, np.nan, len(top))
    total = np.where(top >= 0, queries.popularity[top], 0).sum(1, dtype=np.float64)
    mean = total / np.maximum((top >= 0).sum(1), 1)
    found[Metric(queries.task, "popularity", TOP)] = estimate(mean, queries.group[chosen], seed)
    return found
