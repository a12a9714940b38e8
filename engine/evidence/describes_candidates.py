"""What a model needs of its evidence, whether that knows time (``timed/``) or not (``evidence.py``)."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from db.logs import Task
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import Candidates

Positions = NDArray[np.int64]
Moments = NDArray[np.datetime64]


class DescribesCandidates(Protocol):
    """What past groups say about candidates, one column a fact; B queries with K candidates each."""

    @property
    def graphs(self) -> Graphs:
        """The past groups as counts, for reasons and role vectors."""
        ...

    @property
    def smooth_taste(self) -> NDArray[np.float32]:
        """The vectors [I+1, m] that role vectors are made from."""
        ...

    @property
    def columns(self) -> Mapping[Task, tuple[str, ...]]:
        """The names of the columns of each task."""
        ...

    def items(
        self, initiators: Positions, candidates: Candidates, at: Moments | None = None
    ) -> NDArray[np.float32]:
        """Evidence [B, K, E1] for initiators [B] and items [B, K] (None: all I+1), each as of ``at`` [B]."""
        ...

    def participants(
        self,
        initiators: Positions,
        items: Positions,
        candidates: Candidates,
        at: Moments | None = None,
    ) -> NDArray[np.float32]:
        """Evidence [B, K, E2] for (initiator, item) [B] and users [B, K] (None: all U+1), each as of ``at`` [B]."""
        ...

    def initiators(self, item: int) -> NDArray[np.float32]:
        """Evidence [U+1, E1] of an item for every initiator; row u equals ``items`` of u and the item."""
        ...
