"""Runs a benchmark: systems learn from the same groups, score the same candidates, and their records are written."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from db.code_version import code_version
from db.errors import DataError, NotUpdatableError
from db.logs import Logs, Task
from engine.benchmark.comparison import FUTURE, comparisons, runs_of
from engine.benchmark.records import (
    DIFFERENCES,
    PAPER,
    RESULTS,
    PairedDifference,
    SystemRecord,
    Way,
    read_records,
    write_records,
    write_result,
)
from engine.model_settings import ModelSettings
from engine.presets import preset
from train.benchmark.future import FutureHoldout, hold_out_future
from train.benchmark.future_cuts import cuts_of_logs
from train.benchmark.isolated import iterate_in_process
from train.benchmark.measure import RunIdentity, measure_system
from train.benchmark.paired_differences import paired_differences, write_list_values
from train.benchmark.paper_figures import paper_records
from train.benchmark.protocols import PROTOCOLS, Asking, Holdout, hold_out, sharing_a_split
from train.benchmark.report import benchmark_report
from train.benchmark.systems.registry import Options, check_installed, requested_settings
from train.benchmark.tuned_settings import FOLDER, read_tunings

Report = Callable[[str], None]  # called with a line for people


@dataclass(frozen=True)
class Benchmark:
    """What to measure; ``command`` is what a person types to measure it again."""

    systems: Sequence[str]
    protocols: Sequence[str] = ("sampled",)
    seeds: Sequence[int] = (0,)
    changes: Sequence[str] = ()  # name=value settings of the MAMGBR systems
    limit: int = 0  # test groups to score at most; 0 is all, or a default in full rankings
    full_limits: Mapping[Task, int] = field(default_factory=dict)  # in full rankings
    device: str = "auto"
    again: bool = False  # measure what is in the results already
    cuts: Sequence[np.datetime64] = ()  # of the protocol future; none: as many as the logs allow
    tuned: Path | None = (
        None  # where searches left the chosen settings; None is the folder ``tuned`` of the results
    )
    command: str = ""


def run_benchmark(
    logs: Logs,
    benchmark: Benchmark,
    out: Path,
    progress: str = "none",
    report: Report = print,
) -> list[SystemRecord]:
    """Measures what ``out`` does not hold yet and writes it there after each protocol; returns all that was requested.

    ``out`` gets the files of ``engine.benchmark.records``, ``results.md`` for people and ``lists/`` with the values of
    each list. An interrupted benchmark continues with what is missing. Raises SettingError before anything starts.
    """
    tunings = read_tunings(benchmark.tuned or out / FOLDER, benchmark.systems)
    settings = {
        name: requested_settings(name, benchmark.changes, tunings) for name in benchmark.systems
    }
    check_installed(benchmark.systems)
    config = preset("default", benchmark.changes)
    records, keys = read_records(out / RESULTS, SystemRecord), set()
    for seed in benchmark.seeds:
        holdouts = _holdouts(logs, benchmark, config, seed, report)
        for name in benchmark.systems:
            key = {
                asking: run_key(
                    system=name,
                    settings=settings[name],
                    protocol=asking.protocol,
                    seed=seed,
                    limit=benchmark.limit,
                    data=logs.version,
                    parts=(config.validation, config.min_groups),
                    **_more_facts(asking, benchmark),
                )
                for asking in holdouts
            }
            keys |= set(key.values())
            runs = {
                asking: RunIdentity(
                    run, name, seed, logs.version, code_version(), benchmark.command
                )
                for asking, run in key.items()
            }
            missing = _missing(name, key, records, benchmark.again, report)
            for together in sharing_a_split(missing):
                report(f"{name}, {', '.join(map(str, together))}, seed {seed}: training")
                shared = {asking: holdouts[asking] for asking in together}
                options = Options(benchmark.changes, benchmark.device, tunings=tunings)
                records = _measure(options, runs, shared, records, out, progress, report)
    if records:
        _write_report(out, records)  # in this code's words, even where nothing was measured
    return [record for record in records if record.key in keys]


def _holdouts(
    logs: Logs, benchmark: Benchmark, config: ModelSettings, seed: int, report: Report
) -> dict[Asking, Holdout | FutureHoldout]:
    """What is asked, the future first. Among several protocols, logs that have none are reported and go without."""
    found: dict[Asking, Holdout | FutureHoldout] = {}
    rest = [protocol for protocol in benchmark.protocols if protocol != FUTURE]
    if FUTURE in benchmark.protocols:
        try:
            cuts = cuts_of_logs(logs, benchmark.cuts)
        except DataError as error:
            if not rest:
                raise
            report(f"Left out: {error}")
            cuts = []
        for cut in cuts:
            holdout = hold_out_future(logs, cut, config, seed, benchmark.limit)
            found |= {Asking(FUTURE, str(cut), way): holdout for way in Way}
    for protocol in rest:
        limits = benchmark.limit, benchmark.full_limits
        found[Asking(protocol)] = hold_out(logs, protocol, config, seed, *limits)
    return found


def _measure(
    options: Options,
    runs: Mapping[Asking, RunIdentity],
    holdouts: Mapping[Asking, Holdout | FutureHoldout],
    records: list[SystemRecord],
    out: Path,
    progress: str,
    report: Report,
) -> list[SystemRecord]:
    """Trains one system for all ``holdouts``; returns the records with those of its runs, written."""
    one = next(iter(runs.values()))
    measuring = iterate_in_process(
        measure_system, one.system, holdouts, one.seed, options, progress
    )
    try:
        for measurement in measuring:
            run = runs[measurement.asking]
            write_list_values(out, run.key, measurement.values)
            records = [record for record in records if record.key != run.key]
            records += measurement.records(run)
            _write(out, records)
            report(f"{run.system}, {measurement.asking}, seed {run.seed}: measured")
    except NotUpdatableError as error:
        report(f"Left out: {error}")
    return records


def run_key(**facts: Any) -> str:
    """Names a run by everything that decides its figures but the code."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _more_facts(asking: Asking, benchmark: Benchmark) -> dict[str, object]:
    """What names a run besides: the limits of a full ranking, the cut and the way of the future."""
    if asking.way is not None:
        return {"cut": asking.cut, "way": asking.way}
    if PROTOCOLS[asking.protocol].negatives != "everyone":
        return {}
    return {str(task): most for task, most in benchmark.full_limits.items()}


def _write(out: Path, records: Sequence[SystemRecord]) -> None:
    write_records(out / RESULTS, records)
    _write_report(out, records)
    write_records(out / PAPER, paper_records())


def _write_report(out: Path, records: Sequence[SystemRecord]) -> None:
    """Writes how the systems compare, and ``results.md``."""
    compared = comparisons(runs_of(records))
    known = read_records(out / DIFFERENCES, PairedDifference)
    differences = paired_differences(compared, out, known)
    write_records(out / DIFFERENCES, differences)
    write_result(out / "results.md", benchmark_report(compared, differences))


def _missing(
    name: str,
    key: Mapping[Asking, str],
    records: Sequence[SystemRecord],
    again: bool,
    report: Report,
) -> list[Asking]:
    """What a system was not asked yet, or all of it ``again``."""
    known = {record.key: record for record in records}
    missing = []
    for asking, run in key.items():
        if run in known and not again:
            report(
                f"{name}, {asking}, seed {known[run].seed}: measured already by code "
                f"{known[run].code_version}; --again measures it again."
            )
        else:
            missing.append(asking)
    return missing
