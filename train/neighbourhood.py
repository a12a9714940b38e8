"""Wrong answers that are nearly right: drawn from the neighbourhood of who asks, weighed so that they stand for all.

Of 190,000 users drawn by chance hardly one is near a group, so uniform negatives teach little about the order at the
top of a list. Drawn here with a chance that is known, each near one counts as much less as it is likelier.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from db.evidence.graphs import Graphs
from db.logs import OPEN, SUCCESSFUL, Logs

BLOCK = 1_000  # queries at once: bounds the memory of their neighbourhoods
# What a neighbourhood is made of, in shares.
HER_HISTORY, CIRCLES_HISTORY = 0.5, 0.5
CIRCLE, CIRCLES_CIRCLE, ITEMS_PEOPLE, HISTORYS_PEOPLE = 0.3, 0.3, 0.2, 0.2


@dataclass(frozen=True)
class Wrong:
    """Wrong ``answers`` [n, N], and the logarithm of the ``weight`` [n, N] that each has among N uniform ones.

    ``crowd`` [n] is the logarithm of how many candidates a uniform one stands for.
    """

    answers: NDArray[np.int64]
    weight: NDArray[np.float32]
    crowd: NDArray[np.float32]


@dataclass(frozen=True)
class Neighbourhood:
    """Who and what is two steps away in these graphs: rows of chances that sum to 1, or are empty."""

    graphs: Graphs

    def items(self, initiators: NDArray[np.int64]) -> sp.csr_matrix:
        """Items [B, I+1] that go together with what the initiators [B] and their circles had to do with."""
        hers = _chances(self.graphs.history[initiators])
        circles = _chances(self.graphs.circle[initiators] @ self.graphs.history)
        return _chances((HER_HISTORY * hers + CIRCLES_HISTORY * circles) @ self._from_item_to_item)

    def people(self, initiators: NDArray[np.int64], items: NDArray[np.int64]) -> sp.csr_matrix:
        """Users [B, U+1] in the initiators' circles and their circles, of the items [B] or of the initiators' items."""
        circle = self._circle[initiators]
        history = _chances(self.graphs.history[initiators])
        return _chances(
            CIRCLE * circle
            + CIRCLES_CIRCLE * (circle @ self._circle)
            + ITEMS_PEOPLE * self._people_of_item[items]
            + HISTORYS_PEOPLE * (history @ self._people_of_item)
        )

    @cached_property
    def _circle(self) -> sp.csr_matrix:
        return _chances(self.graphs.circle)

    @cached_property
    def _people_of_item(self) -> sp.csr_matrix:
        return _chances(self.graphs.history_by_item)

    @cached_property
    def _from_item_to_item(self) -> sp.csr_matrix:
        return (self._people_of_item @ _chances(self.graphs.history)).tocsr()


def _chances(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """The rows scaled to sum to 1; those of nothing stay empty."""
    rows = sp.csr_matrix(matrix, dtype=np.float64)
    rows.eliminate_zeros()
    total = np.asarray(rows.sum(1)).ravel()
    rows.data /= np.repeat(np.where(total > 0, total, 1), np.diff(rows.indptr))
    return rows


def with_near_ones(
    uniform: NDArray[np.int64],
    near: int,
    neighbours: Callable[[slice], sp.csr_matrix],
    taken: Callable[[slice], sp.csr_matrix],
    known: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Wrong:
    """The last ``near`` of the ``uniform`` wrong answers [n, N] drawn anew from the neighbours.

    ``neighbours`` of some rows are chances [B, all], ``taken`` [B, all] those that are no wrong answers for them, and
    ``known`` [all - 1] those that the uniform ones were drawn among. A row without neighbours keeps its uniform ones.
    """
    answers = uniform.copy()
    count = answers.shape[1]
    weight = np.zeros(answers.shape, np.float32)
    crowd = np.empty(len(answers), np.float32)
    counted = sp.csr_matrix(np.append(known, False).astype(np.float64))
    for start in range(0, len(answers), BLOCK):
        rows = slice(start, start + BLOCK)
        gone = taken(rows)
        open_ones = np.maximum(known.sum() - np.asarray(gone.multiply(counted).sum(1)).ravel(), 1)
        crowd[rows] = np.log(open_ones / count)
        if not near:
            continue
        chances = neighbours(rows)
        chances = _chances(chances - chances.multiply(gone))
        lonely = np.diff(chances.indptr) == 0
        drawn = answers[rows]
        drawn[~lonely, count - near :] = _drawn(chances[~lonely], near, rng)
        likelier = _cells(chances, drawn) * open_ones[:, None]  # than a uniform draw
        # Either way of drawing may have given any of them, so all are weighed by the chance of both together.
        often = ((count - near) + near * likelier) / count
        weight[rows] = np.where(lonely[:, None], 0, -np.log(often))
    return Wrong(answers, weight, crowd)


def _drawn(chances: sp.csr_matrix, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``count`` columns of each row [B], none of which is empty, by their chances."""
    reached = np.cumsum(chances.data)
    start = np.concatenate([[0.0], reached])[chances.indptr[:-1]]
    end = reached[chances.indptr[1:] - 1]
    wanted = start[:, None] + rng.random((chances.shape[0], count)) * (end - start)[:, None]
    place = np.searchsorted(reached, wanted, side="right")
    place = np.clip(place, chances.indptr[:-1, None], chances.indptr[1:, None] - 1)
    return chances.indices[place].astype(np.int64)


def _cells(chances: sp.csr_matrix, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """The chances of ``columns`` [B, N] in the rows [B]."""
    row = np.repeat(np.arange(len(columns)), columns.shape[1])
    found = np.asarray(chances[row, columns.ravel()]).reshape(columns.shape)
    return np.asarray(found, np.float64)


def launched_by(logs: Logs, initiators: NDArray[np.int64]) -> Callable[[slice], sp.csr_matrix]:
    """Whatever each of the initiators [n] launched and did not fail with, in any split, [B, I+1] by rows."""
    kept = np.isin(logs.group_status, (SUCCESSFUL, OPEN))
    return _rows_of(
        _ones(
            logs.group_initiator[kept],
            logs.group_item[kept],
            (len(logs.users) + 1, len(logs.items) + 1),
        ),
        initiators,
    )


def within(logs: Logs, groups: NDArray[np.int64]) -> Callable[[slice], sp.csr_matrix]:
    """Whoever started or joined each of the groups [n], [B, U+1] by rows."""
    started = np.arange(len(logs.group_item))
    return _rows_of(
        _ones(
            np.concatenate([started, logs.join_group]),
            np.concatenate([logs.group_initiator, logs.join_participant]),
            (len(started), len(logs.users) + 1),
        ),
        groups,
    )


def _rows_of(matrix: sp.csr_matrix, wanted: NDArray[np.int64]) -> Callable[[slice], sp.csr_matrix]:
    return lambda rows: matrix[wanted[rows]]


def _ones(
    rows: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]
) -> sp.csr_matrix:
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix
