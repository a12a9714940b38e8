"""The benchmark: systems learn from the same groups and score the same candidates."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.logs import Logs
from train.apart import apart
from train.benchmark_report import benchmark_report
from train.bundle import code_version
from train.config import Config, changed
from train.files import write_whole
from train.memory import peak_mib
from train.paper_figures import paper_rows
from train.progress import reporter
from train.results import Row, measured_apart, now, read_rows, run_key, write_rows
from train.systems.registry import Options, make, requested_settings
from train.trial import Trial, part_trial

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Benchmark:
    """What is to be measured; ``command`` is what a person types to measure it again."""

    systems: Sequence[str]
    protocol: str = "sampled"
    seeds: Sequence[int] = (0,)
    changes: Sequence[str] = ()  # name=value settings of the MAMGBR systems
    limit: int = 0  # most test groups that are scored; 0 takes all
    device: str = "auto"
    again: bool = False  # measure what stands in the results already
    command: str = ""


def run_benchmark(
    logs: Logs, wanted: Benchmark, out: Path, progress: str = "none", tell: Tell = print
) -> list[Row]:
    """Measures what ``out`` does not hold yet and writes it there after each system; the rows wanted come back.

    ``results.json`` (see ``train.results``), ``results.md`` for people, ``paper.json`` with the paper's figures.
    A run that was cut off goes on with the next system. A ``SettingError`` is raised before anything starts.
    """
    settings = {name: requested_settings(name, wanted.changes) for name in wanted.systems}
    config = changed(Config(), wanted.changes)
    path = out / "results.json"
    rows, keys = read_rows(path), set()
    for seed in wanted.seeds:
        trial = part_trial(logs, wanted.protocol, config, seed, wanted.limit)
        for name in wanted.systems:
            key = run_key(
                system=name,
                settings=settings[name],
                protocol=wanted.protocol,
                seed=seed,
                limit=wanted.limit,
                data=logs.version,
                parts=(config.validation, config.min_groups),
            )
            keys.add(key)
            known = next((row for row in rows if row["key"] == key), None)
            if known is not None and not wanted.again:
                tell(
                    f"{name}, seed {seed}: measured already by the code {known['code_version']}; "
                    f"--again measures it anew."
                )
                continue
            tell(f"{name}, seed {seed}: learning from {len(trial.parts.training)} groups")
            options = (wanted.changes, wanted.device, progress)
            found = apart(assess, name, trial, seed, *options)
            stamp = {
                "key": key,
                "protocol": wanted.protocol,
                "seed": seed,
                "test_groups": trial.test_groups,
                "training_groups": len(trial.parts.training),
                "data_version": logs.version,
                "code_version": code_version(),
                "measured_at": now(),
                "command": wanted.command,
            }
            rows = [row for row in rows if row["key"] != key]
            rows += [{"system": name, **row, **stamp} for row in found]
            write_rows(path, rows)
            write_whole(out / "results.md", benchmark_report(rows))
            write_rows(out / "paper.json", paper_rows())
    return [row for row in rows if row["key"] in keys]


def assess(
    name: str, trial: Trial, seed: int, changes: Sequence[str], device: str, progress: str
) -> list[Row]:
    """One system on one trial: a row a metric, with what it took."""
    with reporter(progress) as shown:
        system = make(name, Options(changes, device, shown.show))
        began = time.perf_counter()
        system.fit(trial.known, trial.parts, seed)
        learned = time.perf_counter()
        rows: list[Row] = []
        for task, lists in trial.lists.items():
            rows += measured_apart(lists, system.score(lists), trial.cold[task])
    taken: dict[str, Any] = {
        "seconds": round(learned - began, 2),
        "seconds_scoring": round(time.perf_counter() - learned, 2),
        "peak_mib": round(peak_mib()),
        "device": system.device,
        "adaptation": system.adaptation,
        "settings": system.settings(),
    }
    return [row | taken for row in rows]
