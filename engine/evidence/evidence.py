"""The evidence of candidates as the model reads it, one column each, on a scale where 1 is a lot.

The same functions serve training and ranking: with candidates they compute just those pairs, and with None they compute
every item, or every user, to the same numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import Task
from engine.evidence.columns import (
    EVIDENCE_COLUMNS,
    EVIDENCE_VERSION,
    ITEM_EVIDENCE,
    PARTICIPANT_EVIDENCE,
)
from engine.evidence.describes_candidates import Moments, Positions
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import (
    Candidates,
    dot_products,
    product_cells,
    scale_columns,
    select_cells,
    select_values,
    transposed_product_cells,
)
from engine.evidence.taste_vectors import taste_vectors

BLOCK = 128  # queries at a time: bounds the memory of the products


@dataclass(frozen=True)
class Evidence:
    """The graphs with the sharp [I+1, k] and the smooth [I+1, m] taste vectors of their items.

    ``version`` is that of the columns' definitions; a model reads the columns as they were when it was trained.
    """

    graphs: Graphs
    taste: NDArray[np.float32]
    smooth_taste: NDArray[np.float32]
    version: int = EVIDENCE_VERSION

    @classmethod
    def from_graphs(cls, graphs: Graphs, rank: int, smooth_rank: int) -> "Evidence":
        """The evidence of these graphs with ``rank`` sharp and ``smooth_rank`` smooth dimensions."""
        return cls(
            graphs,
            taste_vectors(graphs.normalised_history, rank),
            taste_vectors(graphs.smoothed_history, smooth_rank),
        )

    @property
    def columns(self) -> Mapping[Task, tuple[str, ...]]:
        """The names of the columns of each task."""
        return EVIDENCE_COLUMNS

    def items(
        self, initiators: Positions, candidates: Candidates, at: Moments | None = None
    ) -> NDArray[np.float32]:
        """See ``DescribesCandidates``; what has no times cannot be asked ``at`` one."""
        _without_moments(at)
        return item_evidence(self, initiators, candidates)

    def participants(
        self,
        initiators: Positions,
        items: Positions,
        candidates: Candidates,
        at: Moments | None = None,
    ) -> NDArray[np.float32]:
        """See ``DescribesCandidates``; what has no times cannot be asked ``at`` one."""
        _without_moments(at)
        return participant_evidence(self, initiators, items, candidates)

    def initiators(self, item: int) -> NDArray[np.float32]:
        """See ``DescribesCandidates``."""
        return initiator_evidence(self, item)

    # These three tables are for chosen pairs; scoring every candidate does without them.

    @cached_property
    def user_taste(self) -> NDArray[np.float32]:
        """Every user's taste vector, [U+1, k]."""
        return np.asarray(self.graphs.normalised_history @ self.taste, np.float32)

    @cached_property
    def user_smooth_taste(self) -> NDArray[np.float32]:
        """Every user's smooth taste vector, [U+1, m]."""
        return np.asarray(self.graphs.smoothed_history @ self.smooth_taste, np.float32)

    @cached_property
    def circle_taste(self) -> NDArray[np.float32]:
        """The mean taste vector of every user's circle, [U+1, k]."""
        return np.asarray(self.graphs.circle_mean @ self.user_taste, np.float32)


def item_evidence(
    evidence: Evidence, initiators: NDArray[np.int64], candidates: Candidates
) -> NDArray[np.float32]:
    """Evidence [B, K, columns of ITEM_EVIDENCE] for initiators [B] and items [B, K] (None: all I+1)."""
    size = evidence.graphs.items + 1
    table = _empty_table(len(initiators), candidates, size, len(ITEM_EVIDENCE))
    for block, chosen in _blocks(len(initiators), candidates):
        _fill(table[block], _item_columns(evidence, initiators[block], chosen))
    return table


def participant_evidence(
    evidence: Evidence,
    initiators: NDArray[np.int64],
    items: NDArray[np.int64],
    candidates: Candidates,
) -> NDArray[np.float32]:
    """Evidence [B, K, columns of PARTICIPANT_EVIDENCE] for (initiator, item) [B] and users [B, K] (None: all U+1)."""
    size = evidence.graphs.users + 1
    table = _empty_table(len(initiators), candidates, size, len(PARTICIPANT_EVIDENCE))
    for block, chosen in _blocks(len(initiators), candidates):
        columns = _participant_columns(evidence, initiators[block], items[block], chosen)
        _fill(table[block], columns)
    return table


def initiator_evidence(evidence: Evidence, item: int) -> NDArray[np.float32]:
    """Evidence [U+1, columns of ITEM_EVIDENCE] of ``item`` (a position) for every initiator.

    Row u equals ``item_evidence`` of initiator u and the item, up to float32 rounding. All of it is linear in what the
    initiator and their circle did, so one product with the item's row of a matrix serves every initiator.
    """
    g = evidence.graphs
    rarity = g.rarity[item]
    co_occurrence = _dense_row(g.co_occurrence, item)  # [I+1]
    near = co_occurrence * g.rarity
    launches, failures, joins = (m @ near for m in (g.launched_ever, g.failed_ever, g.joined_ever))
    history = g.history @ near if evidence.version > 1 else launches + failures + joins
    by_item = (g.launched_by_item, g.failed_by_item, g.joined_by_item)
    launched, failed, joined = (_dense_row(matrix, item) for matrix in by_item)  # [U+1] each
    taste = g.normalised_history @ (evidence.taste @ evidence.taste[item])
    columns = [
        *(log_count(g.item_counts[item, k]) for k in range(3)),
        *(log_count(g.user_counts[:, k]) for k in range(3)),
        log_count(g.circle_size),
        log_share(launches * rarity),
        log_share(failures * rarity),
        log_share(joins * rarity),
        log_share(history * rarity),
        log_share(g.history @ (co_occurrence * g.rarity**2)),
        log_share(history * rarity**2),
        signed_log(taste),
        signed_log(g.smoothed_history @ (evidence.smooth_taste @ evidence.smooth_taste[item])),
        joined,
        launched,
        failed,
        *(log_count(g.circle @ own) for own in (launched, failed, joined)),
        log_share(g.circle @ (g.history @ near) * rarity),
        signed_log(g.circle_mean @ taste),
    ]
    table = np.empty((g.users + 1, len(ITEM_EVIDENCE)), np.float32)
    for index, values in enumerate(columns):
        table[:, index] = values
    return table


def log_count(count: NDArray[np.float32]) -> NDArray[np.float32]:
    """log(1 + count): the first occurrences weigh most."""
    return np.log1p(count)


def log_share(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """A sum of cosines or shares, mostly far below 1, spread out near zero."""
    return np.log1p(20 * share)


def signed_log(product: NDArray[np.float32]) -> NDArray[np.float32]:
    """A dot product of taste vectors, tiny and of either sign, spread out near zero."""
    return np.sign(product) * np.log1p(1000 * np.abs(product))


def _without_moments(at: Moments | None) -> None:
    if at is not None:
        raise ValueError("evidence without times cannot be asked as of a moment")


def _empty_table(
    queries: int, candidates: Candidates, size: int, columns: int
) -> NDArray[np.float32]:
    if candidates is None:
        # Laid out by column because it is filled by column; row by row, writing took a third of the time.
        return np.empty((queries, columns, size), np.float32).transpose(0, 2, 1)
    return np.empty((queries, candidates.shape[1], columns), np.float32)


def _blocks(queries: int, candidates: Candidates) -> Iterator[tuple[slice, Candidates]]:
    for start in range(0, queries, BLOCK):
        block = slice(start, start + BLOCK)
        yield block, None if candidates is None else candidates[block]


def _fill(table: NDArray[np.float32], columns: list[NDArray[np.float32]]) -> None:
    for index, values in enumerate(columns):
        table[:, :, index] = values


def _dense_row(matrix: sp.csr_matrix, row: int) -> NDArray[np.float32]:
    return np.asarray(matrix[row].toarray()[0], np.float32)


def _item_columns(
    evidence: Evidence, u: NDArray[np.int64], c: Candidates
) -> list[NDArray[np.float32]]:
    """The columns of ITEM_EVIDENCE, each [B, K] or [B, 1]."""
    g, co = evidence.graphs, evidence.graphs.co_occurrence
    rarity = select_values(g.rarity, c, len(u))
    with_launches, with_failures, with_joins = (
        transposed_product_cells(co, co, scale_columns(matrix[u], g.rarity), c)
        for matrix in (g.launched_ever, g.failed_ever, g.joined_ever)
    )
    with_history = with_launches + with_failures + with_joins
    if (
        evidence.version > 1
    ):  # an item that was, say, both failed with and joined is one item of the history
        repeated = g.launched_ever[u] + g.failed_ever[u] + g.joined_ever[u] - g.history[u]
        repeated.eliminate_zeros()
        twice = scale_columns(repeated, g.rarity)
        with_history = with_history - transposed_product_cells(co, co, twice, c)
    share = transposed_product_cells(co, co, scale_columns(g.history[u], g.rarity**2), c)
    circle = g.circle[u]
    circle_history = scale_columns((circle @ g.history).tocsr(), g.rarity)
    return [
        *(log_count(select_values(g.item_counts[:, k], c, len(u))) for k in range(3)),
        *(log_count(g.user_counts[u, k])[:, None] for k in range(3)),
        log_count(g.circle_size[u])[:, None],
        log_share(with_launches * rarity),
        log_share(with_failures * rarity),
        log_share(with_joins * rarity),
        log_share(with_history * rarity),
        log_share(share),
        log_share(with_history * rarity**2),
        signed_log(dot_products(_taste_of(evidence, u), evidence.taste, c)),
        signed_log(dot_products(_smooth_taste_of(evidence, u), evidence.smooth_taste, c)),
        select_cells(g.joined_ever[u], c),
        select_cells(g.launched_ever[u], c),
        select_cells(g.failed_ever[u], c),
        *(
            log_count(product_cells(circle, matrix, c))
            for matrix in (g.launched_ever, g.failed_ever, g.joined_ever)
        ),
        log_share(transposed_product_cells(co, co, circle_history, c) * rarity),
        signed_log(dot_products(_circle_taste_of(evidence, u), evidence.taste, c)),
    ]


def _participant_columns(
    evidence: Evidence, u: NDArray[np.int64], i: NDArray[np.int64], c: Candidates
) -> list[NDArray[np.float32]]:
    """The columns of PARTICIPANT_EVIDENCE, each [B, K] or [B, 1]."""
    g = evidence.graphs
    rarity = g.rarity[i][:, None]
    near_item = scale_columns(g.co_occurrence[i], g.rarity)  # [B, I+1], to be multiplied by rarity
    circle, history = g.normalised_circle[u], g.normalised_history
    taste, own, around = evidence.taste[i], _taste_of(evidence, u), _circle_taste_of(evidence, u)
    return [
        *(log_count(select_values(g.user_counts[:, k], c, len(u))) for k in (2, 0, 1)),
        log_count(select_values(g.circle_size, c, len(u))),
        *(log_count(g.item_counts[i, k])[:, None] for k in range(3)),
        *(log_count(g.user_counts[u, k])[:, None] for k in range(3)),
        log_count(g.circle_size[u])[:, None],
        *(
            log_share(transposed_product_cells(matrix, by_item, near_item, c) * rarity)
            for matrix, by_item in (
                (g.launched_ever, g.launched_by_item),
                (g.failed_ever, g.failed_by_item),
                (g.joined_ever, g.joined_by_item),
            )
        ),
        signed_log(_times_taste(evidence, taste, c)),
        signed_log(_times_smooth_taste(evidence, evidence.smooth_taste[i], c)),
        *(
            select_cells(by_item[i], c)
            for by_item in (g.joined_by_item, g.launched_by_item, g.failed_by_item)
        ),
        log_count(select_cells(g.circle_history_by_item[i], c)),
        log_share(
            transposed_product_cells(g.circle_history, g.circle_history_by_item, near_item, c)
            * rarity
        ),
        signed_log(_times_circle_taste(evidence, taste, c)),
        log_count(select_cells(g.invited[u], c)),
        log_count(select_cells(g.invited_by[u], c)),
        select_cells(g.befriended[u], c),
        log_share(product_cells((circle @ g.normalised_circle).tocsr(), g.normalised_circle, c)),
        *(
            log_share(transposed_product_cells(matrix, by_item, weights, c))
            for matrix, by_item, weights in (
                (history, g.normalised_history_by_item, history[u]),
                (history, g.normalised_history_by_item, (circle @ history).tocsr()),
                (
                    g.normalised_circle_history,
                    g.normalised_circle_history_by_item,
                    history[u],
                ),
            )
        ),
        signed_log(_times_taste(evidence, own, c)),
        signed_log(_times_smooth_taste(evidence, _smooth_taste_of(evidence, u), c)),
        signed_log(_times_taste(evidence, around, c)),
        signed_log(_times_circle_taste(evidence, own, c)),
    ]


def _taste_of(evidence: Evidence, u: NDArray[np.int64]) -> NDArray[np.float32]:
    """The users' taste vectors, [B, k]."""
    return np.asarray(evidence.graphs.normalised_history[u] @ evidence.taste, np.float32)


def _smooth_taste_of(evidence: Evidence, u: NDArray[np.int64]) -> NDArray[np.float32]:
    """The users' smooth taste vectors, [B, m]."""
    return np.asarray(evidence.graphs.smoothed_history[u] @ evidence.smooth_taste, np.float32)


def _circle_taste_of(evidence: Evidence, u: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean taste vectors of the users' circles, [B, k]."""
    graphs = evidence.graphs
    return np.asarray(
        (graphs.circle_mean[u] @ graphs.normalised_history) @ evidence.taste, np.float32
    )


def _times_taste(
    evidence: Evidence, vectors: NDArray[np.float32], c: Candidates
) -> NDArray[np.float32]:
    """Vectors [B, k] times the candidates' taste vectors, [B, K]."""
    if c is None:
        items = evidence.taste @ vectors.T
        return np.asarray(evidence.graphs.normalised_history @ items, np.float32).T
    return dot_products(vectors, evidence.user_taste, c)


def _times_smooth_taste(
    evidence: Evidence, vectors: NDArray[np.float32], c: Candidates
) -> NDArray[np.float32]:
    """Vectors [B, m] times the candidates' smooth taste vectors, [B, K]."""
    if c is None:
        items = evidence.smooth_taste @ vectors.T
        return np.asarray(evidence.graphs.smoothed_history @ items, np.float32).T
    return dot_products(vectors, evidence.user_smooth_taste, c)


def _times_circle_taste(
    evidence: Evidence, vectors: NDArray[np.float32], c: Candidates
) -> NDArray[np.float32]:
    """Vectors [B, k] times the mean taste vectors of the candidates' circles, [B, K]."""
    if c is None:
        return np.asarray(evidence.graphs.circle_mean @ _times_taste(evidence, vectors, None).T).T
    return dot_products(vectors, evidence.circle_taste, c)
