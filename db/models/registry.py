"""The model versions that are ready to serve, and which of them serves."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

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
    pinned: bool = False  # never pruned
    manifests: tuple[
        str, ...
    ] = ()  # SHA-256 of its manifest: any of them; none where nobody noted it


def record_in(
    connection: Connection,
    version: str,
    preset: str,
    data_version: str,
    metrics: dict[str, Any],
    created_at: int | None = None,
    manifest_sha256: str | None = None,
) -> None:
    """Records, within a transaction, a version that is not known and whose bundle is complete.

    With ``manifest_sha256``, it serves only with the manifest that it has now.
    """
    connection.execute(
        insert(models).values(
            version=version,
            preset=preset,
            data_version=data_version,
            metrics=metrics,
            created_at=int(time.time()) if created_at is None else created_at,
            manifest_sha256=manifest_sha256,
        )
    )


def is_known(connection: Connection, version: str) -> bool:
    """Whether the version is or was recorded, be its files removed or not."""
    query = select(models.c.id).where(models.c.version == version)
    return connection.execute(query).first() is not None


def versions(store: Store) -> list[ModelVersion]:
    """All versions whose files were not removed, the newest first."""
    with store.read() as connection:
        return _recorded_versions(connection)


def versions_and_promotions(store: Store) -> tuple[list[ModelVersion], list[str]]:
    """All versions, the newest first, and the promotions in force, the oldest first.

    A promotion is in force until it is rolled back or its version is removed.
    """
    with store.read() as connection:
        return read_versions_and_promotions(connection)


def read_versions_and_promotions(connection: Connection) -> tuple[list[ModelVersion], list[str]]:
    """As ``versions_and_promotions``, within a transaction."""
    return _recorded_versions(connection), [row.version for row in _stack(connection)]


def serving_name(store: Store) -> str | None:
    """The name of the serving version, by one small query for frequent callers; None without one."""
    with store.read() as connection:
        query = _promotions_in_force().with_only_columns(model_aliases.c.version).order_by(None)
        return connection.execute(query.order_by(model_aliases.c.id.desc()).limit(1)).scalar()


def find(store: Store, version: str) -> ModelVersion | None:
    """The version of this name; None where there is none, or its files were removed."""
    with store.read() as connection:
        return _find(connection, version)


def serving(store: Store) -> ModelVersion | None:
    """The serving version, None before the first promotion."""
    with store.read() as connection:
        stack = _stack(connection)
        return _find(connection, stack[-1].version) if stack else None


def promote(store: Store, version: str) -> ModelVersion:
    """Make ``version`` the serving version; has no effect if it is already.

    Raises InputError if the version is not recorded.
    """
    with store.write() as connection:
        return promote_in(connection, version)


def promote_in(connection: Connection, version: str) -> ModelVersion:
    """As ``promote``, within a transaction."""
    found = _find(connection, version)
    if found is None:
        raise _unknown(version)
    stack = _stack(connection)
    if not stack or stack[-1].version != version:
        connection.execute(
            insert(model_aliases).values(alias=SERVING, version=version, set_at=int(time.time()))
        )
    return found


def rollback_target(store: Store) -> ModelVersion:
    """The version that would serve after a rollback; raises InputError if there is none."""
    with store.read() as connection:
        return _recorded(connection, _earlier(_stack(connection)).version)


def rollback(store: Store, expected: str | None = None) -> ModelVersion:
    """Take the last promotion back and return the version that serves now.

    Doing it twice goes back two promotions. Raises InputError, and changes nothing, if nothing was promoted before or
    if another version than ``expected`` would serve because somebody promoted or rolled back in the meantime.
    """
    with store.write() as connection:
        earlier = _earlier(_stack(connection))
        if expected not in (None, earlier.version):
            raise InputError("db.models.serving_changed", expected=expected or "")
        connection.execute(
            update(model_aliases)
            .where(model_aliases.c.id > earlier.id, model_aliases.c.alias == SERVING)
            .where(model_aliases.c.withdrawn_at.is_(None))
            .values(withdrawn_at=int(time.time()))
        )
        return _recorded(connection, earlier.version)


def _earlier(stack: list[Row[Any]]) -> Row[Any]:
    """The latest promotion of another version than the serving one; raises InputError if there is none."""
    earlier = [row for row in stack if row.version != stack[-1].version]
    if earlier:
        return earlier[-1]
    if stack:
        raise InputError("db.models.only_promotion", version=stack[0].version)
    raise InputError("db.models.no_promotion")


def _recorded(connection: Connection, version: str) -> ModelVersion:
    """A version that this transaction knows to be recorded."""
    found = _find(connection, version)
    assert found is not None, "read in this transaction"  # noqa: S101
    return found


def pin(store: Store, version: str, pinned: bool = True) -> ModelVersion:
    """Pin ``version`` so that it is never pruned, or unpin it; raises InputError if it is not recorded."""
    with store.write() as connection:
        if _find(connection, version) is None:
            raise _unknown(version)
        connection.execute(update(models).where(models.c.version == version).values(pinned=pinned))
        return _recorded(connection, version)


def note_manifest(store: Store, version: str, *manifests: str) -> None:
    """From now on ``version`` serves only with a manifest of one of these SHA-256."""
    with store.write() as connection:
        values = {"manifest_sha256": ",".join(manifests)}
        connection.execute(update(models).where(models.c.version == version).values(values))


def mark_removed(connection: Connection, version: str) -> None:
    """Take ``version`` off the registry before its files are removed; see ``engine.bundle.retention``."""
    connection.execute(
        update(models).where(models.c.version == version).values(removed_at=int(time.time()))
    )


def removed_versions(store: Store) -> list[str]:
    """The versions that were taken off the registry, whose files are removed or still to be."""
    with store.read() as connection:
        query = select(models.c.version).where(models.c.removed_at.is_not(None))
        return list(connection.execute(query).scalars())


def _unknown(version: str) -> InputError:
    return InputError("db.models.unknown_version", version=version)


def _recorded_versions(connection: Connection) -> list[ModelVersion]:
    query = (
        select(models)
        .where(models.c.removed_at.is_(None))
        .order_by(models.c.id.desc())  # the clock may have been moved between two
    )
    return [_version(row) for row in connection.execute(query)]


def _stack(connection: Connection) -> list[Row[Any]]:
    """The promotions in force, the oldest first."""
    return list(connection.execute(_promotions_in_force()))


def _promotions_in_force() -> Select[Any]:
    """A query for the promotions that were not rolled back, of versions that were not removed."""
    return (
        select(model_aliases.c.id, model_aliases.c.version)
        .join(models, models.c.version == model_aliases.c.version)
        .where(
            model_aliases.c.alias == SERVING,
            model_aliases.c.withdrawn_at.is_(None),
            models.c.removed_at.is_(None),
        )
        .order_by(model_aliases.c.id)
    )


def _find(connection: Connection, version: str) -> ModelVersion | None:
    row = connection.execute(
        select(models).where(models.c.version == version, models.c.removed_at.is_(None))
    ).first()
    return None if row is None else _version(row)


def _version(row: Row[Any]) -> ModelVersion:
    return ModelVersion(
        row.version,
        row.preset,
        row.data_version,
        dict(row.metrics),
        row.created_at,
        row.pinned,
        tuple(filter(None, (row.manifest_sha256 or "").split(","))),
    )
