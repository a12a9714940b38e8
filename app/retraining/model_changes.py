"""What changes which versions there are and which one serves; for operators."""

from app.access import operators_only
from app.stores import open_recommender, open_store
from db import pruning, registry
from db.pruning import Pruned
from db.registry import ModelVersion
from db.settings import settings
from engine import promotion


@operators_only
def promote(version: str) -> ModelVersion:
    """Lets ``version`` serve, once it has been opened; StoreError or EngineError where it cannot."""
    return promotion.promote(open_store(), version, open_recommender)


@operators_only
def roll_back() -> ModelVersion:
    """Lets the version serve that served before; StoreError or EngineError where there is none."""
    return promotion.rollback(open_store(), open_recommender)


@operators_only
def pin(version: str, pinned: bool) -> ModelVersion:
    """Keeps ``version`` from being pruned, or no longer."""
    return registry.pin(open_store(), version, pinned)


@operators_only
def prune() -> Pruned:
    """Removes the versions that the policy lets go."""
    return pruning.prune(open_store(), settings().models, settings().keep_versions)
