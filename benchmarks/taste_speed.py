"""How long a training's taste vectors take, and how well they are found, beside scipy's solver.

    python benchmarks/taste_speed.py

Over the logs of the store that the settings name, cut off as for a training with seed 0. Seconds are of one processor.
"""

import time
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh
from threadpoolctl import threadpool_limits

from db.read_logs import read_logs
from db.store import Store
from engine.evidence.graphs import Graphs
from engine.evidence.taste_vectors import TOLERANCE, item_gram, leading_eigenvectors
from engine.model_settings import ModelSettings
from train.evaluate.splits import split_groups

Found = tuple[NDArray[np.float32], NDArray[np.float32]]  # values [k], vectors [n, k]


def main() -> None:
    """Print a line for each solver and each sort of vectors."""
    settings, logs = ModelSettings(), read_logs(Store.open())
    visible = split_groups(logs, settings, 0).visible_groups(logs)
    graphs = Graphs.from_logs(logs, visible, settings.friendships)
    print(f"{'':<32}{'seconds':>9}{'worst residual':>16}{'space in common':>17}")
    for sort, tastes, count in (
        ("sharp", graphs.normalised_history, settings.taste_rank),
        ("smooth", graphs.smoothed_history, settings.leaning_rank),
    ):
        matrix, _ = item_gram(tastes)
        exact = _scipy(matrix, count, 1e-6)
        for name, solve in (
            ("in blocks", leading_eigenvectors),
            ("scipy", lambda matrix, count: _scipy(matrix, count, TOLERANCE)),
        ):
            print(f"{f'{sort}, {count} of {matrix.shape[0]:,}, {name}':<32}", end="")
            print(_line(matrix, count, exact, solve))


def _scipy(matrix: sp.csr_matrix, count: int, tolerance: float) -> Found:
    return eigsh(matrix, k=count, tol=tolerance, v0=np.ones(matrix.shape[0], np.float32))


def _line(
    matrix: sp.csr_matrix, count: int, exact: Found, solve: Callable[[sp.csr_matrix, int], Found]
) -> str:
    with threadpool_limits(1):
        began = time.process_time()
        values, vectors = solve(matrix, count)
        took = time.process_time() - began
    worst = np.max(np.linalg.norm(matrix @ vectors - vectors * values, axis=0) / values)
    common = np.linalg.norm(exact[1].T @ vectors) ** 2 / count
    return f"{took:>9.1f}{worst:>16.1e}{common:>17.4f}"


if __name__ == "__main__":
    main()
