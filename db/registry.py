"""The model versions that are ready to serve, and which of them serves."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.errors import InputError
from db.schema import model_aliases, models
from db.store import Store

SERVING = "serving"


@dataclass(frozen=True)
class ModelVersion:
    """A model version whose bundle is complete and checked."""

    version: str
    preset: str
    data_version: str
    metrics: dict[str, Any]
    created_at: int  # seconds since 1970, UTC


def record_ready(
    store: Store,
    version: str,
    preset: str,
    data_version: str,
    metrics: dict[str, Any],
    created_at: int | None = None,
) -> None:
    """Record a version whose bundle is in place; raises InputError where it is known already."""
    with store.write() as connection:
        if _find(connection, version) is not None:
            raise InputError(f"The model version {version} is recorded already.")
        connection.execute(
            insert(models).values(
                version=version,
                preset=preset,
                data_version=data_version,
                metrics=metrics,
                created_at=int(time.time()) if created_at is None else created_at,
            )
        )


def versions(store: Store) -> list[ModelVersion]:
    """All versions, the newest first."""
    with store.read() as connection:
        query = select(models).order_by(models.c.created_at.desc(), models.c.id.desc())
        return [_version(row) for row in connection.execute(query)]


def serving(store: Store) -> ModelVersion | None:
    """The version that serves, None before the first promotion."""
    with store.read() as connection:
        stack = _stack(connection)
        return _find(connection, stack[-1].version) if stack else None


def promote(store: Store, version: str) -> ModelVersion:
    """Let ``version`` serve; promoting the one that serves already changes nothing.

    Raises InputError where the version is not recorded.
    """
    with store.write() as connection:
        found = _find(connection, version)
        if found is None:
            raise InputError(
                f"There is no model version {version!r}. `python -m engine models` lists them."
            )
        stack = _stack(connection)
        if not stack or stack[-1].version != version:
            connection.execute(
                insert(model_aliases).values(
                    alias=SERVING, version=version, set_at=int(time.time())
                )
            )
        return found


def rollback(store: Store) -> ModelVersion:
    """Take the last promotion back and return the version that serves now.

    Doing it twice goes back two promotions. Raises InputError where nothing was promoted before.
    """
    with store.write() as connection:
        stack = _stack(connection)
        if len(stack) < 2:
            what = f"only {stack[0].version} was promoted" if stack else "nothing was promoted"
            raise InputError(f"There is no earlier model to roll back to: {what} so far.")
        connection.execute(
            update(model_aliases)
            .where(model_aliases.c.id == stack[-1].id)
            .values(withdrawn_at=int(time.time()))
        )
        earlier = _find(connection, stack[-2].version)
        assert earlier is not None, "a foreign key holds the version"  # noqa: S101
        return earlier


def _stack(connection: Connection) -> list[Row[Any]]:
    """The promotions that were not taken back, the oldest first."""
    query = (
        select(model_aliases.c.id, model_aliases.c.version)
        .where(model_aliases.c.alias == SERVING, model_aliases.c.withdrawn_at.is_(None))
        .order_by(model_aliases.c.id)
    )
    return list(connection.execute(query))


def _find(connection: Connection, version: str) -> ModelVersion | None:
    row = connection.execute(select(models).where(models.c.version == version)).first()
    return None if row is None else _version(row)


def _version(row: Row[Any]) -> ModelVersion:
    return ModelVersion(
        row.version, row.preset, row.data_version, dict(row.metrics), row.created_at
    )
