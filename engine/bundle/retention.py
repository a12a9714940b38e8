"""Old model versions go by a policy, their files in steps that a kill can interrupt anywhere.

What serves, what served before it, what is pinned and the newest stay. For the others the registry
forgets first, then the folder loses its name, then it is removed; whatever is left half-way is
finished the next time.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from db.errors import InputError, StoreError
from db.models import registry
from db.models.registry import ModelVersion
from db.store import Store
from engine.bundle.lock import alone

Stays = Literal["serving", "before", "pinned", "newest"]
REMOVED = ".removed"  # ends the name of a folder on its way out


@dataclass(frozen=True)
class Place:
    """A version, why it stays (None: it goes) and what its files take."""

    version: ModelVersion
    stays: Stays | None
    bytes: int


@dataclass(frozen=True)
class Pruned:
    """What a pruning did: versions removed, versions spared because somebody reads them, bytes freed."""

    removed: list[str]
    in_use: list[str]
    bytes: int


def reasons(
    versions: Sequence[ModelVersion], stack: Sequence[str], keep: int
) -> dict[str, Stays | None]:
    """Why each version stays, None where it goes.

    Args:
        versions: All that are ready, the newest first.
        stack: The promotions that stand, the oldest first; the last one serves.
        keep: How many of the newest stay.

    """
    serving = stack[-1] if stack else None
    before = [name for name in stack if name != serving][-1:]
    found: dict[str, Stays | None] = {}
    for place, version in enumerate(versions):
        name = version.version
        why: Stays | None = None
        if name == serving:
            why = "serving"
        elif name in before:
            why = "before"
        elif version.pinned:
            why = "pinned"
        elif place < keep:
            why = "newest"
        found[name] = why
    return found


def plan(store: Store, models: Path, keep: int) -> list[Place]:
    """Each version that is ready, the newest first, and whether a pruning would take it."""
    if keep < 1:
        raise InputError(
            f"keep={keep} is too few: the newest version always stays. Keep 1 or more."
        )
    versions, stack = registry.standing(store)
    why = reasons(versions, stack, keep)
    return [Place(one, why[one.version], _size(models / one.version)) for one in versions]


def prune(store: Store, models: Path, keep: int) -> Pruned:
    """Removes what the policy lets go, and finishes what an earlier pruning left half-way.

    A version that a process reads is spared until the next time. Raises StoreError where the files
    cannot be removed; what was done stays done.
    """
    going = [place for place in plan(store, models, keep) if place.stays is None]
    removed, in_use, freed = [], [], 0
    try:
        finish(store, models)
        for place in going:
            name = place.version.version
            with alone(models / name) as free:
                if not free or not _forget(store, name, keep):
                    in_use.append(name)
                    continue
                _discard(models, name)
            removed.append(name)
            freed += place.bytes
    except OSError as error:
        raise StoreError(
            f"A model version in {models} could not be removed: {error.strerror or error}. Give this user "
            "the right to change the folder, then prune again."
        ) from error
    return Pruned(removed, in_use, freed)


def finish(store: Store, models: Path) -> list[str]:
    """Removes the files of versions that the registry has forgotten; their names come back."""
    found = []
    for name in registry.forgotten(store):
        if (models / name).exists() or _leaving(models, name).exists():
            _discard(models, name)
            found.append(name)
    return found


def _forget(store: Store, name: str, keep: int) -> bool:
    """Takes the version off the registry, unless a promotion or a pin came first."""
    with store.write() as connection:
        versions, stack = registry.standing_in(connection)
        if reasons(versions, stack, keep).get(name, "gone") is not None:
            return False
        registry.forget(connection, name)
        return True


def _leaving(models: Path, name: str) -> Path:
    return models / f".{name}{REMOVED}"


def _discard(models: Path, name: str) -> None:
    """Takes the folder its name, so that nobody finds half a version, then removes it."""
    leaving = _leaving(models, name)
    if leaving.exists():
        shutil.rmtree(leaving)
    if (models / name).exists():
        (models / name).rename(leaving)
        shutil.rmtree(leaving)


def _size(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except FileNotFoundError:
        return 0
