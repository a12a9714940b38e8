"""The shop's ids and the positions by which everything else knows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Entities:
    """The shop's ids by position: first those that the model was trained with, then later ones."""

    ids: list[str]
    trained: int  # how many of them come first

    @property
    def newcomer(self) -> int:
        """The position of everybody else."""
        return len(self.ids)

    def is_new(self, position: int) -> bool:
        """Whether the model was trained without the entity at ``position``."""
        return position >= self.trained

    def with_later(self, ids: Iterable[str]) -> "Entities":
        """These, and then those of ``ids`` that are not among them."""
        later = [id for id in ids if id not in self._positions]
        return Entities([*self.ids, *later], self.trained)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {id: position for position, id in enumerate(self.ids)}

    def position(self, id: str) -> int:
        """The position of the shop's ``id``, the newcomer's where it is unknown."""
        return self._positions.get(id.strip(), len(self.ids))

    def positions(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The position of each id."""
        return np.fromiter(map(self.position, ids), np.int64, len(ids))
