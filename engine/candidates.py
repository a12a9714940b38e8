"""Who and what is a candidate: one definition for negatives, calibration, evaluation and serving.

Task I ranks items for an initiator. Its candidates are all items except those that the initiator has launched already,
with success or in a group that is still open. An item whose launches all failed may be tried again.

Task II ranks participants for an initiator and an item. Its candidates are all users except the members of the group
that is to be filled, the initiator among them.

Negatives are drawn from those candidates that have a history in the snapshot that describes them.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import LAUNCHED, Logs
from engine.evidence.graphs import Graphs

Positions = NDArray[np.int64]


def launched_items(logs: Logs) -> sp.csr_matrix:
    """The items that each user has launched already, bool [U, I]: no candidates of Task I."""
    launched = np.isin(logs.group_status, LAUNCHED)
    pairs = (logs.group_initiator[launched], logs.group_item[launched])
    return _pairs(pairs, (len(logs.users), len(logs.items)))


def group_members(logs: Logs) -> sp.csr_matrix:
    """The participants and the initiator of each group, bool [G, U]: no candidates of Task II."""
    groups = np.arange(len(logs.group_item))
    pairs = (
        np.concatenate([logs.join_group, groups]),
        np.concatenate([logs.join_participant, logs.group_initiator]),
    )
    return _pairs(pairs, (len(groups), len(logs.users)))


def with_history(graphs: Graphs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which items [I] and which users [U] have a history in a snapshot, and so may be drawn as negatives."""
    items, users = graphs.history.getnnz(0), graphs.history.getnnz(1)
    return items[:-1] > 0, users[:-1] > 0


def contains(
    pairs: sp.csr_matrix, rows: NDArray[np.integer], columns: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Which of the cells (``rows`` [n], ``columns`` [n]) are set in ``pairs``, [n]."""
    width = np.int64(pairs.shape[1])
    keys = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr)) * width + pairs.indices
    sought = rows * width + columns
    if not len(keys):
        return np.zeros(sought.shape, bool)
    index = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    return keys[index] == sought


def _pairs(
    cells: tuple[NDArray[np.integer], NDArray[np.integer]], shape: tuple[int, int]
) -> sp.csr_matrix:
    matrix = sp.csr_matrix((np.ones(len(cells[0]), bool), cells), shape)
    matrix.sum_duplicates()  # sorts the columns of each row, too
    return matrix
