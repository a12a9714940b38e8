"""Systems whose settings are searched: one training a setting, judged by its quality on validation groups."""

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from db.logs import Logs, Task
from train.benchmark.systems.search_space import Space
from train.benchmark.systems.system import System
from train.evaluate.splits import Split
from train.progress import ProgressCallback, ignore_progress

Scope = tuple[Task, ...]  # the tasks that share a network or a model, and so its settings
Values = dict[str, Any]  # settings by name, as JSON holds them
# Called with the quality of each evaluation of a training, in turn; may raise to stop the training.
Judge = Callable[[float], None]
Fitted = TypeVar("Fitted")

VALIDATION_GROUPS = 4000  # at most, that a training is evaluated on
NOT_TUNED = "not tuned: the settings were not searched"


def every_evaluation(quality: float) -> None:
    """Lets a training go on."""


def scope_name(scope: Scope) -> str:
    """The name of a scope in files: "items", "participants" or "items+participants"."""
    return "+".join(scope)


@dataclass(frozen=True)
class Tuning:
    """The settings that a search chose, by scope, and what the search took, as records keep it.

    Without a search there are no ``chosen`` settings, and ``budget`` is the sentence that says so.
    """

    chosen: Mapping[str, Values] = field(default_factory=dict)
    budget: Mapping[str, Any] | str = NOT_TUNED


UNTUNED = Tuning()


@dataclass(frozen=True)
class Training(Generic[Fitted]):
    """What came of a training: its best quality, what scores, and how far the best evaluation was.

    ``best_epoch`` counts passes, or trees; 0 where there is nothing to count.
    """

    quality: float
    fitted: Fitted
    best_epoch: float = 0.0


class SearchedSystem(System, Generic[Fitted]):
    """A system that is trained once for each scope, with settings that a search chose or with its own.

    ``needs_all_groups``: all that it knows of a user are the groups that it learns from, so that a search on a part of
    them would leave most users unknown and choose settings for newcomers.
    """

    scopes: ClassVar[Sequence[Scope]] = (tuple(Task),)
    needs_all_groups: ClassVar[bool] = False

    def __init__(
        self,
        effort: float = 1.0,
        device: str = "auto",
        watch: ProgressCallback = ignore_progress,
        tuning: Tuning = UNTUNED,
    ) -> None:
        """``effort`` is the share of its passes that the system gets; comparisons use 1."""
        self.effort, self.requested_device, self.watch, self.tuning = effort, device, watch, tuning
        self.trained: dict[Scope, Training[Fitted]] = {}

    @abc.abstractmethod
    def space(self, scope: Scope) -> Space:
        """Where the settings of a scope are searched."""

    @abc.abstractmethod
    def own_setting(self, scope: Scope) -> Values:
        """The settings without a search, for every name of the space."""

    @abc.abstractmethod
    def prepare(self, logs: Logs, split: Split, seed: int) -> None:
        """Computes what trainings with any settings share; ``logs`` hold no test group."""

    @abc.abstractmethod
    def train(self, scope: Scope, values: Values, judge: Judge) -> Training[Fitted]:
        """One training after ``prepare``, with early stopping on validation groups; the same values give the same."""

    def keep(self, scope: Scope, training: Training[Fitted]) -> None:
        """Scores with this training from now on."""
        self.trained[scope] = training

    def setting(self, scope: Scope) -> Values:
        """The settings that a search chose, else the system's own."""
        return self.own_setting(scope) | dict(self.tuning.chosen.get(scope_name(scope), {}))

    def fit(self, logs: Logs, split: Split, seed: int) -> None:
        """Trains each scope with its settings."""
        self.prepare(logs, split, seed)
        for scope in self.scopes:
            self.keep(scope, self.train(scope, self.setting(scope), every_evaluation))

    def fitted(self, task: Task) -> Fitted:
        """What scores a task."""
        return next(found.fitted for scope, found in self.trained.items() if task in scope)

    def settings(self) -> Values:
        """The settings of each scope, its best evaluation, and the budget of the search."""
        found: Values = {"search": self.tuning.budget}
        for scope in self.scopes:
            name = scope_name(scope)
            found[f"{name}/chosen"] = self.setting(scope)
            if scope in self.trained:
                found[f"{name}/quality"] = round(self.trained[scope].quality, 4)
                found[f"{name}/best_epoch"] = self.trained[scope].best_epoch
        return found
