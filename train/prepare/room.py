"""Room for rows that come part by part, laid out once: joining the parts in the end would hold everything twice."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Room:
    """Arrays of at most ``most`` rows, each filled from the top; what stays empty takes no memory."""

    def __init__(self, most: int) -> None:
        self.most, self.rows = most, 0
        self.arrays: dict[str, NDArray[Any]] = {}

    def add(self, part: Mapping[str, NDArray[Any]]) -> None:
        """Puts the rows of a part below those that are there. All parts have the same names, each of as many rows."""
        (count,) = {len(array) for array in part.values()}
        below = slice(self.rows, self.rows + count)
        for name, array in part.items():
            if name not in self.arrays:
                self.arrays[name] = np.empty((self.most, *array.shape[1:]), array.dtype)
            self.arrays[name][below] = array
        self.rows += count

    def filled(self) -> dict[str, NDArray[Any]]:
        """The rows that are there, by name."""
        return {name: array[: self.rows] for name, array in self.arrays.items()}
