"""Tells a store that was lost from one that never was: models have learned from logs that a new store has not."""

from pathlib import Path

from db.errors import StoreError
from db.settings import settings

_MANIFEST = "manifest.json"


def has_content(path: Path) -> bool:
    """Whether the SQLite file of a store is there and not empty.

    Raises StoreError where it is not, beside models, which no new shop has. A file of 0 bytes is one that was cut,
    wherever the models are. A missing one may be that of another shop, unless the models lie in its folder.
    """
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    models = settings().models
    if size == 0 or (size is None and models.resolve().parent == path.resolve().parent):
        refuse_beside_models(path, models)
    return bool(size)


def refuse_beside_models(path: Path, models: Path) -> None:
    """Raises StoreError where there is a model version in ``models``: this store has none of what it learned from."""
    versions = sorted(found.parent.name for found in models.glob(f"[!.]*/{_MANIFEST}"))
    if versions:
        raise StoreError("db.store.lost", place=str(path), models=str(models), version=versions[-1])
