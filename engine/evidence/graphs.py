"""The logs as sparse matrices: who launched, failed with and joined what, and who met whom.

U users and I items. Every matrix has one more row (or column) than that: the last one is the cold-start position, of
which nothing is known, so that an unknown id needs no special case anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import FAILED, SUCCESSFUL, Logs

SMOOTH_USER, SMOOTH_ITEM = 1, 5  # added to degrees
STORED = ("launched", "failed", "joined", "invited", "befriended")


@dataclass(frozen=True)
class Graphs:
    """Counts of past groups, float32. A cell counts groups, so that repetitions count towards popularity.

    ``launched`` [U+1, I+1]: successful launches. ``failed`` [U+1, I+1]: launches that nobody joined. ``joined``
    [U+1, I+1]: joins. ``invited`` [U+1, U+1]: initiator by participant. ``befriended`` [U+1, U+1]: declared
    friendships, symmetric.
    """

    launched: sp.csr_matrix
    failed: sp.csr_matrix
    joined: sp.csr_matrix
    invited: sp.csr_matrix
    befriended: sp.csr_matrix

    @classmethod
    def from_logs(
        cls, logs: Logs, groups: NDArray[np.bool_] | None = None, friendships: bool = True
    ) -> "Graphs":
        """The graphs of the successful and failed groups where ``groups`` [G] is true (default: all).

        Open groups are left out: whether they will fill is not known yet.
        """
        kept = np.ones(len(logs.group_item), bool) if groups is None else groups
        users, items = len(logs.users) + 1, len(logs.items) + 1
        successful = kept & (logs.group_status == SUCCESSFUL)
        failed = kept & (logs.group_status == FAILED)
        joins = successful[logs.join_group]
        group, participant = logs.join_group[joins], logs.join_participant[joins]
        pairs = logs.friendships if friendships else logs.friendships[:0]
        return cls(
            launched=_counts(
                logs.group_initiator[successful], logs.group_item[successful], (users, items)
            ),
            failed=_counts(logs.group_initiator[failed], logs.group_item[failed], (users, items)),
            joined=_counts(participant, logs.group_item[group], (users, items)),
            invited=_counts(logs.group_initiator[group], participant, (users, users)),
            befriended=_counts(
                np.concatenate([pairs[:, 0], pairs[:, 1]]),
                np.concatenate([pairs[:, 1], pairs[:, 0]]),
                (users, users),
            ),
        )

    @property
    def users(self) -> int:
        """U, which is also the cold-start row."""
        return int(self.launched.shape[0]) - 1

    @property
    def items(self) -> int:
        """I, which is also the cold-start column."""
        return int(self.launched.shape[1]) - 1

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The graphs as plain arrays for storage; ``from_arrays`` reads them back."""
        stored: dict[str, NDArray[np.generic]] = {}
        for name in STORED:
            matrix = getattr(self, name)
            stored[f"{name}.indptr"] = matrix.indptr.astype(np.int32)
            stored[f"{name}.indices"] = matrix.indices.astype(np.int32)
            stored[f"{name}.counts"] = matrix.data.astype(np.uint16)
        stored["shape"] = np.array(self.launched.shape, np.int64)
        return stored

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[np.generic]]) -> "Graphs":
        """The graphs that ``arrays`` returned."""
        users, items = (int(size) for size in stored["shape"])
        matrices: dict[str, sp.csr_matrix] = {}
        for name in STORED:
            shape = (users, users if name in ("invited", "befriended") else items)
            matrices[name] = sp.csr_matrix(
                (
                    stored[f"{name}.counts"].astype(np.float32),
                    stored[f"{name}.indices"],
                    stored[f"{name}.indptr"],
                ),
                shape,
            )
        return cls(**matrices)

    # Everything below is derived on first access and cached.

    @cached_property
    def launched_ever(self) -> sp.csr_matrix:
        """``launched`` as 0 and 1."""
        return _binary(self.launched)

    @cached_property
    def failed_ever(self) -> sp.csr_matrix:
        """``failed`` as 0 and 1."""
        return _binary(self.failed)

    @cached_property
    def joined_ever(self) -> sp.csr_matrix:
        """``joined`` as 0 and 1."""
        return _binary(self.joined)

    @cached_property
    def history(self) -> sp.csr_matrix:
        """Whether a user launched, failed with or joined an item: 0 or 1, [U+1, I+1]."""
        return _binary(self.launched + self.failed + self.joined)

    @cached_property
    def history_by_item(self) -> sp.csr_matrix:
        """``history`` by item, [I+1, U+1]."""
        return self.history.T.tocsr()

    @cached_property
    def circle(self) -> sp.csr_matrix:
        """Everybody's circle: 0 or 1, symmetric, [U+1, U+1].

        A user's circle holds the initiators whose successful groups they joined, the participants of their own, and
        their declared friends. ``db.queries.ties.circle_of`` reads the same
        circle from the store.
        """
        return _binary(self.invited + self.invited.T + self.befriended)

    @cached_property
    def co_occurrence(self) -> sp.csr_matrix:
        """How many users have both of two items in their history, zero on the diagonal, [I+1, I+1]."""
        counts = (self.history.T @ self.history).tocsr()
        counts.setdiag(0)
        counts.eliminate_zeros()
        return counts

    @cached_property
    def rarity(self) -> NDArray[np.float32]:
        """One over the square root of an item's number of users, [I+1]; two of these normalise a cosine."""
        return _inverse_root(_sums(self.history, 0))

    @cached_property
    def normalised_history(self) -> sp.csr_matrix:
        """``history``, symmetrically normalised by degree, [U+1, I+1]."""
        return _scale_both(_inverse_root(_sums(self.history, 1)), self.history, self.rarity)

    @cached_property
    def smoothed_history(self) -> sp.csr_matrix:
        """``history``, normalised by degree plus a constant, [U+1, I+1]."""
        users = _inverse_root(_sums(self.history, 1) + SMOOTH_USER)
        items = _inverse_root(_sums(self.history, 0) + SMOOTH_ITEM)
        return _scale_both(users, self.history, items)

    @cached_property
    def normalised_circle(self) -> sp.csr_matrix:
        """``circle``, symmetrically normalised by degree, [U+1, U+1]."""
        root = _inverse_root(self.circle_size)
        return _scale_both(root, self.circle, root)

    @cached_property
    def circle_history(self) -> sp.csr_matrix:
        """How many people of a user's circle have an item in their history, [U+1, I+1]."""
        return (self.circle @ self.history).tocsr()

    @cached_property
    def circle_history_by_item(self) -> sp.csr_matrix:
        """``circle_history`` by item, [I+1, U+1]."""
        return self.circle_history.T.tocsr()

    @cached_property
    def normalised_history_by_item(self) -> sp.csr_matrix:
        """``normalised_history`` by item, [I+1, U+1]."""
        return self.normalised_history.T.tocsr()

    @cached_property
    def normalised_circle_history_by_item(self) -> sp.csr_matrix:
        """``normalised_circle_history`` by item, [I+1, U+1]."""
        return self.normalised_circle_history.T.tocsr()

    @cached_property
    def normalised_circle_history(self) -> sp.csr_matrix:
        """The normalised history of a user's circle, [U+1, I+1]."""
        return (self.normalised_circle @ self.normalised_history).tocsr()

    @cached_property
    def circle_mean(self) -> sp.csr_matrix:
        """Averages over each user's circle, [U+1, U+1]."""
        return (
            (sp.diags(1 / np.maximum(self.circle_size, 1)) @ self.circle).tocsr().astype(np.float32)
        )

    @cached_property
    def item_counts(self) -> NDArray[np.float32]:
        """Launches, failed launches and joins of each item, [I+1, 3]."""
        return np.stack([_sums(m, 0) for m in (self.launched, self.failed, self.joined)], 1)

    @cached_property
    def user_counts(self) -> NDArray[np.float32]:
        """Launches, failed launches and joins of each user, [U+1, 3]."""
        return np.stack([_sums(m, 1) for m in (self.launched, self.failed, self.joined)], 1)

    @cached_property
    def circle_size(self) -> NDArray[np.float32]:
        """How many people are in each user's circle, [U+1]."""
        return _sums(self.circle, 1)

    @cached_property
    def launched_by_item(self) -> sp.csr_matrix:
        """``launched_ever`` by item, [I+1, U+1]."""
        return self.launched_ever.T.tocsr()

    @cached_property
    def failed_by_item(self) -> sp.csr_matrix:
        """``failed_ever`` by item, [I+1, U+1]."""
        return self.failed_ever.T.tocsr()

    @cached_property
    def joined_by_item(self) -> sp.csr_matrix:
        """``joined_ever`` by item, [I+1, U+1]."""
        return self.joined_ever.T.tocsr()

    @cached_property
    def invited_by(self) -> sp.csr_matrix:
        """``invited`` by participant, [U+1, U+1]."""
        return self.invited.T.tocsr()


def _counts(
    rows: NDArray[np.int32], columns: NDArray[np.int32], shape: tuple[int, int]
) -> sp.csr_matrix:
    matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape)
    matrix.sum_duplicates()
    return matrix


def _binary(matrix: sp.csr_matrix) -> sp.csr_matrix:
    binary = matrix.tocsr().copy()
    binary.eliminate_zeros()
    binary.data = np.ones_like(binary.data)
    return binary


def _sums(matrix: sp.csr_matrix, axis: int) -> NDArray[np.float32]:
    return np.asarray(matrix.sum(axis), np.float32).ravel()


def _inverse_root(degree: NDArray[np.float32]) -> NDArray[np.float32]:
    return (1 / np.sqrt(np.maximum(degree, 1))).astype(np.float32)


def _scale_both(
    left: NDArray[np.float32], matrix: sp.csr_matrix, right: NDArray[np.float32]
) -> sp.csr_matrix:
    return (sp.diags(left) @ matrix @ sp.diags(right)).tocsr().astype(np.float32)
