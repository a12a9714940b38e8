"""Networks over MAMGBR's examples whose settings are searched: MGBR, MAMGBR's paper reading, and a plain network."""

from collections.abc import Sequence
from typing import ClassVar

from db.logs import Logs, Task
from engine.model_settings import ModelSettings
from train.benchmark.systems.mamgbr import MamgbrSystem
from train.benchmark.systems.search_space import Space
from train.benchmark.systems.searched import (
    UNTUNED,
    Judge,
    Scope,
    SearchedSystem,
    Training,
    Tuning,
    Values,
)
from train.benchmark.systems.system import share_of
from train.evaluate.splits import Split, settle
from train.learn.fit_network import TrainedNetwork, fit_network
from train.nn.network import Network
from train.prepare.dataset import Dataset
from train.progress import ProgressCallback, TrainingProgress, ignore_progress

EARLY = 4  # evaluations before the first of those that the settings spread evenly


class SearchedNetwork(SearchedSystem[TrainedNetwork], MamgbrSystem):
    """A network of the ``base`` with the settings of a search, one for each scope."""

    domains: ClassVar[Space]
    scopes: ClassVar[Sequence[Scope]] = (tuple(Task),)
    prepared: Dataset

    def __init__(
        self,
        base: ModelSettings,
        effort: float = 1.0,
        device: str = "auto",
        watch: ProgressCallback = ignore_progress,
        tuning: Tuning = UNTUNED,
    ) -> None:
        """``base`` are the settings that are not searched; ``effort`` is the share of its passes that it gets."""
        least = {name: share_of(getattr(base, name), effort) for name in ("epochs", "least_steps")}
        self.base = base.replace(**least)
        MamgbrSystem.__init__(self, self.name, dict.fromkeys(Task, self.base), device, watch)
        SearchedSystem.__init__(self, effort, device, watch, tuning)
        for scope in self.scopes:
            self.configs |= dict.fromkeys(scope, self.config(scope, self.setting(scope)))

    def config(self, scope: Scope, values: Values) -> ModelSettings:
        """The settings of the network of a scope."""
        tasks = "both" if len(scope) > 1 else scope[0]
        return self.base.replace(**values, tasks=tasks)

    def space(self, scope: Scope) -> Space:
        """The domains, the same for each scope."""
        return self.domains

    def own_setting(self, scope: Scope) -> Values:
        """The values of the base, for every name of the space."""
        return {name: getattr(self.base, name) for name in self.domains}

    def prepare(self, logs: Logs, split: Split, seed: int) -> None:
        """Prepares the examples, which the searched settings do not change."""
        self.base = settle(logs, self.base)
        self.seed, self.prepared = seed, self.prepare_dataset(logs, split, seed)

    def train(self, scope: Scope, values: Values, judge: Judge) -> Training[TrainedNetwork]:
        """One training of the scope's network with early stopping."""
        heard = 0.0

        def report(moment: TrainingProgress) -> None:
            nonlocal heard
            self.watch(moment)
            if moment.metrics and moment.metrics["epoch"] != heard:
                heard = moment.metrics["epoch"]
                judge(moment.metrics["quality"])

        run = self.run(self.config(scope, values), self.seed, report)
        found = fit_network(self.prepared, run, alter=self.alter, early=EARLY)
        quality = max(evaluation["quality"] for evaluation in found.history)
        return Training(quality, found, found.best_epoch)

    def alter(self, network: Network) -> None:
        """Changes the network before it is trained; here nothing."""

    def keep(self, scope: Scope, training: Training[TrainedNetwork]) -> None:
        """Scores the tasks of the scope with its network."""
        super().keep(scope, training)
        self.networks |= dict.fromkeys(scope, training.fitted)

    def settings(self) -> Values:
        """The model settings with those of the search."""
        found = self.base.model_dump()
        for scope in self.scopes:
            if len(self.scopes) == 1:
                found |= self.setting(scope)
        return found | SearchedSystem.settings(self)
