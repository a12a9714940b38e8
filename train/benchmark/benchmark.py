"""The benchmark: systems learn from the same groups and score the same candidates."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.code_version import code_version
from db.errors import NotUpdatableError
from db.logs import Logs, Task
from engine.model_settings import preset
from train.benchmark.isolated import each_apart, peak_mib
from train.benchmark.paired_differences import Worths, keep_worths, leads
from train.benchmark.paper_figures import paper_rows
from train.benchmark.protocols import PROTOCOLS, Trial, learned_once, part_trial
from train.benchmark.report import benchmark_report
from train.benchmark.results import (
    Row,
    beside,
    measured,
    measured_apart,
    measured_fully,
    now,
    read_rows,
    run_key,
    write_result,
    write_rows,
)
from train.benchmark.systems.registry import Options, make, requested_settings
from train.benchmark.systems.system import System
from train.evaluate.full_ranking import rank_all
from train.progress import reporter

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Benchmark:
    """What is to be measured; ``command`` is what a person types to measure it again."""

    systems: Sequence[str]
    protocols: Sequence[str] = ("sampled",)
    seeds: Sequence[int] = (0,)
    changes: Sequence[str] = ()  # name=value settings of the MAMGBR systems
    limit: int = (
        0  # most test groups that are scored; 0 takes all, or a default where everyone is ranked
    )
    fully: Mapping[Task, int] = field(default_factory=dict)  # by task, where everyone is ranked
    device: str = "auto"
    again: bool = False  # measure what stands in the results already
    command: str = ""


def run_benchmark(
    logs: Logs, wanted: Benchmark, out: Path, progress: str = "none", tell: Tell = print
) -> list[Row]:
    """Measures what ``out`` does not hold yet and writes it there after each protocol; the rows wanted come back.

    ``results.json`` (see ``train.benchmark.results``), ``leads.json`` (see ``train.benchmark.paired_differences``),
    ``results.md`` for people, ``paper.json`` with the paper's figures, and ``lists/`` with the worth of each list.
    A run that was cut off goes on with what is missing. A ``SettingError`` is raised before anything starts.
    """
    settings = {name: requested_settings(name, wanted.changes) for name in wanted.systems}
    config = preset("default", wanted.changes)
    rows, keys = read_rows(out / "results.json"), set()
    for seed in wanted.seeds:
        trials = {
            protocol: part_trial(logs, protocol, config, seed, wanted.limit, wanted.fully)
            for protocol in wanted.protocols
        }
        for name in wanted.systems:
            key = {
                protocol: run_key(
                    system=name,
                    settings=settings[name],
                    protocol=protocol,
                    seed=seed,
                    limit=wanted.limit,
                    data=logs.version,
                    parts=(config.validation, config.min_groups),
                    **{str(task): limit for task, limit in _apart(protocol, wanted).items()},
                )
                for protocol in wanted.protocols
            }
            keys |= set(key.values())
            stamp = {
                "seed": seed,
                "data_version": logs.version,
                "code_version": code_version(),
                "command": wanted.command,
            }
            for together in learned_once(_missing(name, key, rows, wanted.again, tell)):
                asked = {protocol: trials[protocol] for protocol in together}
                tell(f"{name}, {', '.join(together)}, seed {seed}: learning")
                options = (wanted.changes, wanted.device, progress)
                try:
                    for protocol, found, worths in each_apart(assess, name, asked, seed, *options):
                        run = key[protocol]
                        keep_worths(out, run, worths)
                        rows = [row for row in rows if row["key"] != run]
                        rows += [{"system": name, **row, "key": run, **stamp} for row in found]
                        _write(out, rows)
                        tell(f"{name}, {protocol}, seed {seed}: measured")
                except NotUpdatableError as error:
                    tell(f"Left out: {error}")
    return [row for row in rows if row["key"] in keys]


def _apart(protocol: str, wanted: Benchmark) -> Mapping[Task, int]:
    """What names a run besides, where it has limits of its own by task."""
    return wanted.fully if PROTOCOLS[protocol].against == "everyone" else {}


def _write(out: Path, rows: Sequence[Row]) -> None:
    write_rows(out / "results.json", rows)
    found = leads(rows, out, read_rows(out / "leads.json"))
    write_rows(out / "leads.json", found)
    write_result(out / "results.md", benchmark_report(rows, found))
    write_rows(out / "paper.json", paper_rows())


def _missing(
    name: str, key: Mapping[str, str], rows: Sequence[Row], again: bool, tell: Tell
) -> list[str]:
    """The protocols whose run is not among the rows, or all of them ``again``."""
    known = {row["key"]: row for row in rows}
    missing = []
    for protocol, run in key.items():
        if run in known and not again:
            tell(
                f"{name}, {protocol}, seed {known[run]['seed']}: measured already by the code "
                f"{known[run]['code_version']}; --again measures it anew."
            )
        else:
            missing.append(protocol)
    return missing


def assess(
    name: str,
    trials: Mapping[str, Trial],
    seed: int,
    changes: Sequence[str],
    device: str,
    progress: str,
) -> Iterator[tuple[str, list[Row], Worths]]:
    """A system, learned once, on trials by protocol that part the logs alike: a row a metric with what it took, and
    what each list is worth.

    ``NotUpdatableError``, before anything is learned, where logs come later and the system cannot take them in.
    """
    one, *_ = trials.values()
    with reporter(progress) as shown:
        system = make(name, Options(changes, device, shown.show))
        if one.later is not None and not system.updatable:
            raise NotUpdatableError(f"{name} takes in new logs only by learning from them anew.")
        began = time.perf_counter()
        system.fit(one.known, one.parts, seed)
        learned = {"seconds": round(time.perf_counter() - began, 2)}
        for protocol, trial in trials.items():
            rows, worths = _asked(system, trial)
            yield protocol, [{**row, "protocol": protocol, **learned} for row in rows], worths


def _asked(system: System, trial: Trial) -> tuple[list[Row], Worths]:
    """The rows of one trial of a system that has learned, and what each list is worth."""
    began = time.perf_counter()
    before = _before(system, trial)
    known = time.perf_counter()
    if trial.later is not None:
        system.update(trial.later)
    updated = time.perf_counter()
    rows, worths = _measured(system, trial, before)
    taken: dict[str, Any] = {
        "seconds_scoring": round(time.perf_counter() - updated + known - began, 2),
        "peak_mib": round(peak_mib()),
        "device": system.device,
        "adaptation": system.adaptation,
        "test_groups": trial.test_groups,
        "training_groups": len(trial.parts.training),
        "measured_at": now(),
    }
    if trial.later is not None:
        taken["seconds_updating"] = round(updated - known, 2)
    rows[0]["settings"] = system.settings()
    return [row | taken for row in rows], worths


def _before(system: System, trial: Trial) -> dict[str, list[Row]]:
    """By task, the figures of the users who are hidden so far."""
    parts = {task: trial.lists[task].part(hidden) for task, hidden in trial.hidden.items()}
    return {task: measured(lists, system.score(lists)) for task, lists in parts.items()}


def _measured(
    system: System, trial: Trial, before: dict[str, list[Row]]
) -> tuple[list[Row], Worths]:
    rows: list[Row] = []
    worths = Worths()
    for task, queries in trial.queries.items():
        ranked = rank_all(queries, system.score_everyone)
        worths.add_answers(queries, ranked)
        rows += measured_fully(queries, ranked, _parts(trial, task))
    for task, lists in trial.lists.items():
        scores = system.score(lists)
        worths.add_lists(lists, scores)
        found = measured_apart(lists, scores, _parts(trial, task))
        rows += beside(found, "before", before[task]) if before else found
    return rows, worths


def _parts(trial: Trial, task: Task) -> dict[str, NDArray[np.bool_]]:
    cold, hidden = trial.cold[task], trial.hidden.get(task)
    parts = {"cold": cold, "warm": ~cold}
    return parts if hidden is None else parts | {"hidden": hidden, "shown": ~hidden}
