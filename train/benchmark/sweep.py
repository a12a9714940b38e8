"""A sweep: one training for each value of a setting, measured on the same validation groups and candidates."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.code_version import code_version
from db.errors import SettingError
from db.logs import Logs
from engine.benchmark.records import SweepRecord, read_records, write_records, write_result
from engine.benchmark.sweeps import sweeps_of
from engine.model_settings import ModelSettings
from engine.presets import preset
from train.benchmark.estimates import Estimates, sampled_estimates
from train.benchmark.isolated import peak_mib, run_in_process
from train.benchmark.measure import now
from train.benchmark.report import sweep_report
from train.benchmark.run import run_key
from train.evaluate.sampled_ranking import validation_lists
from train.evaluate.splits import split_groups
from train.learn.fit_network import fit_network, resolve_device
from train.prepare.dataset_cache import cached_dataset
from train.progress import reporter
from train.training_run import TrainingRun

Report = Callable[[str], None]  # called with a line for people

# These decide what is learned from and measured on: figures of different values could not be compared.
NOT_SWEPT = ("validation", "validation_cap", "min_groups")


@dataclass(frozen=True)
class Sweep:
    """What to measure; ``command`` is what a person types to measure it again.

    ``param`` names a setting, or several joined by + that take each value together.
    """

    param: str
    values: Sequence[str]
    preset: str = "default"
    changes: Sequence[str] = ()  # name=value settings that stay
    seed: int = 0
    device: str = "auto"
    command: str = ""


@dataclass(frozen=True)
class SweepTraining:
    """What one training scored on the validation groups, and what it took."""

    estimates: Estimates
    validation_groups: int
    training_groups: int
    seconds: float
    peak_mib: int
    device: str
    best_epoch: float


def run_sweep(
    logs: Logs, sweep: Sweep, out: Path, progress: str = "none", report: Report = print
) -> list[SweepRecord]:
    """Measures the values that ``out`` does not hold yet and writes each; returns all that was requested.

    ``out`` gets ``sweep-NAME.json`` and ``sweep-NAME.md``. A value that no model can be built with is reported and left
    out. Raises SettingError where that holds for all values, or where the setting cannot be swept.
    """
    configs = _configs(sweep, report)
    path = out / f"sweep-{sweep.param}.json"
    records, keys = read_records(path, SweepRecord), set()
    for value, config in configs.items():
        settings = config.model_dump()
        key = run_key(param=sweep.param, settings=settings, seed=sweep.seed, data=logs.version)
        keys.add(key)
        if any(record.key == key for record in records):
            report(f"{sweep.param}={value}: measured already")
            continue
        report(f"{sweep.param}={value}")
        trained = run_in_process(train_with, logs, config, sweep.seed, sweep.device, progress)
        shared: dict[str, Any] = {
            "validation_groups": trained.validation_groups,
            "training_groups": trained.training_groups,
            "seconds": trained.seconds,
            "peak_mib": trained.peak_mib,
            "device": trained.device,
            "settings": settings,
            "best_epoch": trained.best_epoch,
            "key": key,
            "preset": sweep.preset,
            "seed": sweep.seed,
            "data_version": logs.version,
            "code_version": code_version(),
            "measured_at": now(),
            "command": sweep.command,
        }
        for metric, estimate in trained.estimates.items():
            record = {"param": sweep.param, "setting": value, "task": metric.task, "metric": metric}
            records.append(SweepRecord.model_validate(record | estimate.model_dump() | shared))
        write_records(path, records)
        write_result(path.with_suffix(".md"), sweep_report(sweep.param, sweeps_of(records)))
    return [record for record in records if record.key in keys]


def _configs(sweep: Sweep, report: Report) -> dict[str, ModelSettings]:
    """The settings by value, in the order given."""
    params = sweep.param.split("+")
    for param in params:
        if param in NOT_SWEPT:
            raise SettingError("train.sweep.not_swept", param=param)
    found: dict[str, ModelSettings] = {}
    refused: list[SettingError] = []
    for value in dict.fromkeys(value.strip() for value in sweep.values):
        try:
            changes = [f"{param}={value}" for param in params]
            found[value] = preset(sweep.preset, [*sweep.changes, *changes])
        except SettingError as error:
            refused.append(error)
    if not found:
        raise refused[0] if refused else SettingError("train.sweep.no_value", param=sweep.param)
    for refusal in refused:
        report(f"Left out: {refusal}")
    return found


def train_with(
    logs: Logs, config: ModelSettings, seed: int, device: str, progress: str
) -> SweepTraining:
    """One training, measured on the validation groups."""
    with reporter(progress) as shown:
        started = time.perf_counter()
        parts = split_groups(logs, config, seed)
        lists = validation_lists(logs, parts, config.validation_cap, seed)
        run = TrainingRun(config, seed=seed, device=device, report=shown.show)
        prepared = cached_dataset(logs, parts, lists, run)
        trained = fit_network(prepared, run)
        seconds = round(time.perf_counter() - started, 2)
        estimates: Estimates = {}
        for task, drawn in lists.items():
            if config.tasks in ("both", task):
                scores = trained.network.score_lists(
                    drawn, prepared.evidence[task], trained.snapshot
                )
                estimates |= sampled_estimates(drawn, scores)
    return SweepTraining(
        estimates,
        len(parts.validation),
        len(parts.training),
        seconds,
        round(peak_mib()),
        resolve_device(device).type,
        max(trained.history, key=lambda found: found["quality"])["epoch"],
    )
