"""The full ranking: a right answer among all items, or all users, with those left out that are known already.

Sampled lists can order systems wrongly (Krichene and Rendle, KDD 2020); here nothing is sampled but the queries.
Everybody's scores are worked out and ranked in blocks of queries, so that memory hangs neither on how many are asked
nor on the size of the shop.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import SUCCESSFUL, Logs
from engine.evidence.graphs import Graphs
from train.evaluate.metrics import bootstrap_interval, ndcg, recall, reciprocal_rank
from train.evaluate.sampled_ranking import Figures

CELLS = 4_000_000  # scores at once
SHOWN = 10  # how many of a ranking a person is shown
RECALLS, GAINS = (10, 20, 50), (10, 20)

# initiator [n], item [n] or None in Task I, N -> scores [n, N] of all N items or users
ScoreEveryone = Callable[[NDArray[np.int64], NDArray[np.int64] | None, int], NDArray[np.float32]]


@dataclass(frozen=True)
class Queries:
    """n test groups of one task, for which all N items (Task I) or users (Task II) are ranked.

    ``item`` is None in Task I. ``right`` [n, N] holds the right answers, of which Task II may have several a query, and
    ``known`` [n, N] what is left out of the ranking; what is in both counts as right. ``fame`` [N] is the logarithm of
    1 + launches of the items or joins of the users in training.
    """

    task: str
    initiator: NDArray[np.int64]
    item: NDArray[np.int64] | None
    group: NDArray[np.int64]
    right: sp.csr_matrix
    known: sp.csr_matrix
    fame: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.initiator)

    @property
    def size(self) -> int:
        """N."""
        return len(self.fame)

    def part(self, rows: slice) -> "Queries":
        """Some of the queries."""
        item = None if self.item is None else self.item[rows]
        cut = (self.group[rows], self.right[rows], self.known[rows], self.fame)
        return Queries(self.task, self.initiator[rows], item, *cut)


@dataclass(frozen=True)
class Ranked:
    """Where the m right answers of n queries stand: ``first`` and ``last`` [m] place that each may take.

    ``owner`` [m] is an answer's query, ``shown`` [n, SHOWN] what leads its ranking; -1 where there is nothing more.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    owner: NDArray[np.int64]
    shown: NDArray[np.int64]


def full_ranking_queries(
    logs: Logs, known: Logs, seen: Graphs, groups: Mapping[str, NDArray[np.int64]]
) -> dict[str, Queries]:
    """The queries of these test groups of ``logs``, by task.

    Known are the items that the initiator launched with success in the ``known`` logs, which hold no test group; in
    Task II the initiator herself and whoever joined her for the same item there. ``seen`` are the graphs of training.
    """
    items, users = len(logs.items), len(logs.users)
    successful = known.group_status == SUCCESSFUL
    joins = successful[known.join_group]
    asked = groups["items"]
    initiator = logs.group_initiator[asked].astype(np.int64)
    right = _rows(asked, np.arange(len(logs.group_item)), logs.group_item, items)
    launched = (known.group_initiator[successful], known.group_item[successful])
    fame = np.log1p(seen.item_counts[:items, 0])
    ranked = _rows(initiator, *launched, items)
    found = {"items": Queries("items", initiator, None, asked, right, ranked, fame)}
    asked = groups["participants"]
    initiator, item = (
        column[asked].astype(np.int64) for column in (logs.group_initiator, logs.group_item)
    )
    right = _rows(asked, logs.join_group, logs.join_participant, users)
    launch = known.group_initiator.astype(np.int64) * items + known.group_item
    members = _rows(
        initiator * items + item,
        launch[known.join_group[joins]],
        known.join_participant[joins],
        users,
    )
    herself = _rows(initiator, np.arange(users), np.arange(users), users)
    left_out, fame = (members + herself).tocsr(), np.log1p(seen.user_counts[:users, 2])
    found["participants"] = Queries("participants", initiator, item, asked, right, left_out, fame)
    return found


def _rows(
    wanted: NDArray[np.integer], keys: NDArray[np.integer], values: NDArray[np.integer], size: int
) -> sp.csr_matrix:
    """A row [size] for each ``wanted``, not empty at the ``values`` whose key is that."""
    order = np.argsort(keys, kind="stable")
    start = np.searchsorted(keys, wanted, sorter=order)
    count = np.searchsorted(keys, wanted, side="right", sorter=order) - start
    row = np.repeat(np.arange(len(wanted)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column = values[order[np.repeat(start, count) + within]]
    matrix = sp.csr_matrix((np.ones(len(row), np.float32), (row, column)), (len(wanted), size))
    matrix.sum_duplicates()
    return matrix


def rank_everyone(queries: Queries, score: ScoreEveryone, cells: int = CELLS) -> Ranked:
    """Asks ``score`` for at most ``cells`` scores at a time (one query's, where they are more) and ranks them."""
    parts = []
    for block in _blocks(len(queries), max(1, cells // queries.size)):
        part = queries.part(block)
        scores = score(part.initiator, part.item, queries.size)
        ranked = rank_block(scores, part)
        parts.append((ranked.first, ranked.last, ranked.owner + block.start, ranked.shown))
    return Ranked(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _blocks(queries: int, rows: int) -> Iterator[slice]:
    for start in range(0, max(1, queries), rows):
        yield slice(start, start + rows)


def rank_block(scores: NDArray[np.floating], queries: Queries) -> Ranked:
    """Places of the right answers by everybody's ``scores`` [n, N]; the tied share theirs, as in ``metrics.py``.

    While one right answer is ranked, the others of its query are left out. A query with a score that is no number
    takes the last place.
    """
    owner, answer = _cells(queries.right)
    broken = ~np.isfinite(scores).all(1)
    value = scores[owner, answer]
    open_ones = np.array(scores)
    open_ones[_cells(queries.known)] = -np.inf
    open_ones[owner, answer] = value
    open_ones[broken] = -np.inf
    shown = leading(open_ones, SHOWN)
    open_ones[owner, answer] = -np.inf
    others = open_ones[owner]  # [m, N]
    first = 1 + (others > value[:, None]).sum(1)
    last = first + (others == value[:, None]).sum(1)
    left_out = ((queries.known + queries.right) > 0).getnnz(1)[owner]
    end = queries.size - left_out + 1
    lost = broken[owner]
    return Ranked(np.where(lost, end, first), np.where(lost, end, last), owner, shown)


def _cells(matrix: sp.csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of what is not empty, row by row."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return row, matrix.indices.astype(np.int64)


def leading(scores: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """The positions of the ``count`` highest finite scores of each row [n, N], best first; -1 where there are fewer.

    Of equal ones the lower position leads, so that the same scores always show the same.
    """
    shown = np.full((len(scores), count), -1, np.int64)
    if scores.size == 0:
        return shown
    kept = min(count, scores.shape[1])
    least = np.partition(scores, scores.shape[1] - kept, axis=1)[:, -kept]
    row, column = np.nonzero((scores >= least[:, None]) & (scores > -np.inf))
    order = np.lexsort((column, -scores[row, column], row))
    row, column = row[order], column[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    leads = place < count
    shown[row[leads], place[leads]] = column[leads]
    return shown


def metrics_per_answer(queries: Queries, ranked: Ranked) -> dict[str, NDArray[np.float64]]:
    """What each right answer [m] is worth by recall, NDCG and MRR, by name, e.g. ``recall@50``."""
    rank_range = ranked.first, ranked.last
    worth = {f"recall@{cut}": recall(*rank_range, cut) for cut in RECALLS}
    worth |= {f"ndcg@{cut}": ndcg(*rank_range, cut) for cut in GAINS}
    return worth | {"mrr": reciprocal_rank(*rank_range, queries.size)}


def full_metrics(
    queries: Queries, ranked: Ranked, chosen: NDArray[np.bool_] | None = None, seed: int = 0
) -> Figures:
    """Recall, NDCG, MRR, coverage and popularity of one task with their intervals, by name.

    Of the queries that are true in ``chosen`` [n], or of all. ``coverage@10`` is the share of all items or users that
    anybody is shown, and has no interval: drawing queries anew could only show fewer. ``popularity@10`` is the mean
    ``fame`` of what is shown. ``lists`` counts the rankings: those of right answers, for the last two those shown.
    """
    chosen = np.ones(len(queries), bool) if chosen is None else chosen
    counted = chosen[ranked.owner]
    groups = queries.group[ranked.owner[counted]]
    found = {
        name: _with_interval(values[counted], groups, seed)
        for name, values in metrics_per_answer(queries, ranked).items()
    }
    shown = ranked.shown[chosen]
    share = len(np.unique(shown[shown >= 0])) / queries.size if len(shown) else np.nan
    found[f"coverage@{SHOWN}"] = {
        "value": share,
        "low": np.nan,
        "high": np.nan,
        "lists": len(shown),
    }
    fame = np.where(shown >= 0, queries.fame[shown], 0).sum(1, dtype=np.float64)
    mean = fame / np.maximum((shown >= 0).sum(1), 1)
    found[f"popularity@{SHOWN}"] = _with_interval(mean, queries.group[chosen], seed)
    return {f"{queries.task}/{name}": figure for name, figure in found.items()}


def _with_interval(
    values: NDArray[np.float64], groups: NDArray[np.int64], seed: int
) -> dict[str, float]:
    value, low, high = bootstrap_interval(values, groups, seed)
    return {"value": value, "low": low, "high": high, "lists": len(values)}
