"""Which version serves: only one that has just been opened and checked, and by a single commit."""

from collections.abc import Callable

from db.errors import BundleRefused, EngineError
from db.models import registry
from db.models.registry import ModelVersion
from db.store import Store
from engine.recommender import Recommender

Opener = Callable[[str], Recommender]


def promote(store: Store, version: str, opener: Opener | None = None) -> ModelVersion:
    """Opens ``version``, then lets it serve.

    Raises EngineError when its files are damaged, StoreError when the logs cannot be read; nothing is changed then.
    ``opener`` opens a version of this store where the caller caches what it opens.
    """
    _open(store, version, opener)
    return registry.promote(store, version)


def rollback(store: Store, opener: Opener | None = None) -> ModelVersion:
    """Opens the version that served before the current one, then takes the last promotion back.

    Raises InputError when there is no such version or somebody promotes meanwhile, EngineError when its files are
    damaged, StoreError when the logs cannot be read; nothing is changed then.
    """
    target = registry.rollback_target(store)
    try:
        _open(store, target.version, opener)
    except EngineError as error:
        serving = registry.serving_name(store) or ""
        raise BundleRefused(
            "engine.rollback.refused", reason=error.message, serving=serving
        ) from error
    return registry.rollback(store, expected=target.version)


def _open(store: Store, version: str, opener: Opener | None) -> Recommender:
    return opener(version) if opener else Recommender.open(store, version)
