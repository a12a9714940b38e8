"""A sweep: one training for each value of a setting, measured on the same validation groups and candidates.

A sweep's rows as a page for people.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.code_version import code_version
from db.errors import SettingError
from db.logs import Logs
from engine.model_settings import ModelSettings, differing_from_preset, preset
from train.benchmark.isolated import apart, peak_mib
from train.benchmark.report import by_run, cell, cells, commands, headings, table
from train.benchmark.results import (
    COLUMNS,
    Row,
    measured,
    now,
    read_rows,
    run_key,
    write_result,
    write_rows,
)
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.learn.fit_network import fit_network, resolve_device
from train.prepare.dataset_cache import cached_dataset
from train.prepare.splits import split_groups, spread_sample
from train.progress import reporter

Tell = Callable[[str], None]

# These decide what is learned from and what it is measured on: figures would not stand beside each other.
NOT_SWEPT = ("validation", "validation_cap", "min_groups")


@dataclass(frozen=True)
class Sweep:
    """What is to be measured; ``command`` is what a person types to measure it again.

    ``param`` names a setting, or several that take each value together, as ``auxiliary_1+auxiliary_2``.
    """

    param: str
    values: Sequence[str]
    preset: str = "default"
    changes: Sequence[str] = ()  # name=value settings that stay
    seed: int = 0
    device: str = "auto"
    command: str = ""


def run_sweep(
    logs: Logs, wanted: Sweep, out: Path, progress: str = "none", tell: Tell = print
) -> list[Row]:
    """Measures the values that ``out`` does not hold yet and writes them after each; the rows wanted come back.

    ``sweep-NAME.json`` (see ``results.py``) and ``sweep-NAME.md``. A value that no model can be built with is
    told and left out; a ``SettingError`` where that holds for all, or where the setting cannot be swept.
    """
    configs = _configs(wanted, tell)
    path = out / f"sweep-{wanted.param}.json"
    rows, keys = read_rows(path), set()
    for value, config in configs.items():
        key = run_key(
            param=wanted.param,
            settings=config.model_dump(),
            seed=wanted.seed,
            data=logs.version,
        )
        keys.add(key)
        if any(row["key"] == key for row in rows):
            tell(f"{wanted.param}={value}: measured already")
            continue
        tell(f"{wanted.param}={value}")
        found = apart(try_setting, logs, config, wanted.seed, wanted.device, progress)
        stamp = {
            "key": key,
            "preset": wanted.preset,
            "seed": wanted.seed,
            "data_version": logs.version,
            "code_version": code_version(),
            "measured_at": now(),
            "command": wanted.command,
        }
        rows += [{"param": wanted.param, "setting": value, **row, **stamp} for row in found]
        write_rows(path, rows)
        write_result(path.with_suffix(".md"), sweep_report(wanted.param, rows))
    return [row for row in rows if row["key"] in keys]


def _configs(wanted: Sweep, tell: Tell) -> dict[str, ModelSettings]:
    """The settings by value, in the order given."""
    params = wanted.param.split("+")
    for param in params:
        if param in NOT_SWEPT:
            raise SettingError(
                f"{param} cannot be swept: it decides what the models are measured on. Give it "
                f"with --set {param}=VALUE."
            )
    found: dict[str, ModelSettings] = {}
    refused: list[str] = []
    for value in dict.fromkeys(value.strip() for value in wanted.values):
        try:
            changes = [f"{param}={value}" for param in params]
            found[value] = preset(wanted.preset, [*wanted.changes, *changes])
        except SettingError as error:
            refused.append(str(error))
    if not found:
        raise SettingError(
            refused[0] if refused else f"No value of {wanted.param} was given with --values."
        )
    for sentence in refused:
        tell(f"Left out: {sentence}")
    return found


def try_setting(
    logs: Logs, config: ModelSettings, seed: int, device: str, progress: str
) -> list[Row]:
    """One training: a row a metric on the validation groups, with what it took."""
    with reporter(progress) as shown:
        began = time.perf_counter()
        parts = split_groups(logs, config, seed)
        lists = draw_candidate_lists(
            logs, spread_sample(parts.validation, config.validation_cap), seed
        )
        prepared = cached_dataset(logs, config, parts, lists, seed, shown.show)
        trained = fit_network(prepared, config, seed, device, shown.show)
        taken = {
            "validation_groups": len(parts.validation),
            "training_groups": len(parts.training),
            "seconds": round(time.perf_counter() - began, 2),
            "peak_mib": round(peak_mib()),
            "device": resolve_device(device).type,
            "settings": config.model_dump(),
            "best_epoch": max(trained.history, key=lambda found: found["quality"])["epoch"],
        }
        rows: list[Row] = []
        for task, drawn in lists.items():
            if config.tasks in ("both", task):
                scores = trained.network.score_lists(drawn, prepared.facts[task], trained.place)
                rows += measured(drawn, scores)
    return [row | taken for row in rows]


def sweep_report(param: str, rows: Sequence[Row]) -> str:
    """Markdown: a section for each preset, other settings, seed and state of the data, a line a value."""
    parts = [
        f"# Sweep of {param}",
        "One right answer among 10 and among 100 candidates of validation groups, the same for all values; below "
        "each figure its 95 % bootstrap interval over groups. A training's best evaluation was picked on the same "
        "groups.",
    ]
    sections: dict[tuple[str, str, int, str], list[Row]] = {}
    for row in rows:
        alike = (row["preset"], _changes(param, row), row["seed"], row["data_version"])
        sections.setdefault(alike, []).append(row)
    for (base, changes, seed, data), chosen in sections.items():
        lines = []
        for run in by_run(chosen):
            found, first = cells(run), run[0]
            lines.append(
                [
                    first["setting"],
                    *(cell(found.get(column)) for column in COLUMNS),
                    f"{first['seconds']:.1f}",
                    str(first["peak_mib"]),
                    first["code_version"],
                ]
            )
        parts += [
            f"## Preset {base}{changes}, seed {seed}",
            f"{chosen[0]['training_groups']} groups to learn from, {chosen[0]['validation_groups']} kept for "
            f"validation, data version {data}.",
            commands(chosen),
            table([param, *headings(COLUMNS), "seconds", "peak MiB", "code"], lines),
        ]
    return "\n\n".join(parts) + "\n"


def _changes(param: str, row: Row) -> str:
    """What the row's settings are besides the swept ones, where today's preset has something else."""
    changes = differing_from_preset(row["preset"], row["settings"], ignore=param.split("+"))
    return "".join(f", {name}={value}" for name, value in changes.items())
