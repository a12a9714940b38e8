"""Role vectors without learning: item vectors from how items go together, users by propagation over each graph.

Free vectors for 190,080 users with a launch or two each learn the logs by heart. These have nothing to learn by heart,
and a user who is new since training gets a vector in the same way.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from engine.bundle.roles import ITEM_VIEWS, USER_VIEWS, Roles
from engine.evidence.evidence import Evidence

# In which order a user's and an item's views stand side by side where a whole role vector is handed over.


@dataclass(frozen=True)
class Tables:
    """One graph's view a table, each row of width d; the last row, of the newcomer, is zero.

    ``launcher`` X_I[u], ``joiner`` X_P[p] and ``social`` X_IP[u or p] are [U+1, d]; ``launched`` X_I[i] and
    ``joined`` X_P[i] are [I+1, d]. ``average`` [2d] is p-bar, the mean of e_p over the users who joined a group.
    """

    launcher: NDArray[np.float32]
    joiner: NDArray[np.float32]
    social: NDArray[np.float32]
    launched: NDArray[np.float32]
    joined: NDArray[np.float32]
    average: NDArray[np.float32]

    def side_by_side(self) -> "Roles":
        """What a model is served with."""
        users, items = (
            np.concatenate([getattr(self, name) for name in names], 1)
            for names in (USER_VIEWS, ITEM_VIEWS)
        )
        return Roles(users, items)


def taste_tables(evidence: Evidence, turn: NDArray[np.float32]) -> Tables:
    """Tables of width d from the smooth taste vectors, ``turn`` [m, d] of them, each row scaled to length sqrt(d)."""
    graphs = evidence.graphs
    base = item_vectors(evidence, turn)
    items = _scaled(base)
    launches = graphs.launched_ever + graphs.failed_ever
    joiner = _scaled(_damped(graphs.joined_ever, graphs.rarity) @ base)
    social = _scaled(graphs.circle_mean @ (graphs.smooth_tastes @ base))
    return Tables(
        launcher=_scaled(_damped(launches, graphs.rarity) @ base),
        joiner=joiner,
        social=social,
        launched=items,
        joined=items,
        average=_average(np.concatenate([joiner, social], 1), graphs.user_counts[:, 2] > 0),
    )


def item_turn(
    evidence: Evidence, dim: int, like: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """What turns the smooth taste vectors into item vectors of width ``dim``, [m, dim].

    Eigenvectors of another world come in another order and direction. With ``like`` [I+1, dim], the
    item vectors of a world to agree with, the best rotation onto them, so that one head can read
    both. Without, the leading vectors as they are.
    """
    if like is None:
        return np.eye(evidence.leaning.shape[1], dim, dtype=np.float32)
    left, _, right = np.linalg.svd(evidence.leaning.T @ like, full_matrices=False)
    return np.asarray(left @ right, np.float32)


def item_vectors(evidence: Evidence, turn: NDArray[np.float32]) -> NDArray[np.float32]:
    """The smooth taste vectors of the items, turned, [I+1, d]."""
    return np.asarray(evidence.leaning @ turn, np.float32)


def _average(rows: NDArray[np.float32], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The mean of the ``chosen`` [N] of the rows [N, w]; zeros where none is chosen."""
    return rows[chosen].mean(0) if chosen.any() else np.zeros(rows.shape[1], np.float32)


def _damped(matrix: sp.csr_matrix, rarity: NDArray[np.float32]) -> sp.csr_matrix:
    """The matrix with popular items weighing less, as in the graph's normalisation."""
    return (matrix @ sp.diags(rarity)).tocsr()


def _scaled(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length sqrt(d), so that each number is about 1; rows of nothing stay zero."""
    length = np.sqrt((rows.astype(np.float64) ** 2).sum(1, keepdims=True))
    unit = np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-12)
    return (unit * np.sqrt(rows.shape[1])).astype(np.float32)
