"""A system of vectors as the trainer sees it: passes over the training groups with fresh negatives."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.logs import FAILED, Logs, Task
from train.benchmark.systems.vectors import Batch, Joins, Launches, Setting, Tables, Vectors
from train.evaluate.metrics import mean_reciprocal_rank
from train.evaluate.negative_sampling import negative_items, negative_participants
from train.evaluate.sampled_ranking import CandidateLists
from train.nn.losses import backpropagate

FEWEST_STEPS = 10  # an epoch, so that a small shop is learned as well
BLOCK = 1024  # lists at once: bounds the memory of their vectors


@dataclass
class VectorLearner:
    """The vectors with what they learn from: ``training`` are positions in ``known``, logs without validation groups.

    ``lists`` are the validation lists of the tasks that are learned; only what these need is drawn.
    """

    module: Vectors
    setting: Setting
    known: Logs
    training: NDArray[np.int64]
    failures: bool
    lists: dict[Task, CandidateLists]
    seed: int
    device: torch.device

    def steps(self) -> int:
        """Steps of an epoch."""
        wanted = max(FEWEST_STEPS, round(len(self.training) / self.setting.batch))
        return min(wanted, len(self.training))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Batches of whole groups, order and negatives decided by the seed and the epoch."""
        rng = np.random.default_rng((self.seed, epoch))
        order = rng.permutation(self.training)
        nothing = [None] * self.steps()
        launches = self._launches(order, rng) if "items" in self.lists else nothing
        failed = rng.permutation(np.flatnonzero(self.known.group_status == FAILED))
        failures = self._launches(failed, rng) if self.failures and len(failed) else nothing
        joins = self._joins(order, rng) if "participants" in self.lists else nothing
        for parts in zip(launches, failures, joins, strict=True):
            yield Batch(*parts)

    def backward(self, batch: Batch) -> dict[str, Tensor]:
        """Gradients of the system's own loss."""
        return backpropagate(self.module.train().losses(batch))

    def evaluate(self) -> dict[str, float]:
        """Mean reciprocal rank at 1:99 of each task, and their mean as ``quality``."""
        tables = finished(self.module)
        found = {
            f"{task}/mrr@100": mean_reciprocal_rank(score_lists(self.module, tables, lists))
            for task, lists in self.lists.items()
        }
        return found | {"quality": float(np.mean(list(found.values())))}

    def _launches(self, groups: NDArray[np.int64], rng: np.random.Generator) -> list[Launches]:
        """The launches of these groups, a part a step."""
        initiator = self.known.group_initiator[groups].astype(np.int64)
        wrong = negative_items(self.known, initiator, self.setting.negatives, rng)
        items = np.column_stack([self.known.group_item[groups], wrong])
        return [
            Launches(self._tensor(initiator[rows]), self._tensor(items[rows]))
            for rows in np.array_split(np.arange(len(groups)), self.steps())
        ]

    def _joins(self, groups: NDArray[np.int64], rng: np.random.Generator) -> list[Joins]:
        """The joins of these groups, a part a step, each with its group's step."""
        logs = self.known
        step = np.full(len(logs.group_item), -1)
        for number, part in enumerate(np.array_split(groups, self.steps())):
            step[part] = number
        joins = np.flatnonzero(step[logs.join_group] >= 0)
        group = logs.join_group[joins].astype(np.int64)
        wrong = negative_participants(logs, group, self.setting.negatives, rng)
        people = np.column_stack([logs.join_participant[joins], wrong])
        found = []
        for number in range(self.steps()):
            rows = np.flatnonzero(step[group] == number)
            initiator, item = logs.group_initiator[group[rows]], logs.group_item[group[rows]]
            parts = (initiator, item, people[rows])
            found.append(Joins(*(self._tensor(part) for part in parts)))
        return found

    def _tensor(self, positions: NDArray[np.integer]) -> Tensor:
        return torch.from_numpy(positions.astype(np.int64)).to(self.device)


def finished(vectors: Vectors) -> Tables:
    """The tables as they are scored with: no gradient, no dropout."""
    with torch.no_grad():
        tables: Tables = vectors.eval()()
        return tables


def score_lists(vectors: Vectors, tables: Tables, lists: CandidateLists) -> NDArray[np.float32]:
    """Scores [n, N] of lists of either task."""
    device = next(iter(tables.values())).device
    scores = np.empty(lists.candidates.shape, np.float32)
    for start in range(0, len(scores), BLOCK):
        part = lists.part(slice(start, start + BLOCK))
        initiator, candidates = (
            torch.from_numpy(positions.astype(np.int64)).to(device)
            for positions in (part.initiator, part.candidates)
        )
        with torch.no_grad():
            if part.item is None:
                found = vectors.score_items(tables, initiator, candidates)
            else:
                item = torch.from_numpy(part.item.astype(np.int64)).to(device)
                found = vectors.score_participants(tables, initiator, item, candidates)
        scores[start : start + BLOCK] = found.cpu().numpy()
    return scores
