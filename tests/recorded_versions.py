"""Versions in the registry without a training."""

from typing import Any

from db.models import registry
from db.store import Store


def record_version(
    store: Store,
    version: str,
    data_version: str = "abc",
    metrics: dict[str, Any] | None = None,
    preset: str = "demo",
    **noted: Any,
) -> None:
    """Records a version as a training does, with what else is ``noted``: ``created_at`` or ``manifest_sha256``."""
    with store.write() as connection:
        registry.record_in(connection, version, preset, data_version, metrics or {}, **noted)
