"""ALS: implicit-feedback matrix factorisation by alternating least squares (Hu et al., ICDM 2008)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import dot_products
from train.benchmark.systems.system import System, Tuned, mean_mrr_ndcg, share_of, tune
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.prepare.splits import Split, spread_sample
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

BLOCK = 1024  # lists at a time: bounds the memory of the candidates' vectors
VALIDATION_GROUPS = 2000  # at most
ROUNDS = 15  # of solving for users, then for items
TIES = (0.0, 0.1, 0.3, 1.0, 3.0)  # weight of the product of initiator and participant
# Weights of a launch, a failed launch and a join: what the task asks for counts in full.
COUNTS = {Task.ITEMS: (1.0, 0.5, 0.5), Task.PARTICIPANTS: (0.5, 0.5, 1.0)}
Setting = dict[str, Any]  # keyword arguments of implicit

# Few factors suit items, since most users have one or two; telling people apart takes more.
GRID: tuple[Setting, ...] = (
    {"factors": 8, "regularization": 10.0, "alpha": 10.0},
    {"factors": 16, "regularization": 1.0, "alpha": 40.0},
    {"factors": 64, "regularization": 1.0, "alpha": 40.0},
    {"factors": 64, "regularization": 10.0, "alpha": 100.0},
)


@dataclass(frozen=True)
class Factors:
    """Vectors of users [U+1, f] and items [I+1, f]; the cold-start rows are zero. ``tie`` weighs u*p."""

    users: NDArray[np.float32]
    items: NDArray[np.float32]
    tie: float

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Scores [n, N]: Task I u*i, Task II p*i + tie * u*p."""
        scores = np.empty(lists.candidates.shape, np.float32)
        for start in range(0, len(scores), BLOCK):
            block = slice(start, start + BLOCK)
            part = lists.part(block)
            initiator = self.users[part.initiator]
            if part.item is None:
                scores[block] = dot_products(initiator, self.items, part.candidates)
            else:
                query = self.items[part.item] + self.tie * initiator
                scores[block] = dot_products(query, self.users, part.candidates)
        return scores


class Als(System):
    """The confidence is a weighted count of a user's launches, failed launches and joins of an item."""

    name = "als"
    adaptation = (
        "Task II: the product of participant and item plus, weighted, the product of participant and initiator. Made "
        "for items only, it knows neither roles nor ties between people."
    )

    def __init__(
        self, effort: float = 1.0, device: str = "cpu", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of the grid and rounds that it gets; it runs on the CPU, whatever ``device``."""
        self.effort, self.watch = effort, watch
        self.tuned: dict[Task, Tuned[Setting, Factors]] = {}

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Factorises once for each setting and task; keeps what ranks the validation groups best."""
        graphs = Graphs.from_logs(logs, split.visible_groups(logs), friendships=False)
        grid = GRID[: share_of(len(GRID), self.effort)]
        for task, lists in draw_candidate_lists(
            logs, spread_sample(split.validation, VALIDATION_GROUPS), seed
        ).items():
            self.watch(TrainingProgress("epoch", f"{self.name}, {task}", 0.5))
            met = confidence(graphs, COUNTS[task])

            def attempt(
                setting: Setting, lists: CandidateLists = lists, met: sp.csr_matrix = met
            ) -> tuple[float, Factors]:
                users, items = factorise(met, setting, share_of(ROUNDS, self.effort), seed)
                ties = TIES if lists.item is not None else (0.0,)
                tied = [Factors(users, items, tie) for tie in ties]
                qualities = [mean_mrr_ndcg(factors.score(lists)) for factors in tied]
                best = max(range(len(tied)), key=qualities.__getitem__)
                return qualities[best], tied[best]

            self.tuned[task] = tune(grid, attempt)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The products of the vectors."""
        return self.tuned[lists.task].best.score(lists)

    def settings(self) -> dict[str, Any]:
        """The settings chosen and tried for each task."""
        found: dict[str, Any] = {"rounds": share_of(ROUNDS, self.effort)}
        for task, tuned in self.tuned.items():
            found[f"{task}/counts"] = list(COUNTS[task])
            found |= tuned.report(task)
            found[f"{task}/tie"] = tuned.best.tie
        return found


def confidence(graphs: Graphs, counts: tuple[float, float, float]) -> sp.csr_matrix:
    """The weighted counts of every user and item, [U+1, I+1]."""
    parts = zip(counts, (graphs.launched, graphs.failed, graphs.joined), strict=True)
    return sum(np.float32(weight) * matrix for weight, matrix in parts).tocsr().astype(np.float32)


def factorise(
    met: sp.csr_matrix, setting: Setting, rounds: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of users and items, zero for those without any count."""
    from implicit.als import (
        AlternatingLeastSquares,  # compiled; only who compares with ALS needs it
    )

    # implicit has its own threads, one for each block of users; a second pool in BLAS would make them wait.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            **setting,
            iterations=rounds,
            num_threads=settings().threads,
            random_state=seed,
            use_gpu=False,
        )
        model.fit(met, show_progress=False)
    return np.array(model.user_factors), np.array(model.item_factors)
