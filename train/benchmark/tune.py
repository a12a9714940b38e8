"""The search for the settings of learned systems: the same number of trials for each, resumable at any moment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from db.code_version import code_version
from db.errors import SettingError
from db.logs import Logs
from engine.benchmark.records import write_result
from engine.presets import preset
from train.benchmark.isolated import iterate_in_process
from train.benchmark.measure import now
from train.benchmark.protocols import hold_out
from train.benchmark.report import search_report
from train.benchmark.run import run_key
from train.benchmark.systems.registry import Options, check_installed, make, searched_systems
from train.benchmark.systems.searched import VALIDATION_GROUPS, SearchedSystem, scope_name
from train.benchmark.tuned_settings import (
    FOLDER,
    TunedSettings,
    all_tuned,
    read_tuned,
    tuned_file,
    write_tuned,
)
from train.evaluate.splits import Split
from train.progress import reporter
from train.random_keys import Purpose, generator

Report = Callable[[str], None]  # called with a line for people

TRIALS, SHARE = 20, 0.1
FINALISTS = 2  # settings of a scope that are trained on all groups
RANDOM_TRIALS = (
    8  # before the sampler learns from what was tried; the first trial is the system's own setting
)
KEPT_TRIALS, KEPT_EVALUATIONS = (
    5,
    6,
)  # not pruned: the first trials, and a trial's first evaluations
STUDIES = "searching"  # folder of the studies, beside the files of chosen settings


@dataclass(frozen=True)
class Search:
    """What to search for; ``command`` is what a person types to search again.

    Trials learn from ``share`` of the training groups, drawn by the seed with a key of its own. Their graphs and
    evidence see all training groups, since those of the full training do too: otherwise nine users in ten would be
    newcomers, and the search would choose settings for a shop of newcomers. For the same reason a system that
    ``needs_all_groups`` learns from all of them in every trial.
    """

    systems: Sequence[str]
    trials: int = TRIALS
    share: float = SHARE
    seed: int = 0
    device: str = "auto"
    command: str = ""


def run_search(
    logs: Logs, search: Search, out: Path, progress: str = "none", report: Report = print
) -> list[TunedSettings]:
    """Searches what ``out`` does not hold yet and writes it to ``out/tuned``; returns all that was requested.

    A search that was interrupted, or killed, continues with the trials that are missing and ends with the same
    settings. Raises SettingError before anything starts.
    """
    check_searchable(search)
    found = []
    for name in search.systems:
        folder = out / FOLDER
        known = read_tuned(tuned_file(folder, name))
        if known is not None and known.key == search_key(name, logs, search):
            report(f"{name}: searched already")
            found.append(known)
            continue
        for heard in iterate_in_process(search_system, name, logs, search, folder, progress):
            if isinstance(heard, TunedSettings):
                write_tuned(folder, heard)
                write_result(out / f"{FOLDER}.md", search_report(all_tuned(folder)))
                found.append(heard)
            else:
                report(f"{name}, {heard}")
        report(f"{name}: written to {tuned_file(folder, name)}")
    return found


def check_searchable(search: Search) -> None:
    """Raises SettingError where a system has nothing to search, a package is missing, or a number makes no sense."""
    for name in search.systems:
        if name not in searched_systems():
            known = ", ".join(searched_systems())
            raise SettingError("train.tune.not_searched", system=name, systems=known)
    check_installed(search.systems)
    if find_spec("optuna") is None:
        raise SettingError("train.tune.missing_package")
    if search.trials < 1:
        raise SettingError("train.tune.too_few_trials", value=search.trials)
    if not 0 < search.share <= 1:
        raise SettingError("train.tune.bad_share", value=search.share)


def search_key(name: str, logs: Logs, search: Search) -> str:
    """Names a search by everything that decides what it finds but the code."""
    system = searched(name, search)
    spaces = {
        scope_name(scope): [repr(system.space(scope)), system.own_setting(scope)]
        for scope in system.scopes
    }
    return run_key(
        system=name,
        spaces=spaces,
        trials=search.trials,
        share=search.share,
        seed=search.seed,
        data=logs.version,
    )


def searched(name: str, search: Search, **options: Any) -> SearchedSystem[Any]:
    """The untrained system."""
    system = make(name, Options(device=search.device, **options))
    assert isinstance(system, SearchedSystem)  # noqa: S101  what ``check_searchable`` made sure of
    return system


def search_system(
    name: str, logs: Logs, search: Search, folder: Path, progress: str
) -> Iterator[str | TunedSettings]:
    """Searches the settings of one system; yields a line after each training, and in the end what was found."""
    from train.benchmark.study import Study, Trials  # needs optuna, which only a search does

    with reporter(progress) as shown:
        system = searched(name, search, watch=shown.show)
        holdout = hold_out(logs, "sampled", preset("default"), search.seed, limit=1)
        split = holdout.split
        part = split if system.needs_all_groups else some_groups(split, search.share, search.seed)
        key = search_key(name, logs, search)
        folder = folder / STUDIES
        folder.mkdir(parents=True, exist_ok=True)
        trials = Trials(search.trials, search.seed, len(part.training), len(split.training))
        studies = {
            scope: Study(folder / f"{name}.db", key, system, scope, trials)
            for scope in system.scopes
        }
        if not all(study.complete for study in studies.values()):
            system.prepare(holdout.known, part, search.seed)
            for study in studies.values():
                yield from study.run_trials()
        if part is split:
            for study in studies.values():
                study.trials_are_final()
        elif not all(study.decided for study in studies.values()):
            system.prepare(holdout.known, split, search.seed)
            for study in studies.values():
                yield from study.train_finalists()
        scopes = {scope_name(scope): study.found() for scope, study in studies.items()}
        trained = [one for found in scopes.values() for one in found.trained]
        yield TunedSettings(
            system=name,
            scopes=scopes,
            trials=search.trials,
            groups=len(part.training),
            training_groups=len(split.training),
            validation_groups=min(len(split.validation), VALIDATION_GROUPS),
            evaluations=sum(one.evaluations for one in trained),
            seconds=round(sum(one.seconds for one in trained), 1),
            key=key,
            seed=search.seed,
            data_version=logs.version,
            code_version=code_version(),
            measured_at=now(),
            command=search.command,
        )
        for scope, found in scopes.items():
            for setting, end in found.at_end.items():
                yield (
                    f"{scope}: {setting}={found.chosen[setting]} is at the {end} end of where it was searched; "
                    "widen it and search again"
                )


def some_groups(split: Split, share: float, seed: int) -> Split:
    """The split with ``share`` of its training groups, in their folds, drawn by a key of its own."""
    count = len(split.training)
    rng = generator(Purpose.TUNING, seed)
    kept = np.sort(rng.choice(count, max(1, round(share * count)), replace=False))
    return replace(split, training=split.training[kept], fold=split.fold[kept])
