"""Systems that add up a few counts of past groups: popularity, item-item cosine, and friends."""

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs, Task
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import (
    Candidates,
    product_cells,
    scale_columns,
    select_cells,
    select_values,
    transposed_product_cells,
)
from train.benchmark.systems.system import System
from train.evaluate.metrics import mean_reciprocal_rank
from train.evaluate.sampled_ranking import CandidateLists, validation_lists
from train.evaluate.splits import Split

Terms = list[NDArray[np.float32]]

BLOCK = 256  # lists at a time: bounds the memory of the products
WEIGHTS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
VALIDATION_GROUPS = 2000  # at most


class CountingSystem(System):
    """score = first term + sum of weight * further term; the weights are tuned one after another over ``WEIGHTS``."""

    graphs: Graphs
    updatable = True

    def __init__(self) -> None:
        self.weights: dict[Task, list[float]] = {}

    @abc.abstractmethod
    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """The terms [n, N] of a few lists, the one with weight 1 first; ``item`` is None in Task I.

        ``candidates`` None asks for everyone, the cold-start row last: [n, I+1] or [n, U+1].
        """

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Counts the training groups and tunes the weights on validation groups."""
        self.graphs = Graphs.from_logs(logs, split.visible_groups(logs))
        self.weights = {}
        for task, drawn in validation_lists(logs, split, VALIDATION_GROUPS, seed).items():
            self.weights[task] = _tune_weights(self._all_terms(drawn))

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The weighted sum."""
        return _weighted_sum(self._all_terms(lists), self.weights[lists.task])

    def score_everyone(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, size: int
    ) -> NDArray[np.float32]:
        """The weighted sum, from whole rows of the products."""
        weights = self.weights[Task.ITEMS if item is None else Task.PARTICIPANTS]
        return _weighted_sum(self.terms(initiator, item, None), weights)[:, :size]

    def update(self, logs: Logs) -> None:
        """Counts again; the weights stay."""
        self.graphs = Graphs.from_logs(logs)

    def settings(self) -> dict[str, Any]:
        """The weights by task."""
        return {f"{task}/weights": weights for task, weights in self.weights.items()}

    def _all_terms(self, lists: CandidateLists) -> Terms:
        starts = range(0, max(1, len(lists.initiator)), BLOCK)
        parts = [lists.part(slice(start, start + BLOCK)) for start in starts]
        blocks = [self.terms(part.initiator, part.item, part.candidates) for part in parts]
        return [np.concatenate(term) for term in zip(*blocks, strict=True)]


def _weighted_sum(terms: Terms, weights: list[float]) -> NDArray[np.float32]:
    total = sum(
        np.float32(weight) * term.astype(np.float32)
        for weight, term in zip(weights, terms, strict=True)
    )
    return np.asarray(total, np.float32)


def _tune_weights(terms: Terms) -> list[float]:
    """The weights with the best mean reciprocal rank, the smallest of equal ones."""
    weights = [1.0] * len(terms)
    if not len(terms[0]):
        return weights
    for term in range(1, len(terms)):
        tried = [[*weights[:term], weight, *weights[term + 1 :]] for weight in WEIGHTS]
        weights = max(tried, key=lambda chosen: mean_reciprocal_rank(_weighted_sum(terms, chosen)))
    return weights


class Cosine(CountingSystem):
    """cos(i, j) = users of both / sqrt(users of i * users of j), over launches, failed launches and joins.

    Task I: popularity and the cosines between the initiator's history and the item, summed.
    """

    name = "cosine"
    adaptation = "Task II: the cosines between the candidate's history and the item, and the candidate's joins."

    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """Popularity, and log(1 + 20 x) of the summed cosines x, which spreads small sums out."""
        graphs, queries = self.graphs, len(initiator)
        if item is None:
            history = scale_columns(graphs.history[initiator], graphs.rarity)
            met = transposed_product_cells(
                graphs.co_occurrence, graphs.co_occurrence, history, candidates
            )
            met = met * select_values(graphs.rarity, candidates, queries)
            known = np.log1p(graphs.item_counts[:, 0])
            return [select_values(known, candidates, queries), np.log1p(20 * met)]
        near = scale_columns(graphs.co_occurrence[item], graphs.rarity)
        met = transposed_product_cells(graphs.history, graphs.history_by_item, near, candidates)
        met = met * graphs.rarity[item][:, None]
        known = np.log1p(graphs.user_counts[:, 2])
        return [select_values(known, candidates, queries), np.log1p(20 * met)]


class Friends(CountingSystem):
    """Task II: the candidate's joins, whether they are in the initiator's circle, and their ties to that circle."""

    name = "friends"
    adaptation = "Task I: the item's launches, and its launches by the initiator's circle."

    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """Popularity, then the ties."""
        graphs, queries = self.graphs, len(initiator)
        circle = graphs.circle[initiator]
        if item is None:
            near = product_cells(circle, graphs.launched_ever, candidates)
            launches = np.log1p(graphs.item_counts[:, 0])
            return [select_values(launches, candidates, queries), np.log1p(near)]
        ties = graphs.normalised_circle[initiator]
        return [
            select_values(np.log1p(graphs.user_counts[:, 2]), candidates, queries),
            select_cells(circle, candidates),
            np.log1p(20 * product_cells(ties, graphs.normalised_circle, candidates)),
        ]


class Popularity(CountingSystem):
    """Task I: successful launches of the item. Task II: joins of the candidate. Everybody gets the same list."""

    name = "popularity"
    adaptation = ""

    def terms(
        self, initiator: NDArray[np.int64], item: NDArray[np.int64] | None, candidates: Candidates
    ) -> Terms:
        """The logarithm of the count, which keeps its order."""
        graphs = self.graphs
        count = graphs.item_counts[:, 0] if item is None else graphs.user_counts[:, 2]
        return [select_values(np.log1p(count), candidates, len(initiator))]
