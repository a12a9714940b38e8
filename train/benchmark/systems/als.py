"""ALS: implicit-feedback matrix factorisation by alternating least squares (Hu et al., ICDM 2008)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.graphs import Graphs
from engine.evidence.sparse_products import dot_products
from train.benchmark.systems.search_space import Range, Space, Whole
from train.benchmark.systems.searched import (
    VALIDATION_GROUPS,
    Judge,
    Scope,
    SearchedSystem,
    Training,
    Values,
)
from train.benchmark.systems.system import mean_mrr_ndcg, share_of
from train.evaluate.sampled_ranking import CandidateLists, validation_lists
from train.evaluate.splits import Split
from train.progress import TrainingProgress

BLOCK = 1024  # lists at a time: bounds the memory of the candidates' vectors
ROUNDS = 15  # of solving for users, then for items
# Without a search. Few factors suit items, since most users have one or two; telling people apart takes more.
OWN: dict[Task, Values] = {
    Task.ITEMS: {
        "factors": 8,
        "regularization": 10.0,
        "alpha": 10.0,
        "others": 0.5,
        "popularity": 1e-3,
    },
    Task.PARTICIPANTS: {
        "factors": 64,
        "regularization": 10.0,
        "alpha": 100.0,
        "others": 0.5,
        "popularity": 1e-3,
        "tie": 3.0,
    },
}
DOMAINS: Space = {
    "factors": Whole(2, 9, powers=True),
    "regularization": Range(0.01, 1e5, log=True),
    "alpha": Range(0.01, 1000.0, log=True, closed=("low",)),  # below, all counts weigh the same
    "others": Range(0.0, 1.0, closed=("low", "high")),
    "popularity": Range(1e-3, 3.0, log=True, closed=("low",)),
}
TIES: Space = {
    "tie": Range(0.03, 100.0, log=True)
}  # weight of the product of initiator and participant


@dataclass(frozen=True)
class Factors:
    """Vectors of users [U+1, f] and items [I+1, f]; the cold-start rows are zero.

    ``tie`` weighs u*p. ``popular`` is what is added to the scores of all items [I+1], or of all participants [U+1].
    """

    users: NDArray[np.float32]
    items: NDArray[np.float32]
    tie: float
    popular: NDArray[np.float32]

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Scores [n, N]: Task I u*i, Task II p*i + tie * u*p; each plus the candidate's popularity."""
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
            scores[block] += self.popular[part.candidates]
        return scores


class Als(SearchedSystem[Factors]):
    """The confidence is a weighted count of a user's launches, failed launches and joins of an item."""

    name = "als"
    adaptation = (
        "Task II: the product of participant and item plus, weighted, the product of participant and initiator. Made "
        "for items only, it knows neither roles nor ties between people. Launches, failed launches and joins are "
        "counted together; what the task does not ask for has a weight that is searched. Its scores have a term that "
        "its paper does not have: the logarithm of the item's launches or the participant's joins, with a weight that "
        "is searched from nearly nothing."
    )
    scopes: ClassVar[Sequence[Scope]] = ((Task.ITEMS,), (Task.PARTICIPANTS,))
    needs_all_groups = True

    def space(self, scope: Scope) -> Space:
        """The domains of the factorisation, and of the tie in Task II."""
        return {**DOMAINS, **TIES} if Task.PARTICIPANTS in scope else DOMAINS

    def own_setting(self, scope: Scope) -> Values:
        """The best of a small grid on Beibei."""
        return OWN[scope[0]]

    def prepare(self, logs: Logs, split: Split, seed: int) -> None:
        """Counts who met what; implicit runs on the CPU, whatever the device."""
        self.seed = seed
        self.graphs = Graphs.from_logs(logs, split.visible_groups(logs), friendships=False)
        self.lists = validation_lists(logs, split, VALIDATION_GROUPS, seed)

    def train(self, scope: Scope, values: Values, judge: Judge) -> Training[Factors]:
        """One factorisation."""
        (task,) = scope
        self.watch(TrainingProgress("epoch", f"{self.name}, {task}", 0.5))
        # What the task asks for counts in full, the rest by the weight of the others.
        others: float = values["others"]
        weights = (1.0, others, others) if task == Task.ITEMS else (others, others, 1.0)
        met = confidence(self.graphs, weights)
        setting = {name: values[name] for name in ("factors", "regularization", "alpha")}
        users, items = factorise(met, setting, share_of(ROUNDS, self.effort), self.seed)
        counts = self.graphs.item_counts[:, 0]
        if task == Task.PARTICIPANTS:
            counts = self.graphs.user_counts[:, 2]
        popular = (values["popularity"] * np.log1p(counts)).astype(np.float32)
        factors = Factors(users, items, values.get("tie", 0.0), popular)
        quality = mean_mrr_ndcg(factors.score(self.lists[task]))
        judge(quality)
        return Training(quality, factors)

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """The products of the vectors, plus popularity."""
        return self.fitted(lists.task).score(lists)

    def settings(self) -> Values:
        """With the rounds."""
        return {"rounds": share_of(ROUNDS, self.effort)} | super().settings()


def confidence(graphs: Graphs, counts: tuple[float, float, float]) -> sp.csr_matrix:
    """The weighted counts of every user and item, [U+1, I+1]."""
    parts = zip(counts, (graphs.launched, graphs.failed, graphs.joined), strict=True)
    return sum(np.float32(weight) * matrix for weight, matrix in parts).tocsr().astype(np.float32)


def factorise(
    met: sp.csr_matrix, setting: Values, rounds: int, seed: int
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
