"""Who and what is a candidate: one definition for negatives, calibration, evaluation and serving.

Task I ranks items for an initiator, and answers one of two questions. *Something new*: its candidates are all items
except those that the initiator has launched already, with success or in a group that is still open; an item whose
launches all failed may be tried again. *Anything*: all items. Which one a shop asks follows from its share of repeats.

Task II ranks participants for an initiator and an item. Its candidates are all users except the members of the group
that is to be filled, the initiator among them.

Negatives are drawn from those candidates that have a history in the snapshot that describes them.
"""

from enum import StrEnum
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.logs import LAUNCHED, Logs
from engine.evidence.graphs import Graphs

Positions = NDArray[np.int64]

REPEATS = 0.1  # share of launches that repeat an item of their initiator, from which on a shop asks for anything


class Question(StrEnum):
    """What Task I is asked: which item an initiator launches that they have not launched yet, or which item at all."""

    NEW = "new"
    ANY = "any"

    @classmethod
    def of(cls, exclude_launched: bool) -> "Question":
        """The question whose candidates leave out, or include, what the initiator has launched already."""
        return cls.NEW if exclude_launched else cls.ANY


def asked_question(logs: Logs, setting: Literal["auto", "new", "any"]) -> Question:
    """The question of a shop: that of the setting or, with ``auto``, the one that its share of repeats suggests."""
    if setting != "auto":
        return Question(setting)
    return Question.ANY if repeat_share(logs) >= REPEATS else Question.NEW


def repeat_share(logs: Logs) -> float:
    """The share of launches, successful or open, whose initiator launched the same item before; 0 without launches.

    Needs no times: of n launches of an item by one initiator, n - 1 are repeats.
    """
    launches = int(np.isin(logs.group_status, LAUNCHED).sum())
    return 1 - launched_items(logs).nnz / launches if launches else 0.0


def launched_items(logs: Logs) -> sp.csr_matrix:
    """The items that each user has launched already, bool [U, I]: no candidates of Task I."""
    launched = np.isin(logs.group_status, LAUNCHED)
    pairs = (logs.group_initiator[launched], logs.group_item[launched])
    return _pairs(pairs, (len(logs.users), len(logs.items)))


def is_repeat(
    logs: Logs, groups: NDArray[np.integer], known: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which of ``groups`` [n] launch an item that their initiator launched in another of the ``known`` [G] groups."""
    launched = known & np.isin(logs.group_status, LAUNCHED)
    pair = logs.group_initiator.astype(np.int64) * len(logs.items) + logs.group_item
    known_pairs, count = np.unique(pair[launched], return_counts=True)
    if not len(known_pairs):
        return np.zeros(len(groups), bool)
    sought = pair[groups]
    index = np.minimum(np.searchsorted(known_pairs, sought), len(known_pairs) - 1)
    launches = np.where(known_pairs[index] == sought, count[index], 0)
    return launches > launched[groups]


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
