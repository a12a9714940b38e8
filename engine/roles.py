"""The role vectors of the current logs, in the place of those that a graph has stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.evidence.tables import Tables

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Roles:
    """What one task's graph is fed instead of positions in its own tables.

    Everybody stands at the newcomer's position, whose stored vector is zero, and brings the whole
    vector as a shift.
    """

    tables: Tables
    views: Mapping[str, Sequence[str]]  # by place in the query, side by side in its shift
    newcomers: Mapping[str, int]  # in the graph, by place in the query

    def feeds(
        self, initiator: int, item: int | None, candidates: Positions
    ) -> dict[str, NDArray[np.generic]]:
        """Inputs of the graph for positions in the current logs, of which the tables are made."""
        rows = {"initiator": np.array([initiator]), "candidate": candidates}
        if item is not None:
            rows["item"] = np.array([item])
        feeds: dict[str, NDArray[np.generic]] = {
            f"{place}_shift": self._vectors(place, rows[place]) for place in self.views
        }
        return feeds | {
            "initiator": np.array([self.newcomers["initiator"]], np.int64),
            "item": np.array([self.newcomers["item"]], np.int64),
            "candidates": np.full(len(candidates), self.newcomers["candidate"], np.int64),
        }

    def _vectors(self, place: str, rows: Positions) -> NDArray[np.float32]:
        """[rows, views * d]."""
        return np.concatenate([getattr(self.tables, view)[rows] for view in self.views[place]], 1)
