"""Every system by its name, and how each is made; a new one is a file here and an entry below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from db.errors import SettingError
from engine.model_settings import PRESETS, ModelSettings
from train.benchmark.systems.counting import Cosine, Friends, Popularity
from train.benchmark.systems.system import System
from train.progress import ProgressCallback, ignore_progress

TASKS = ("items", "participants")


@dataclass(frozen=True)
class Options:
    """What the caller decides for systems that are trained; those that only count take no notice."""

    changes: Sequence[str] = ()  # name=value, as in --set
    device: str = "auto"
    watch: ProgressCallback = ignore_progress
    effort: float = 1.0  # share of the settings and passes that peers try; 1 is what is compared


def mamgbr_configs(name: str, changes: Sequence[str] = ()) -> dict[str, ModelSettings]:
    """The settings of a MAMGBR variant by task: its preset, the ``changes``, then what its name stands for."""
    preset, fixed = _VARIANTS[name]
    return {
        task: PRESETS[preset].with_changes(
            [*changes, *(setting.format(task=task) for setting in fixed)]
        )
        for task in TASKS
    }


# name -> preset, and the settings that make it what it is
_VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mamgbr": ("default", ()),
    "mamgbr-paper": ("paper", ("embeddings=gcn", "folds=1")),
    "mamgbr-M": ("default", ("tasks={task}", "shared=false")),
    "mamgbr-MH": ("default", ("attention=false",)),
    "mamgbr-L": ("default", ("auxiliary_1=0", "auxiliary_2=0")),
    # What we added to the paper's design, taken away one at a time.
    "mamgbr-no-evidence": ("default", ("evidence=false",)),
    "mamgbr-no-products": ("default", ("products=false",)),
    "mamgbr-no-folds": ("default", ("folds=1",)),
    "mamgbr-bpr": ("default", ("loss=bpr", "bpr_on=logit")),
    "mamgbr-no-balance": ("default", ("balance=0",)),
}


def _mamgbr(name: str) -> Callable[[Options], System]:
    def build(options: Options) -> System:
        from train.benchmark.systems.mamgbr import MamgbrSystem

        configs = mamgbr_configs(name, options.changes)
        return MamgbrSystem(name, configs, options.device, options.watch)

    return build


def _peer(file: str, kind: str) -> Callable[[Options], System]:
    """A system that learns: its file is read when it is made, since torch and the like take seconds to load."""

    def build(options: Options) -> System:
        made: Callable[..., System] = getattr(
            import_module(f"train.benchmark.systems.{file}"), kind
        )
        return made(effort=options.effort, device=options.device, watch=options.watch)

    return build


SYSTEMS: dict[str, Callable[[Options], System]] = {
    "popularity": lambda options: Popularity(),
    "cosine": lambda options: Cosine(),
    "friends": lambda options: Friends(),
    "als": _peer("als", "Als"),
    "lambdamart": _peer("lambdamart", "LambdaMart"),
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


def chosen(names: str) -> list[str]:
    """The systems of ``all`` or ``NAME,...``, in the order of the registry; ``SettingError`` for an unknown one."""
    if names == "all":
        return list(SYSTEMS)
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in SYSTEMS]
    if unknown or not wanted:
        said = f"There is no system {unknown[0]!r}." if unknown else "No system was named."
        raise SettingError(f"{said} Choose from {', '.join(SYSTEMS)}, or all.")
    return [name for name in SYSTEMS if name in wanted]


def make(name: str, options: Options) -> System:
    """An unfitted system; ``SettingError`` where the name is unknown or its settings do not fit together."""
    return SYSTEMS[chosen(name)[0]](options)


def requested_settings(name: str, changes: Sequence[str]) -> dict[str, Any]:
    """What a system is asked to be, by task; nothing for those that only count.

    A ``SettingError`` names the system where ``changes`` do not fit it.
    """
    chosen(name)
    if name not in _VARIANTS:
        return {}
    try:
        configs = mamgbr_configs(name, changes)
    except SettingError as error:
        raise SettingError(f"{name}: {error}") from None
    return {task: config.model_dump() for task, config in configs.items()}
