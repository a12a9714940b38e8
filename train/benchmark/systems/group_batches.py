"""Batches of whole groups with fresh negatives in every epoch: their launches, their joins, and failed launches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from db.logs import FAILED, Logs, Task
from engine.candidates import Question
from train.benchmark.systems.network_peer import TrainingData, to_device
from train.evaluate.negative_sampling import negative_items, negative_participants

FEWEST_STEPS = 10  # an epoch, so that a small shop is learned as well


@dataclass(frozen=True)
class Launches:
    """n launches: ``initiator`` [n] and ``items`` [n, 1+N], the launched one in column 0."""

    initiator: Tensor
    items: Tensor


@dataclass(frozen=True)
class Joins:
    """m joins: ``initiator`` [m], ``item`` [m] and ``participants`` [m, 1+N], the one who joined in column 0."""

    initiator: Tensor
    item: Tensor
    participants: Tensor


@dataclass(frozen=True)
class GroupBatch:
    """A step's launches, failed launches and joins; None for those that the network does not learn from."""

    launches: Launches | None
    failures: Launches | None
    joins: Joins | None


class GroupBatches:
    """The training groups in an order of each epoch, cut into steps."""

    def __init__(
        self,
        data: TrainingData,
        tasks: Sequence[Task],
        negatives: int,
        groups_a_step: int,
        failures: bool,
    ) -> None:
        """``groups_a_step`` is cut in a small shop; ``failures`` adds failed launches."""
        seen = data.split.visible_groups(data.logs)
        self.question = data.split.question
        self.known: Logs = data.logs.with_groups(seen)
        self.training: NDArray[np.int64] = (np.cumsum(seen) - 1)[data.split.training]
        self.tasks, self.negatives, self.failures = tasks, negatives, failures
        self.groups_a_step, self.seed, self.device = groups_a_step, data.seed, data.device

    def steps(self) -> int:
        """Steps of an epoch."""
        wanted = max(FEWEST_STEPS, round(len(self.training) / self.groups_a_step))
        return min(wanted, len(self.training))

    def epoch(self, number: int) -> Iterator[GroupBatch]:
        """Order and negatives are drawn by the seed and the epoch."""
        rng = np.random.default_rng((self.seed, number))
        order = rng.permutation(self.training)
        nothing = [None] * self.steps()
        launches = self._launches(order, rng) if Task.ITEMS in self.tasks else nothing
        failed = rng.permutation(np.flatnonzero(self.known.group_status == FAILED))
        failures = self._launches(failed, rng) if self.failures and len(failed) else nothing
        joins = self._joins(order, rng) if Task.PARTICIPANTS in self.tasks else nothing
        for parts in zip(launches, failures, joins, strict=True):
            yield GroupBatch(*parts)

    def _launches(self, groups: NDArray[np.int64], rng: np.random.Generator) -> list[Launches]:
        """The launches of these groups, in as many parts as there are steps."""
        initiator = self.known.group_initiator[groups].astype(np.int64)
        item = self.known.group_item[groups].astype(np.int64)
        left_out = item if self.question is Question.ANY else None
        negatives = negative_items(
            self.known, initiator, self.negatives, rng, positive=left_out
        ).drawn
        items = np.column_stack([item, negatives])
        return [
            Launches(*to_device((initiator[rows], items[rows]), self.device))
            for rows in np.array_split(np.arange(len(groups)), self.steps())
        ]

    def _joins(self, groups: NDArray[np.int64], rng: np.random.Generator) -> list[Joins]:
        """The joins of these groups, each in the step of its group."""
        logs = self.known
        step = np.full(len(logs.group_item), -1)
        for number, part in enumerate(np.array_split(groups, self.steps())):
            step[part] = number
        joins = np.flatnonzero(step[logs.join_group] >= 0)
        group = logs.join_group[joins].astype(np.int64)
        negatives = negative_participants(logs, group, self.negatives, rng).drawn
        people = np.column_stack([logs.join_participant[joins], negatives])
        found = []
        for number in range(self.steps()):
            rows = np.flatnonzero(step[group] == number)
            initiator, item = logs.group_initiator[group[rows]], logs.group_item[group[rows]]
            found.append(Joins(*to_device((initiator, item, people[rows]), self.device)))
        return found
