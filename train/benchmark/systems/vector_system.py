"""The common part of all systems that learn free vectors: fit, tuning, scores; a system says which vectors."""

import abc
import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from db.logs import Logs, Task
from db.settings import settings
from engine.evidence.graphs import Graphs
from train.benchmark.systems.system import System
from train.benchmark.systems.tuned import Tuned, lessened, tuned
from train.benchmark.systems.vector_learner import VectorLearner, finished, score_lists
from train.benchmark.systems.vectors import Setting, Tables, Vectors
from train.evaluate.sampled_ranking import CandidateLists, draw_candidate_lists
from train.learn.fit_network import resolve_device
from train.learn.trainer import Plan, TrainerProgress, train
from train.prepare.splits import Split, spread_sample
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

TUNED_ON = 4000  # validation groups
EPOCHS = 10  # most passes over the groups with each setting
PATIENCE = 3  # passes without a better figure before learning stops


@dataclass(frozen=True)
class Learned:
    """Vectors with their best weights, the tables that they make, and the evaluations, oldest first."""

    vectors: Vectors
    tables: Tables
    history: list[dict[str, float]]

    def best(self) -> dict[str, float]:
        """The evaluation whose weights these are."""
        return max(self.history, key=lambda evaluation: evaluation["quality"])


class VectorSystem(System):
    """Each entry of ``scopes`` is learned by itself: the tasks it names share vectors, setting and best epoch.

    Of each scope the settings of ``grid`` are tried in turn, stopped early on validation groups, and the best kept.
    """

    scopes: ClassVar[Sequence[tuple[str, ...]]] = (("items",), ("participants",))
    grid: ClassVar[Sequence[Setting]]
    failures: ClassVar[bool] = False  # whether the losses want failed launches

    def __init__(
        self, effort: float = 1.0, device: str = "auto", watch: ProgressCallback = ignore_progress
    ) -> None:
        """``effort`` is the share of settings and passes that is spent."""
        self.wanted, self.watch = device, watch
        self.epochs, self.attempts = lessened(EPOCHS, effort), lessened(len(self.grid), effort)
        self.learned: dict[tuple[str, ...], Tuned[Learned]] = {}

    @abc.abstractmethod
    def vectors(self, graphs: Graphs, tasks: tuple[str, ...], setting: Setting) -> Vectors:
        """Unlearned vectors for these tasks over the graphs of the training groups and failed launches."""

    def fit(self, logs: Logs, parts: Split, seed: int) -> None:
        """Learns each scope; validation groups are in no graph, no positive and no negative."""
        torch.set_num_threads(settings().threads)
        place = resolve_device(self.wanted)
        self.device = place.type
        seen = parts.seen(logs)
        known, training = logs.with_groups(seen), (np.cumsum(seen) - 1)[parts.training]
        graphs = Graphs.from_logs(known)
        lists = draw_candidate_lists(logs, spread_sample(parts.validation, TUNED_ON), seed)
        grid = self.grid[: self.attempts]

        tried = [dataclasses.asdict(setting) for setting in grid]

        def attempt(tasks: tuple[str, ...], told: dict[str, Any]) -> tuple[float, Learned]:
            number = tried.index(told)
            setting = grid[number]
            torch.manual_seed(seed)
            vectors = self.vectors(graphs, tasks, setting).to(place)
            asked = {Task(task): lists[Task(task)] for task in tasks}
            learner = VectorLearner(
                vectors, setting, known, training, self.failures, asked, seed, place
            )
            plan = Plan(self.epochs, self.epochs, PATIENCE, setting.rate, setting.weight_decay)
            done = (self.scopes.index(tasks) + number / len(grid)) / len(self.scopes)
            share = 1 / len(grid) / len(self.scopes)
            history = train(learner, plan, lambda moment: self._tell(moment, tasks, done, share))
            learned = Learned(vectors, finished(vectors), history)
            return learned.best()["quality"], learned

        for tasks in self.scopes:
            self.learned[tasks] = tuned(tried, functools.partial(attempt, tasks))

    def score(self, lists: CandidateLists) -> NDArray[np.float32]:
        """Products of the vectors, as the system adds them up."""
        tasks = next(tasks for tasks in self.scopes if lists.task in tasks)
        learned = self.learned[tasks].found
        return score_lists(learned.vectors, learned.tables, lists)

    def settings(self) -> dict[str, Any]:
        """By scope the setting chosen, its best epoch, and the quality of each setting tried."""
        found: dict[str, Any] = {"epochs": self.epochs, "patience": PATIENCE}
        for tasks, choice in self.learned.items():
            scope = "+".join(tasks)
            found |= {f"{scope}/{name}": value for name, value in choice.chosen.items()}
            found[f"{scope}/best_epoch"] = choice.found.best()["epoch"]
            found[f"{scope}/tried"] = choice.tried
        return found

    def _tell(
        self, moment: TrainerProgress, tasks: tuple[str, ...], done: float, share: float
    ) -> None:
        self.watch(
            TrainingProgress(
                "epoch",
                f"{self.name}, {' and '.join(tasks)}, pass {moment.epoch} of {moment.epochs}",
                done + share * moment.fraction,
                None,
                moment.epoch,
                moment.epochs,
                moment.losses,
                moment.metrics,
            )
        )
