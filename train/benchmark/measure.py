"""Measures a system on holdouts: trained once, then scored on each, in the calling process."""

import dataclasses
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import NotUpdatableError
from db.logs import Task
from engine.benchmark.comparison import Cost
from engine.benchmark.records import KEY_FOR_EACH_PURPOSE, Part, SystemRecord, Way
from train.benchmark.answer_future import answer_about_the_future
from train.benchmark.estimates import Answers, ByPart, Estimates, full_estimates, sampled_estimates
from train.benchmark.future import FutureHoldout
from train.benchmark.isolated import peak_mib
from train.benchmark.paired_differences import ListValues
from train.benchmark.protocols import Asking, Holdout
from train.benchmark.systems.registry import Options, make
from train.benchmark.systems.system import System
from train.evaluate.full_ranking import rank_all
from train.progress import reporter


@dataclass(frozen=True)
class RunIdentity:
    """Which run a measurement is of; ``command`` is what a person types to measure it again."""

    key: str
    system: str
    seed: int
    data_version: str
    code_version: str
    command: str


@dataclass(frozen=True)
class Measurement:
    """What a system scored when it was asked so and what that took; ``values`` holds each list's value."""

    asking: Asking
    estimates: ByPart
    values: ListValues
    cost: Cost
    settings: dict[str, Any]
    adaptation: str
    test_groups: int
    training_groups: int
    measured_at: datetime

    def records(self, run: RunIdentity) -> list[SystemRecord]:
        """A record for each metric; the settings are in the first only."""
        updating = self.cost.updating
        found: list[SystemRecord] = []
        for metric, estimate in self.estimates[Part.ALL].items():
            parts = {
                part.value: estimates[metric]
                for part, estimates in self.estimates.items()
                if part is not Part.ALL and metric in estimates
            }
            record: dict[str, Any] = {
                "system": run.system,
                "task": metric.task,
                "metric": metric,
                **estimate.model_dump(),
                **parts,
                **({} if found else {"settings": self.settings}),
                "seconds_scoring": self.cost.scoring,
                "peak_mib": self.cost.peak_mib,
                "device": self.cost.device,
                "adaptation": self.adaptation,
                "test_groups": self.test_groups,
                "training_groups": self.training_groups,
                "measured_at": self.measured_at,
                **({} if updating is None else {"seconds_updating": updating}),
                "protocol": self.asking.protocol,
                "drawing": KEY_FOR_EACH_PURPOSE,
                **({"cut": self.asking.cut, "way": self.asking.way} if self.asking.way else {}),
                "seconds": self.cost.training,
                "key": run.key,
                "seed": run.seed,
                "data_version": run.data_version,
                "code_version": run.code_version,
                "command": run.command,
            }
            found.append(SystemRecord.model_validate(record))
        return found


def now() -> datetime:
    """The current time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def measure_system(
    name: str,
    holdouts: Mapping[Asking, Holdout | FutureHoldout],
    seed: int,
    options: Options,
    progress: str,
) -> Iterator[Measurement]:
    """Trains a system once and measures it on each of the holdouts, which must split the logs alike.

    Where logs come later and the system cannot take them in, raises NotUpdatableError: before any training, or where
    something else is asked as well, after that.
    """
    first, *_ = holdouts.values()
    with reporter(progress) as shown:
        system = make(name, dataclasses.replace(options, watch=shown.show))
        possible = {
            asking: holdout
            for asking, holdout in holdouts.items()
            if system.updatable or not _with_later_logs(asking, holdout)
        }
        if possible:
            started = time.perf_counter()
            system.fit(first.known, first.split, seed)
            seconds = round(time.perf_counter() - started, 2)
        for asking, holdout in possible.items():
            yield _measure(system, asking, holdout, seconds)
        if len(possible) < len(holdouts):
            raise NotUpdatableError("train.benchmark.not_updatable", system=name)


def _with_later_logs(asking: Asking, holdout: Holdout | FutureHoldout) -> bool:
    if isinstance(holdout, FutureHoldout):
        return asking.way is Way.DAY
    return holdout.later is not None


def _measure(
    system: System, asking: Asking, holdout: Holdout | FutureHoldout, training: float
) -> Measurement:
    if isinstance(holdout, FutureHoldout):
        answers = answer_about_the_future(system, holdout, asking.way or Way.CUT)
    else:
        answers = _answer(system, holdout)
    cost = Cost(
        training, round(answers.scoring, 2), answers.updating, round(peak_mib()), system.device
    )
    return Measurement(
        asking,
        answers.estimates,
        answers.values,
        cost,
        system.settings(),
        system.adaptation,
        holdout.test_groups,
        len(holdout.split.training),
        now(),
    )


def _answer(system: System, holdout: Holdout) -> Answers:
    started = time.perf_counter()
    before = _before_the_later_logs(system, holdout)
    scored_before = time.perf_counter()
    if holdout.later is not None:
        system.update(holdout.later)
    updated = time.perf_counter()
    estimates, values = _ask(system, holdout)
    return Answers(
        estimates | before,
        values,
        time.perf_counter() - updated + scored_before - started,
        None if holdout.later is None else round(updated - scored_before, 2),
    )


def _before_the_later_logs(system: System, holdout: Holdout) -> ByPart:
    """The estimates over the lists about hidden users while nothing is known of them."""
    found: Estimates = {}
    for task, hidden in holdout.hidden.items():
        lists = holdout.lists[task].part(hidden)
        found |= sampled_estimates(lists, system.score(lists))
    return {Part.BEFORE: found} if found else {}


def _ask(system: System, holdout: Holdout) -> tuple[ByPart, ListValues]:
    """The estimates over all lists and each part of them, and the value of each list."""
    found: ByPart = {}
    values = ListValues()
    for task, queries in holdout.queries.items():
        ranked = rank_all(queries, system.score_everyone)
        values.add_answers(queries, ranked)
        for part, rows in _parts(holdout, task).items():
            found.setdefault(part, {}).update(full_estimates(queries, ranked, rows))
    for task, lists in holdout.lists.items():
        scores = system.score(lists)
        values.add_lists(lists, scores)
        for part, rows in _parts(holdout, task).items():
            found.setdefault(part, {}).update(sampled_estimates(lists.part(rows), scores[rows]))
    return found, values


def _parts(holdout: Holdout, task: Task) -> dict[Part, NDArray[np.bool_]]:
    """The rows [n] of each part of the task's lists or queries."""
    cold, hidden = holdout.cold[task], holdout.hidden.get(task)
    repeats = holdout.repeats[task]
    parts = {Part.ALL: np.ones(len(cold), bool), Part.COLD: cold, Part.WARM: ~cold}
    if repeats.any():
        parts |= {Part.REPEATS: repeats, Part.FIRST_TIMES: ~repeats}
    return parts if hidden is None else parts | {Part.HIDDEN: hidden, Part.SHOWN: ~hidden}
