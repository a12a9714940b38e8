"""A study: the trials of one system's settings for the tasks that share them, in Optuna's storage."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from train.benchmark.systems.search_space import ends
from train.benchmark.systems.searched import Scope, SearchedSystem, Values, scope_name
from train.benchmark.tuned_settings import ScopeSearch, Tried

FINALISTS = 2  # settings that are trained on all groups, besides the system's own
RANDOM_TRIALS = (
    8  # before the sampler learns from what was tried; the first trial is the system's own setting
)
MOST_DEATHS = (
    3  # of the process in one training; its setting then counts as too large for the machine
)
KEPT_TRIALS, KEPT_EVALUATIONS = (
    5,
    6,
)  # not pruned: the first trials, and a trial's first evaluations


@dataclass(frozen=True)
class Trials:
    """How many trials a study has, and the seed that they are drawn by."""

    count: int
    seed: int
    groups: int  # that a trial learns from
    all_groups: int


def storage_at(file: Path) -> optuna.storages.BaseStorage:
    """A database in that file, in which a trial is recorded whole or not at all whenever the process is killed."""
    return optuna.storages.RDBStorage(f"sqlite:///{file}")


class Study:
    """The trials of one scope in Optuna's storage: a database that holds every finished training.

    The sampler is seeded by the number of finished trials, so that the next setting depends on nothing but the seed and
    these. A trial that was running when the process died counts for nothing.
    """

    def __init__(
        self, file: Path, key: str, system: SearchedSystem[Any], scope: Scope, trials: Trials
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.system, self.scope, self.trials = system, scope, trials
        self.space = system.space(scope)
        self.study = optuna.create_study(
            storage=storage_at(file),
            study_name=f"{key} {scope_name(scope)}",
            direction="maximize",
            pruner=optuna.pruners.MedianPruner(KEPT_TRIALS, KEPT_EVALUATIONS),
            load_if_exists=True,
        )
        for trial in self.study.get_trials(states=[TrialState.RUNNING]):
            self.study.tell(trial.number, state=TrialState.FAIL)

    @property
    def finished(self) -> list[FrozenTrial]:
        """The trials that ended by themselves or were pruned."""
        states = [TrialState.COMPLETE, TrialState.PRUNED]
        return self.study.get_trials(states=states)

    @property
    def complete(self) -> bool:
        """Whether every trial has run."""
        return len(self.finished) >= self.trials.count

    def run_trials(self) -> Iterator[str]:
        """Runs the trials that are missing."""
        while not self.complete:
            number = len(self.finished) + 1
            tried = self._run_trial(number)
            name, pruned = scope_name(self.scope), ", pruned" if tried.pruned else ""
            yield (
                f"{name}: trial {number} of {self.trials.count}, quality {tried.quality:.4f} "
                f"after {tried.evaluations} evaluations in {tried.seconds:.0f} s{pruned}"
            )

    def _run_trial(self, number: int) -> Tried:
        waiting = self.study.get_trials(states=[TrialState.WAITING])
        if number == 1 and not waiting:
            own = self.system.own_setting(self.scope)
            first = {name: domain.parameter(own[name]) for name, domain in self.space.items()}
            self.study.enqueue_trial(first)
        seed = int(np.random.SeedSequence((self.trials.seed, number)).generate_state(1)[0])
        self.study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        trial = self.study.ask()
        setting = {name: domain.suggest(trial, name) for name, domain in self.space.items()}
        state = TrialState.COMPLETE
        heard: list[float] = []

        def judge(quality: float) -> None:
            heard.append(quality)
            trial.report(quality, len(heard))
            if trial.should_prune():
                raise optuna.TrialPruned

        started = time.perf_counter()
        try:
            if self._deaths(trial.params) >= MOST_DEATHS:
                raise optuna.TrialPruned
            quality = self.system.train(self.scope, setting, judge).quality
        except optuna.TrialPruned:
            quality, state = max(heard, default=0.0), TrialState.PRUNED
        tried = Tried(
            trial=number,
            groups=self.trials.groups,
            setting=setting,
            quality=quality,
            evaluations=len(heard),
            seconds=round(time.perf_counter() - started, 1),
            pruned=state is TrialState.PRUNED,
        )
        trial.set_user_attr("tried", tried.model_dump())
        self.study.tell(trial, None if tried.pruned else quality, state=state)
        return tried

    def _deaths(self, params: Values) -> int:
        """How often the process died in a trial of these parameters."""
        died = self.study.get_trials(states=[TrialState.FAIL])
        return sum(trial.params == params for trial in died)

    @property
    def tried(self) -> list[Tried]:
        """What the finished trials found."""
        return [Tried.model_validate(trial.user_attrs["tried"]) for trial in self.finished]

    @property
    def finalists(self) -> list[Tried]:
        """The trials with the best settings, then that of the system's own, the first; each setting once.

        Its own are among them because what is best on few groups may learn too little from all: a small shop's search
        would otherwise end below where it began.
        """
        first, *others = self.tried
        distinct = {repr(one.setting): one for one in reversed([first, *others]) if not one.pruned}
        best = sorted(distinct.values(), key=lambda one: -one.quality)[:FINALISTS]
        return best if first in best or first.pruned else [*best, first]

    @property
    def on_all(self) -> list[Tried]:
        """The finalists as trained on all groups so far."""
        stored = self.study.user_attrs
        names = [f"on all: {one.trial}" for one in self.finalists]
        return [Tried.model_validate(stored[name]) for name in names if name in stored]

    @property
    def decided(self) -> bool:
        """Whether every finalist was trained on all groups."""
        return len(self.on_all) == len(self.finalists)

    def trials_are_final(self) -> None:
        """Takes the trials as they are, where they learned from all groups already."""
        for one in self.finalists:
            self._keep(one)

    def train_finalists(self) -> Iterator[str]:
        """Trains the finalists that are missing on all groups."""
        done = {one.trial for one in self.on_all}
        for one in self.finalists:
            if one.trial in done:
                continue
            begun = f"begun on all: {one.trial}"
            times = self.study.user_attrs.get(begun, 0)
            self.study.set_user_attr(begun, times + 1)
            heard: list[float] = []
            quality, started = 0.0, time.perf_counter()
            if times < MOST_DEATHS:
                quality = self.system.train(self.scope, one.setting, heard.append).quality
            seconds = round(time.perf_counter() - started, 1)
            changed: Values = {
                "groups": self.trials.all_groups,
                "quality": quality,
                "evaluations": len(heard),
                "seconds": seconds,
            }
            self._keep(one.model_copy(update=changed))
            yield (
                f"{scope_name(self.scope)}: the setting of trial {one.trial} on all groups, "
                f"quality {quality:.4f} after {len(heard)} evaluations in {seconds:.0f} s"
            )

    def _keep(self, one: Tried) -> None:
        self.study.set_user_attr(f"on all: {one.trial}", one.model_dump())

    def found(self) -> ScopeSearch:
        """The better of the finalists, with all that was tried."""
        best = max(self.on_all, key=lambda one: one.quality)  # the earlier of equal ones
        return ScopeSearch(
            chosen=best.setting,
            at_end=ends(self.space, best.setting),
            on_all=self.on_all,
            trials=self.tried,
        )
