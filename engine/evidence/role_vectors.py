"""Role vectors without learning: items by co-occurrence, users by propagation over each graph.

Learned vectors for 190,080 users with one or two launches each memorise the logs. These cannot, and a user who is new
since the training gets a vector in the same way.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from engine.bundle.files import ITEM_VIEWS, USER_VIEWS, Roles
from engine.evidence.describes_candidates import DescribesCandidates


@dataclass(frozen=True)
class ViewTables:
    """The view that each graph gives of every user and item, of width d; the last row, for cold start, is zero.

    ``initiator`` X_I[u], ``participant`` X_P[p] and ``social`` X_IP[u or p] are [U+1, d]; ``launched`` X_I[i] and
    ``joined`` X_P[i] are [I+1, d]. ``average`` [2d] is p-bar, the mean of e_p over the users who joined a group.
    """

    initiator: NDArray[np.float32]
    participant: NDArray[np.float32]
    social: NDArray[np.float32]
    launched: NDArray[np.float32]
    joined: NDArray[np.float32]
    average: NDArray[np.float32]

    def concatenated(self) -> Roles:
        """The role vectors that a model serves with: the views of each user and item side by side."""
        users, items = (
            np.concatenate([getattr(self, name) for name in names], 1)
            for names in (USER_VIEWS, ITEM_VIEWS)
        )
        return Roles(users, items)


def propagate_views(evidence: DescribesCandidates, rotation: NDArray[np.float32]) -> ViewTables:
    """Views of width d from the smooth taste vectors times ``rotation`` [m, d], each row scaled to length sqrt(d).

    An item's vector is propagated to the users who launched it, to those who joined it, and through their circles.
    """
    graphs = evidence.graphs
    base = item_vectors(evidence, rotation)
    items = _scaled_rows(base)
    launches = graphs.launched_ever + graphs.failed_ever
    participant = _scaled_rows(_weighted_by_rarity(graphs.joined_ever, graphs.rarity) @ base)
    social = _scaled_rows(graphs.circle_mean @ (graphs.smoothed_history @ base))
    joined = graphs.user_counts[:, 2] > 0
    both = np.concatenate([participant, social], 1)
    return ViewTables(
        initiator=_scaled_rows(_weighted_by_rarity(launches, graphs.rarity) @ base),
        participant=participant,
        social=social,
        launched=items,
        joined=items,
        average=both[joined].mean(0) if joined.any() else np.zeros(both.shape[1], np.float32),
    )


def procrustes_rotation(
    evidence: DescribesCandidates, dim: int, target: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """The rotation [m, dim] from smooth taste vectors to item vectors of width ``dim``.

    Eigenvectors of another snapshot come in another order and direction. With the item vectors ``target`` [I+1, dim]
    of a reference snapshot this solves the orthogonal Procrustes problem, min |V R - target| over R with orthonormal
    columns (Schönemann 1966), so that one head can read both. Without, R selects the leading vectors as they are.
    """
    if target is None:
        return np.eye(evidence.smooth_taste.shape[1], dim, dtype=np.float32)
    left, _, right = np.linalg.svd(evidence.smooth_taste.T @ target, full_matrices=False)
    return np.asarray(left @ right, np.float32)


def item_vectors(
    evidence: DescribesCandidates, rotation: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The items' smooth taste vectors after ``rotation`` [m, d], as [I+1, d]."""
    return np.asarray(evidence.smooth_taste @ rotation, np.float32)


def _weighted_by_rarity(matrix: sp.csr_matrix, rarity: NDArray[np.float32]) -> sp.csr_matrix:
    """The matrix [U+1, I+1] with popular items weighing less, as in a normalised graph."""
    return (matrix @ sp.diags(rarity)).tocsr()


def _scaled_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length sqrt(d), so that each number is about 1; zero rows stay zero."""
    length = np.sqrt((rows.astype(np.float64) ** 2).sum(1, keepdims=True))
    unit = np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-12)
    return (unit * np.sqrt(rows.shape[1])).astype(np.float32)
