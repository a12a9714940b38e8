"""Removes old model versions by a policy, in steps that a kill may interrupt anywhere.

The serving version, the one that served before it, pinned ones and the newest are kept. For each of the others the
registry forgets the version, then its folder is renamed, then removed; the next pruning completes what was interrupted.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from db.errors import InputError, StoreError
from db.messages import Term
from db.models import registry
from db.models.registry import ModelVersion
from db.store import Store
from engine.bundle.lock import exclusive_access

KeepReason = Literal["serving", "before", "pinned", "newest"]
REMOVED = ".removed"  # ends the name of a folder that is being removed


@dataclass(frozen=True)
class PlannedVersion:
    """What a pruning would do with a version."""

    version: ModelVersion
    kept_as: KeepReason | None  # None: it would be removed
    bytes: int  # size of its files


@dataclass(frozen=True)
class Pruned:
    """What a pruning did."""

    removed: list[str]
    in_use: list[str]  # kept for now because a process reads them
    bytes: int  # freed


def keep_reasons(
    versions: Sequence[ModelVersion], stack: Sequence[str], keep: int
) -> dict[str, KeepReason | None]:
    """Why each version is kept, by name; None for those that a pruning may remove.

    Args:
        versions: All that are ready, the newest first.
        stack: The promotions that stand, the oldest first; the last one serves.
        keep: How many of the newest are kept.

    """
    serving = stack[-1] if stack else None
    before = [name for name in stack if name != serving][-1:]
    reasons: dict[str, KeepReason | None] = {}
    for age, version in enumerate(versions):
        name = version.version
        reason: KeepReason | None = None
        if name == serving:
            reason = "serving"
        elif name in before:
            reason = "before"
        elif version.pinned:
            reason = "pinned"
        elif age < keep:
            reason = "newest"
        reasons[name] = reason
    return reasons


def plan(store: Store, models: Path, keep: int) -> list[PlannedVersion]:
    """What a pruning would do with each version that is ready, the newest first.

    Raises InputError when ``keep`` is below 1.
    """
    if keep < 1:
        raise InputError("engine.prune.keep_too_few", keep=keep)
    versions, stack = registry.versions_and_promotions(store)
    reasons = keep_reasons(versions, stack, keep)
    return [
        PlannedVersion(version, reasons[version.version], _size(models / version.version))
        for version in versions
    ]


def prune(store: Store, models: Path, keep: int) -> Pruned:
    """Removes the versions that the policy does not keep, and the remains of interrupted prunings.

    Skips a version that a process reads. Raises StoreError when files cannot be removed; what was removed before that
    stays removed.
    """
    leaving = [planned for planned in plan(store, models, keep) if planned.kept_as is None]
    removed, in_use, freed = [], [], 0
    try:
        remove_leftovers(store, models)
        for planned in leaving:
            name = planned.version.version
            with exclusive_access(models / name) as unread:
                if not unread or not _forget(store, name, keep):
                    in_use.append(name)
                    continue
                _remove(models, name)
            removed.append(name)
            freed += planned.bytes
    except OSError as error:
        raise StoreError(
            "engine.prune.not_removed",
            folder=str(models),
            reason=Term("system", error.strerror or str(error), str(error.errno)),
        ) from error
    return Pruned(removed, in_use, freed)


def remove_leftovers(store: Store, models: Path) -> list[str]:
    """Removes the files of versions that the registry has forgotten; returns their names."""
    removed = []
    for name in registry.removed_versions(store):
        if (models / name).exists() or _renamed(models, name).exists():
            _remove(models, name)
            removed.append(name)
    return removed


def _forget(store: Store, name: str, keep: int) -> bool:
    """Takes the version off the registry, unless it has been promoted or pinned since the plan."""
    with store.write() as connection:
        versions, stack = registry.read_versions_and_promotions(connection)
        if keep_reasons(versions, stack, keep).get(name, "gone") is not None:
            return False
        registry.mark_removed(connection, name)
        return True


def _renamed(models: Path, name: str) -> Path:
    return models / f".{name}{REMOVED}"


def _remove(models: Path, name: str) -> None:
    """Renames the folder, so that nobody finds half a version, then removes it."""
    renamed = _renamed(models, name)
    if renamed.exists():
        shutil.rmtree(renamed)
    if (models / name).exists():
        (models / name).rename(renamed)
        shutil.rmtree(renamed)


def _size(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except FileNotFoundError:
        return 0
