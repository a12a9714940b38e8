"""Every system by its name and how it is built; a new one is a module here and an entry below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from db.errors import SettingError
from db.logs import Task
from engine.model_settings import ModelSettings
from engine.presets import PRESETS
from train.benchmark.systems.counting import Cosine, Friends, Popularity
from train.benchmark.systems.decayed_cosine import DecayedCosine
from train.benchmark.systems.decayed_counts import DecayedCounts, DecayedLaunches
from train.benchmark.systems.searched import UNTUNED, Tuning
from train.benchmark.systems.system import System
from train.benchmark.systems.timed_counting import BestSellers, DecayedPopularity
from train.progress import ProgressCallback, ignore_progress


@dataclass(frozen=True)
class Options:
    """What the caller decides for systems that are trained; systems that only count ignore it."""

    changes: Sequence[str] = ()  # name=value settings of the MAMGBR variants, as in --set
    device: str = "auto"
    watch: ProgressCallback = ignore_progress
    effort: float = 1.0  # share of its passes that a peer gets; comparisons use 1
    tunings: Mapping[str, Tuning] = field(default_factory=dict)  # what searches chose, by system


@dataclass(frozen=True)
class Entry:
    """How a system is built, and the package of requirements-benchmark.txt that it needs, if any.

    ``tuned_as`` is the system whose search chooses its settings; "" where they are not searched.
    """

    build: Callable[[Options], System]
    package: str = ""
    tuned_as: str = ""


# name -> preset, and the settings that make it what it is
_VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mamgbr": ("default", ()),
    "mamgbr-untimed": ("default", ("timed_evidence=off",)),
    # Half as long as the preset, with more evaluations: on Beibei it is best within its first pass.
    "mamgbr-paper": (
        "paper",
        ("embeddings=gcn", "folds=1", "epochs=2", "least_steps=120", "evaluations=8"),
    ),
    # As many experts as each task of the default has, its own and the shared ones.
    "mamgbr-M": ("default", ("tasks={task}", "shared=false", "experts=4")),
    "mamgbr-MH": ("default", ("attention=false",)),
    "mamgbr-L": ("default", ("auxiliary_1=0", "auxiliary_2=0")),
    # What was added to the paper's design, taken away one at a time.
    "mamgbr-no-evidence": ("default", ("evidence=false",)),
    "mamgbr-no-products": ("default", ("products=false",)),
    "mamgbr-no-folds": ("default", ("folds=1",)),
    "mamgbr-bpr": ("default", ("loss=bpr", "bpr_on=logit")),
    "mamgbr-no-balance": ("default", ("balance=0",)),
    # MAMGBR's inputs, losses and folds for other heads; what only its experts and gates use is off.
    "mlp": (
        "default",
        ("auxiliary_1=0", "auxiliary_2=0", "balance=0", "epochs=4", "evaluations=8"),
    ),
}


# name -> class
_PAPER_ABLATIONS = {
    "mamgbr-paper-M": "PaperSeparateTasks",
    "mamgbr-paper-MH": "PaperWithoutAttention",
    "mamgbr-paper-L": "PaperWithoutAuxiliaryLosses",
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


def _peer(name: str, module: str, kind: str, package: str = "", tuned_as: str = "") -> Entry:
    """A system that learns. Its module is imported when it is built: torch and the like take seconds to load."""
    tuned_as = tuned_as or name

    def build(options: Options) -> System:
        found = import_module(f"train.benchmark.systems.{module}")
        peer: Callable[..., System] = getattr(found, kind)
        base: dict[str, ModelSettings] = {}
        base_of = tuned_as if name in _PAPER_ABLATIONS else name
        if base_of in _VARIANTS:
            base = {"base": mamgbr_configs(base_of, options.changes)[Task.ITEMS]}
        return peer(
            **base,
            effort=options.effort,
            device=options.device,
            watch=options.watch,
            tuning=options.tunings.get(tuned_as, UNTUNED),
        )

    return Entry(build, package, tuned_as)


SYSTEMS: dict[str, Entry] = {
    "popularity": Entry(lambda options: Popularity()),
    "cosine": Entry(lambda options: Cosine()),
    "friends": Entry(lambda options: Friends()),
    "best-sellers": Entry(lambda options: BestSellers()),
    "decayed-popularity": Entry(lambda options: DecayedPopularity()),
    "decayed-counts": Entry(lambda options: DecayedCounts()),
    "decayed-launches": Entry(lambda options: DecayedLaunches()),
    "decayed-cosine": Entry(lambda options: DecayedCosine()),
    "als": _peer("als", "als", "Als", "implicit"),
    "lambdamart": _peer("lambdamart", "lambdamart", "LambdaMart", "lightgbm"),
    "eatnn": _peer("eatnn", "eatnn", "Eatnn"),
    "j2prec": _peer("j2prec", "j2prec", "J2PRec"),
    "mgbr": _peer("mgbr", "mgbr", "Mgbr"),
    "mgbr-published": _peer("mgbr-published", "mgbr", "PublishedMgbr", tuned_as="mgbr"),
    "gbmf": _peer("gbmf", "group_buying", "GBMF"),
    "ngcf": _peer("ngcf", "single_role", "NGCF"),
    "lightgcn": _peer("lightgcn", "single_role", "LightGCN"),
    "imp-gcn": _peer("imp-gcn", "single_role", "IMPGCN"),
    "gbgcn": _peer("gbgcn", "group_buying", "GBGCN"),
    "mlp": _peer("mlp", "plain_network", "PlainNetwork"),
    **{name: _mamgbr(name) for name in _VARIANTS if name != "mlp"},
    "mamgbr-paper": _peer("mamgbr-paper", "mgbr", "MamgbrPaper"),
    **{
        name: _peer(name, "paper_ablations", kind, tuned_as="mamgbr-paper")
        for name, kind in _PAPER_ABLATIONS.items()
    },
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


def searched_systems() -> list[str]:
    """The systems whose settings a search chooses, in the order of the registry."""
    return [name for name, entry in SYSTEMS.items() if entry.tuned_as == name]


def requested_settings(
    name: str, changes: Sequence[str], tunings: Mapping[str, Tuning]
) -> dict[str, Any]:
    """What decides a system's settings: those of a MAMGBR variant by task, and what a search chose.

    Raises SettingError, naming the system, where ``changes`` do not fit it.
    """
    systems_named(name)
    searched = SYSTEMS[name].tuned_as
    chosen = {"search": dict(tunings.get(searched, UNTUNED).chosen)} if searched else {}
    return chosen | _variant_settings(name, changes)


def _variant_settings(name: str, changes: Sequence[str]) -> dict[str, Any]:
    if name not in _VARIANTS:
        return {}
    try:
        configs = mamgbr_configs(name, changes)
    except SettingError as error:
        raise SettingError(
            "train.benchmark.settings_of_system", system=name, reason=error.message
        ) from None
    return {str(task): config.model_dump() for task, config in configs.items()}
