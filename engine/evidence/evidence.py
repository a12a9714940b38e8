"""Evidence of candidates, as the model reads it: one column a fact, on a scale where 1 is a lot.

Both functions serve training and ranking alike: with candidates they visit just those pairs, and with None they
give every item, or every user, the very same numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.graphs import Graphs
from engine.evidence.products import Candidates, ahead, at, cells, dots, meet, scaled
from engine.evidence.taste import taste_vectors

BLOCK = 128  # queries at once: bounds the memory of the products


@dataclass(frozen=True)
class Evidence:
    """The graphs, and the sharp [I+1, k] and smooth [I+1, m] taste vectors of their items."""

    graphs: Graphs
    taste: NDArray[np.float32]
    leaning: NDArray[np.float32]

    @classmethod
    def of(cls, graphs: Graphs, rank: int, smooth: int) -> "Evidence":
        """The evidence of these graphs with ``rank`` sharp and ``smooth`` smooth dimensions."""
        return cls(
            graphs,
            taste_vectors(graphs.tastes, rank),
            taste_vectors(graphs.smooth_tastes, smooth),
        )

    @cached_property
    def user_taste(self) -> NDArray[np.float32]:
        """Every user's taste vector, [U+1, k]. For pairs only: ranking all users does without."""
        return np.asarray(self.graphs.tastes @ self.taste, np.float32)

    @cached_property
    def user_leaning(self) -> NDArray[np.float32]:
        """Every user's smooth taste vector, [U+1, m]."""
        return np.asarray(self.graphs.smooth_tastes @ self.leaning, np.float32)

    @cached_property
    def circle_taste(self) -> NDArray[np.float32]:
        """The mean taste vector of every user's circle, [U+1, k]. For pairs only, too."""
        return np.asarray(self.graphs.circle_mean @ self.user_taste, np.float32)


def item_evidence(
    evidence: Evidence, initiators: NDArray[np.int64], candidates: Candidates
) -> NDArray[np.float32]:
    """Evidence [B, K, columns of ITEM_EVIDENCE] for initiators [B] and items [B, K] (None: all I+1)."""
    everyone = evidence.graphs.items + 1
    table = _empty(len(initiators), candidates, everyone, len(ITEM_EVIDENCE))
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
    everyone = evidence.graphs.users + 1
    table = _empty(len(initiators), candidates, everyone, len(PARTICIPANT_EVIDENCE))
    for block, chosen in _blocks(len(initiators), candidates):
        columns = _participant_columns(evidence, initiators[block], items[block], chosen)
        _fill(table[block], columns)
    return table


def _empty(
    queries: int, candidates: Candidates, everyone: int, columns: int
) -> NDArray[np.float32]:
    if candidates is None:
        # Laid out by column: it is filled so, and writing across took a third of the time.
        return np.empty((queries, columns, everyone), np.float32).transpose(0, 2, 1)
    return np.empty((queries, candidates.shape[1], columns), np.float32)


def _blocks(queries: int, candidates: Candidates) -> Iterator[tuple[slice, Candidates]]:
    for start in range(0, queries, BLOCK):
        block = slice(start, start + BLOCK)
        yield block, None if candidates is None else candidates[block]


def _fill(table: NDArray[np.float32], columns: list[NDArray[np.float32]]) -> None:
    for place, values in enumerate(columns):
        table[:, :, place] = values


def often(count: NDArray[np.float32]) -> NDArray[np.float32]:
    """A count on a scale where the first ones weigh most."""
    return np.log1p(count)


def likely(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """A sum of cosines or shares, mostly far below 1, spread out near zero."""
    return np.log1p(20 * share)


def signed(product: NDArray[np.float32]) -> NDArray[np.float32]:
    """A product of taste vectors, tiny and of either sign, spread out near zero."""
    return np.sign(product) * np.log1p(1000 * np.abs(product))


def _item_columns(
    evidence: Evidence, u: NDArray[np.int64], c: Candidates
) -> list[NDArray[np.float32]]:
    """The columns of ITEM_EVIDENCE, each [B, K] or [B, 1]."""
    g = evidence.graphs
    rare = at(g.rarity, c, len(u))
    with_launches, with_failures, with_joins = (
        meet(g.together, g.together, scaled(matrix[u], g.rarity), c)
        for matrix in (g.launched_ever, g.failed_ever, g.joined_ever)
    )
    with_history = with_launches + with_failures + with_joins
    circle = g.circle[u]
    circle_history = scaled((circle @ g.history).tocsr(), g.rarity)
    return [
        *(often(at(g.item_counts[:, k], c, len(u))) for k in range(3)),
        *(often(g.user_counts[u, k])[:, None] for k in range(3)),
        often(g.circle_size[u])[:, None],
        likely(with_launches * rare),
        likely(with_failures * rare),
        likely(with_joins * rare),
        likely(with_history * rare),
        likely(meet(g.together, g.together, scaled(g.history[u], g.rarity**2), c)),
        likely(with_history * rare**2),
        signed(dots(_taste_of(evidence, u), evidence.taste, c)),
        signed(dots(_leaning_of(evidence, u), evidence.leaning, c)),
        cells(g.joined_ever[u], c),
        cells(g.launched_ever[u], c),
        cells(g.failed_ever[u], c),
        *(often(ahead(circle, m, c)) for m in (g.launched_ever, g.failed_ever, g.joined_ever)),
        likely(meet(g.together, g.together, circle_history, c) * rare),
        signed(dots(_taste_of_circle(evidence, u), evidence.taste, c)),
    ]


def _participant_columns(
    evidence: Evidence, u: NDArray[np.int64], i: NDArray[np.int64], c: Candidates
) -> list[NDArray[np.float32]]:
    """The columns of PARTICIPANT_EVIDENCE, each [B, K] or [B, 1]."""
    g = evidence.graphs
    rare = g.rarity[i][:, None]
    near_item = scaled(g.together[i], g.rarity)  # [B, I+1], to be multiplied by ``rare``
    ties = g.ties[u]
    taste, own, circle = evidence.taste[i], _taste_of(evidence, u), _taste_of_circle(evidence, u)
    return [
        *(often(at(g.user_counts[:, k], c, len(u))) for k in (2, 0, 1)),
        often(at(g.circle_size, c, len(u))),
        *(often(g.item_counts[i, k])[:, None] for k in range(3)),
        *(often(g.user_counts[u, k])[:, None] for k in range(3)),
        often(g.circle_size[u])[:, None],
        *(
            likely(meet(matrix, by_item, near_item, c) * rare)
            for matrix, by_item in (
                (g.launched_ever, g.launchers),
                (g.failed_ever, g.failers),
                (g.joined_ever, g.joiners),
            )
        ),
        signed(_like_users(evidence, taste, c)),
        signed(_leaning_like(evidence, evidence.leaning[i], c)),
        *(cells(matrix[i], c) for matrix in (g.joiners, g.launchers, g.failers)),
        often(cells(g.item_circles[i], c)),
        likely(meet(g.circle_history, g.item_circles, near_item, c) * rare),
        signed(_like_circles(evidence, taste, c)),
        often(cells(g.invited[u], c)),
        often(cells(g.invited_by[u], c)),
        cells(g.befriended[u], c),
        likely(ahead((ties @ g.ties).tocsr(), g.ties, c)),
        likely(meet(g.tastes, g.tastes_by_item, g.tastes[u], c)),
        likely(meet(g.tastes, g.tastes_by_item, (ties @ g.tastes).tocsr(), c)),
        likely(meet(g.ties_tastes, g.ties_tastes_by_item, g.tastes[u], c)),
        signed(_like_users(evidence, own, c)),
        signed(_leaning_like(evidence, _leaning_of(evidence, u), c)),
        signed(_like_users(evidence, circle, c)),
        signed(_like_circles(evidence, own, c)),
    ]


def _taste_of(evidence: Evidence, u: NDArray[np.int64]) -> NDArray[np.float32]:
    """The users' own taste vectors, [B, k]."""
    return np.asarray(evidence.graphs.tastes[u] @ evidence.taste, np.float32)


def _leaning_of(evidence: Evidence, u: NDArray[np.int64]) -> NDArray[np.float32]:
    """The users' own smooth taste vectors, [B, m]."""
    return np.asarray(evidence.graphs.smooth_tastes[u] @ evidence.leaning, np.float32)


def _leaning_like(
    evidence: Evidence, query: NDArray[np.float32], c: Candidates
) -> NDArray[np.float32]:
    """The product of vectors [B, m] with the candidates' smooth taste, [B, K]."""
    if c is None:
        items = evidence.leaning @ query.T
        return np.asarray(evidence.graphs.smooth_tastes @ items, np.float32).T
    return dots(query, evidence.user_leaning, c)


def _taste_of_circle(evidence: Evidence, u: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean taste vectors of the users' circles, [B, k]."""
    graphs = evidence.graphs
    return np.asarray((graphs.circle_mean[u] @ graphs.tastes) @ evidence.taste, np.float32)


def _like_users(
    evidence: Evidence, query: NDArray[np.float32], c: Candidates
) -> NDArray[np.float32]:
    """The product of vectors [B, k] with the candidates' taste, [B, K]."""
    if c is None:
        return np.asarray(evidence.graphs.tastes @ (evidence.taste @ query.T), np.float32).T
    return dots(query, evidence.user_taste, c)


def _like_circles(
    evidence: Evidence, query: NDArray[np.float32], c: Candidates
) -> NDArray[np.float32]:
    """The product of vectors [B, k] with the taste of the candidates' circles, [B, K]."""
    if c is None:
        return np.asarray(evidence.graphs.circle_mean @ _like_users(evidence, query, None).T).T
    return dots(query, evidence.circle_taste, c)
