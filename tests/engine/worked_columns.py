"""Evidence columns worked out on paper over the worked shop: what a column says, on its scale, and why.

With one sharp taste vector, an item's is the root of its users over 14 and a user's the root of their items over 14:
the leading eigenvector of a connected graph. With as many smooth vectors as items, the product of a user and an item is
the cell of the smoothed history itself: 1 / sqrt((items + 1) * (users + 5)).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import copysign, log1p, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from worked_shop import SHOP

from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs


def count(times: float) -> float:
    return log1p(times)


def share(x: float) -> float:
    return log1p(20 * x)


def product(x: float) -> float:
    return copysign(log1p(1000 * abs(x)), x)


def flag(x: float) -> float:
    return x


@dataclass(frozen=True)
class Column:
    """What a column says in each of the cases, before it is put on its scale, and how that comes about."""

    name: str
    scale: Callable[[float], float]
    values: tuple[float, float, float]
    why: str

    def expected(self, case: int) -> object:
        value = self.scale(self.values[case])
        # A product that is zero is so up to the rounding of eigenvectors, times a thousand.
        return pytest.approx(value, rel=1e-5) if value else pytest.approx(0, abs=1e-3)


# A cosine of two items is the number of users of both over the root of the product of their users.
R12 = sqrt(12)  # of an item with four users and one with three


def worked_evidence() -> Evidence:
    return Evidence.from_graphs(Graphs.from_logs(SHOP), rank=1, smooth_rank=4)


def numbered(*positions: int) -> NDArray[np.int64]:
    return np.array(positions)


def indistinguishable(columns: Sequence[Column]) -> list[tuple[str, ...]]:
    """The columns that are empty in all cases, and the pairs of columns that could change places unseen."""
    scaled = {column.name: [column.scale(value) for value in column.values] for column in columns}
    empty = [(name,) for name, values in scaled.items() if not any(values)]
    pairs = combinations(scaled, 2)
    return empty + [pair for pair in pairs if np.allclose(*(scaled[name] for name in pair))]
