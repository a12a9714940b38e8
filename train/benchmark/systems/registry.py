"""Every system by its name and how it is built; a new one is a module here and an entry below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from db.errors import SettingError
from db.logs import Task
from engine.model_settings import PRESETS, ModelSettings
from train.benchmark.systems.counting import Cosine, Friends, Popularity
from train.benchmark.systems.system import System
from train.progress import ProgressCallback, ignore_progress


@dataclass(frozen=True)
class Options:
    """What the caller decides for systems that are trained; systems that only count ignore it."""

    changes: Sequence[str] = ()  # name=value settings of the MAMGBR variants, as in --set
    device: str = "auto"
    watch: ProgressCallback = ignore_progress
    effort: float = 1.0  # share of its settings and epochs that a peer tries; comparisons use 1


@dataclass(frozen=True)
class Entry:
    """How a system is built, and the package of requirements-benchmark.txt that it needs, if any."""

    build: Callable[[Options], System]
    package: str = ""


# name -> preset, and the settings that make it what it is
_VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mamgbr": ("default", ()),
    "mamgbr-paper": ("paper", ("embeddings=gcn", "folds=1")),
    "mamgbr-M": ("default", ("tasks={task}", "shared=false")),
    "mamgbr-MH": ("default", ("attention=false",)),
    "mamgbr-L": ("default", ("auxiliary_1=0", "auxiliary_2=0")),
    # What was added to the paper's design, taken away one at a time.
    "mamgbr-no-evidence": ("default", ("evidence=false",)),
    "mamgbr-no-products": ("default", ("products=false",)),
    "mamgbr-no-folds": ("default", ("folds=1",)),
    "mamgbr-bpr": ("default", ("loss=bpr", "bpr_on=logit")),
    "mamgbr-no-balance": ("default", ("balance=0",)),
}


def mamgbr_configs(name: str, changes: Sequence[str] = ()) -> dict[Task, ModelSettings]:
    """The settings of a MAMGBR variant by task: its preset, the ``changes``, then what its name stands for."""
    preset, fixed = _VARIANTS[name]
    return {
        task: PRESETS[preset].with_changes(
            [*changes, *(setting.format(task=task) for setting in fixed)]
        )
        for task in Task
    }


def _mamgbr(name: str) -> Entry:
    def build(options: Options) -> System:
        from train.benchmark.systems.mamgbr import MamgbrSystem

        configs = mamgbr_configs(name, options.changes)
        return MamgbrSystem(name, configs, options.device, options.watch)

    return Entry(build)


def _peer(module: str, kind: str, package: str = "") -> Entry:
    """A system that learns. Its module is imported when it is built: torch and the like take seconds to load."""

    def build(options: Options) -> System:
        peer: Callable[..., System] = getattr(
            import_module(f"train.benchmark.systems.{module}"), kind
        )
        return peer(effort=options.effort, device=options.device, watch=options.watch)

    return Entry(build, package)


SYSTEMS: dict[str, Entry] = {
    "popularity": Entry(lambda options: Popularity()),
    "cosine": Entry(lambda options: Cosine()),
    "friends": Entry(lambda options: Friends()),
    "als": _peer("als", "Als", "implicit"),
    "lambdamart": _peer("lambdamart", "LambdaMart", "lightgbm"),
    "eatnn": _peer("eatnn", "Eatnn"),
    "j2prec": _peer("j2prec", "J2PRec"),
    "mgbr": _peer("mgbr", "Mgbr"),
    "mgbr-published": _peer("mgbr", "PublishedMgbr"),
    "gbmf": _peer("group_buying", "GBMF"),
    "ngcf": _peer("single_role", "NGCF"),
    "lightgcn": _peer("single_role", "LightGCN"),
    "imp-gcn": _peer("single_role", "IMPGCN"),
    "gbgcn": _peer("group_buying", "GBGCN"),
    **{name: _mamgbr(name) for name in _VARIANTS},
}


def systems_named(names: str) -> list[str]:
    """The systems of ``all`` or ``NAME,...``, in the order of the registry; raises SettingError for an unknown one."""
    if names == "all":
        return list(SYSTEMS)
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in SYSTEMS]
    if unknown:
        raise SettingError("train.benchmark.no_system", name=unknown[0], systems=", ".join(SYSTEMS))
    if not wanted:
        raise SettingError("train.benchmark.no_system_named", systems=", ".join(SYSTEMS))
    return [name for name in SYSTEMS if name in wanted]


def check_installed(names: Sequence[str]) -> None:
    """Raises SettingError for the first of these systems whose package is not installed."""
    for name in names:
        package = SYSTEMS[name].package
        if package and find_spec(package) is None:
            raise SettingError("train.benchmark.missing_package", system=name, package=package)


def make(name: str, options: Options) -> System:
    """An untrained system; raises SettingError where it is unknown, not installed, or its settings do not fit."""
    (found,) = systems_named(name)
    check_installed([found])
    return SYSTEMS[found].build(options)


def requested_settings(name: str, changes: Sequence[str]) -> dict[str, Any]:
    """The settings by task that a MAMGBR variant gets; nothing for other systems.

    Raises SettingError, naming the system, where ``changes`` do not fit it.
    """
    systems_named(name)
    if name not in _VARIANTS:
        return {}
    try:
        configs = mamgbr_configs(name, changes)
    except SettingError as error:
        raise SettingError(
            "train.benchmark.settings_of_system", system=name, reason=error.message
        ) from None
    return {str(task): config.model_dump() for task, config in configs.items()}
