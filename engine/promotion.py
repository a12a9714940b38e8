"""Which version serves: nothing is promoted that cannot answer."""

from collections.abc import Callable

from db.errors import BundleRefused, EngineError
from db.models import registry
from db.models.registry import ModelVersion
from db.store import Store
from engine.recommender import Recommender

Opener = Callable[[str], Recommender]


def promote(store: Store, version: str, opener: Opener | None = None) -> ModelVersion:
    """Opens ``version`` and lets it serve; an EngineError where its files are damaged.

    ``opener`` opens a version of this store where the caller keeps what is open.
    """
    _opened(store, version, opener)
    return registry.promote(store, version)


def rollback(store: Store, opener: Opener | None = None) -> ModelVersion:
    """Takes the last promotion back; where the version before cannot answer, all stays as it is."""
    before = registry.serving(store)
    version = registry.rollback(store)
    try:
        _opened(store, version.version, opener)
    except EngineError as error:
        if before is not None:
            registry.promote(store, before.version)
            raise BundleRefused(f"{error} {before.version} goes on serving.") from error
        raise
    return version


def _opened(store: Store, version: str, opener: Opener | None) -> Recommender:
    return opener(version) if opener else Recommender.open(store, version)
