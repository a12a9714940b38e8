"""Alternating least squares: vectors of users and items from how often they met (Hu et al., ICDM 2008)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from db.logs import Logs
from db.settings import settings
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import dot_products
from train.benchmark.systems.system import System
from train.benchmark.systems.tuned import Setting, Tuned, lessened, quality, tuned
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.prepare.splits import Split, spread_sample
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

BLOCK = 1024  # lists at once: bounds the memory of the candidates' vectors
TUNED_ON = 2000  # validation groups
ROUNDS = 15  # of solving for users, then for items
TIES = (0.0, 0.1, 0.3, 1.0, 3.0)  # weight of the product of initiator and participant
# How much a launch, a failed launch and a join count, by task: what the task asks for counts in full.
COUNTS = {"items": (1.0, 0.5, 0.5), "participants": (0.5, 0.5, 1.0)}
# Few factors suit items, which most users met once or twice; people are told apart by more.
SETTINGS: tuple[Setting, ...] = (
    {"factors": 8, "regularization": 10.0, "alpha": 10.0},
    {"factors": 16, "regularization": 1.0, "alpha": 40.0},
    {"factors": 64, "regularization": 1.0, "alpha": 40.0},
    {"factors": 64, "regularization": 10.0, "alpha": 100.0},
)


@dataclass(frozen=True)
class Factors:
    """Vectors of users [U+1, f] and items [I+1, f]; the last rows, of the newcomers, are zero."""

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
    """Implicit feedback as weighted confidence: launches, failed launches and joins of a user with an item."""

    name = "als"
    adaptation = (
        "Task II: the participant's vector times the item's, plus her vector times the initiator's, "
        "weighted; made for items alone, it has no role and no tie between people."
    )

    def __init__(
        self, effort: float = 1.0, device: str = "cpu", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of settings and rounds that is spent; it works on the CPU, whatever ``device``."""
        self.effort, self.watch = effort, watch
        self.tuned: dict[str, Tuned[Factors]] = {}

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Factorises once a setting and a task, and keeps what ranks the validation groups best."""
        graphs = Graphs.from_logs(logs, parts.seen(logs), friendships=False)
        tried = SETTINGS[: lessened(len(SETTINGS), self.effort)]
        for task, lists in draw_candidate_lists(
            logs, spread_sample(parts.validation, TUNED_ON), seed
        ).items():
            self.watch(TrainingProgress("epoch", f"Factorising for {task}", 0.5))
            met = confidence(graphs, COUNTS[task])

            def attempt(
                setting: Setting, lists: CandidateLists = lists, met: sp.csr_matrix = met
            ) -> tuple[float, Factors]:
                users, items = factorised(met, setting, lessened(ROUNDS, self.effort), seed)
                ties = TIES if lists.item is not None else (0.0,)
                best = tuned(
                    [{"tie": tie} for tie in ties],
                    lambda choice: _tried(Factors(users, items, choice["tie"]), lists),
                )
                return quality(best.found.score(lists)), best.found

            self.tuned[task] = tuned(tried, attempt)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Products of vectors."""
        return self.tuned[lists.task].found.score(lists)

    def settings(self) -> dict[str, Any]:
        """What was chosen and tried for each task."""
        found: dict[str, Any] = {"rounds": lessened(ROUNDS, self.effort)}
        for task, best in self.tuned.items():
            found[f"{task}/counts"] = list(COUNTS[task])
            found[f"{task}/chosen"] = {**best.chosen, "tie": best.found.tie}
            found[f"{task}/tried"] = best.tried
        return found


def confidence(graphs: Graphs, counts: tuple[float, float, float]) -> sp.csr_matrix:
    """How much every user has to do with every item, [U+1, I+1]."""
    parts = zip(counts, (graphs.launched, graphs.failed, graphs.joined), strict=True)
    return sum(np.float32(weight) * matrix for weight, matrix in parts).tocsr().astype(np.float32)


def factorised(
    met: sp.csr_matrix, setting: Setting, rounds: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of users and items; whoever met nothing has zeros."""
    from implicit.als import AlternatingLeastSquares  # brings its own compiled code

    # Its threads work on users apart; a second pool below them makes each wait for the other, and it warns of that.
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


def _tried(factors: Factors, lists: CandidateLists) -> tuple[float, Factors]:
    return quality(factors.score(lists)), factors
