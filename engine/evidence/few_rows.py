"""The graphs for a few questions: products of graphs are computed in the rows that are looked at, never as a whole.

How items go together in a whole shop takes a second or more to count. A list of a hundred candidates looks at a hundred
rows of it, so where each list is asked as of a moment of its own, this is what makes it bearable.
"""

from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from engine.evidence.graphs import Graphs


class RowsOfProduct:
    """The product of two sparse matrices, [N, J] and [J, M], by the rows that are asked for.

    The latest rows are kept, because several columns of the evidence of one list look at the same. Not for threads to
    share.
    """

    def __init__(self, left: sp.csr_matrix, right: sp.csr_matrix, diagonal: bool = True) -> None:
        self._left, self._right, self._diagonal = left, right, diagonal
        self._last: tuple[NDArray[np.int64], sp.csr_matrix] | None = None

    def __getitem__(self, rows: NDArray[np.int64] | int) -> sp.csr_matrix:
        """These rows of the product; without its ``diagonal``, if it has none."""
        asked, place = np.unique(np.atleast_1d(rows), return_inverse=True)
        if self._last is None or not np.array_equal(self._last[0], asked):
            self._last = asked, self._computed(asked)
        return self._last[1][place]

    def _computed(self, asked: NDArray[np.int64]) -> sp.csr_matrix:
        found = (self._left[asked] @ self._right).tocsr()
        if not self._diagonal:
            own = np.repeat(asked, np.diff(found.indptr)) == found.indices
            found.data[own] = 0
            found.eliminate_zeros()
        return found


class FewRowGraphs(Graphs):
    """Graphs for scoring chosen pairs; they cannot rank everybody."""

    @cached_property
    def co_occurrence(self) -> RowsOfProduct:
        """See ``Graphs``."""
        return RowsOfProduct(self.history_by_item, self.history, diagonal=False)

    @cached_property
    def circle_history(self) -> RowsOfProduct:
        """See ``Graphs``."""
        return RowsOfProduct(self.circle, self.history)

    @cached_property
    def circle_history_by_item(self) -> RowsOfProduct:
        """See ``Graphs``."""
        return RowsOfProduct(self.history_by_item, self.circle)  # which is symmetric

    @cached_property
    def normalised_circle_history(self) -> RowsOfProduct:
        """See ``Graphs``."""
        return RowsOfProduct(self.normalised_circle, self.normalised_history)

    @cached_property
    def normalised_circle_history_by_item(self) -> RowsOfProduct:
        """See ``Graphs``."""
        return RowsOfProduct(self.normalised_history_by_item, self.normalised_circle)
