"""Looks for what is wrong with a store and its models; an older store is brought up to date, as by any opening."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, and_, func, select, text

from db import schema
from db.errors import StoreError
from db.integrity import damage_of, rows_without_parents
from db.lost_store import has_content
from db.messages import Message, Value
from db.models import registry
from db.store import Store
from db.store_url import parse_store_url

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class StoreCheck:
    """How many rows each table has, and what is wrong, with what to do."""

    counts: dict[str, int]
    problems: tuple[Message, ...]


def check_store(url: str, models: Path) -> StoreCheck:
    """What is wrong with the store at ``url`` and with the model versions in ``models``.

    A store that is damaged is looked at no further. Raises StoreError where it cannot be reached or is locked.
    """
    parsed = parse_store_url(url)
    if parsed.get_backend_name() == "sqlite":
        damage = list(_damage(Path(str(parsed.database))))
        if damage:
            return StoreCheck({}, tuple(damage))
    with closing(Store.open(url)) as store:
        with store.read() as connection:
            counts = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in sorted(schema.metadata.tables.items())
            }
            problems = list(_rows_of_server(connection)) if store.path is None else []
            problems += _keys(connection)
        return StoreCheck(counts, (*problems, *_models(store, models)))


def _damage(path: Path) -> Iterator[Message]:
    """What is wrong with a SQLite file as such."""
    try:
        if not has_content(path):
            yield Message("db.check.no_store", {"place": str(path)})
            return
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            if said := damage_of(connection):
                yield Message("db.check.damaged", {"place": str(path), "said": said})
                return
            for (table, parent), count in rows_without_parents(connection).items():
                values: dict[str, Value] = {"n": count, "table": table, "parent": parent}
                yield Message("db.check.rows_without_parent", values)
    except StoreError as error:  # it is lost
        yield error.message
    except sqlite3.Error as error:
        busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        key = "db.store.in_use" if busy else "db.store.unreadable"
        raise StoreError(key, place=str(path), said=str(error)) from error


def _rows_of_server(connection: Connection) -> Iterator[Message]:
    """The same as far as PostgreSQL tells it: it keeps damage to its files to itself until they are read."""
    for table in schema.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            if count := _without_parent(connection, constraint):
                parent = constraint.referred_table.name
                values: dict[str, Value] = {"n": count, "table": table.name, "parent": parent}
                yield Message("db.check.rows_without_parent", values)
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    for name in connection.execute(text(invalid)).scalars():
        yield Message("db.check.invalid_index", {"name": str(name)})
    failures = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
    if wrong := connection.execute(text(failures)).scalar():
        yield Message("db.check.checksums", {"n": int(wrong)})


def _without_parent(connection: Connection, constraint: ForeignKeyConstraint) -> int:
    """How many rows refer to one that is not there."""
    child, parent = constraint.table, constraint.referred_table.alias()
    same = and_(*(key.parent == parent.c[key.column.name] for key in constraint.elements))
    given = and_(*(key.parent.is_not(None) for key in constraint.elements))
    missing = select(func.count()).select_from(child).where(given, ~select(1).where(same).exists())
    return int(connection.execute(missing).scalar_one())


def _keys(connection: Connection) -> Iterator[Message]:
    """Keys above the highest one that the imports note: the next import would give them out again."""
    last = {"users": "last_user", "items": "last_item", "groups": "last_group"}
    for name, column in last.items():
        keys = schema.metadata.tables[name].c.id
        noted = connection.execute(select(func.max(schema.imports.c[column]))).scalar() or 0
        above = select(func.count()).select_from(keys.table).where(keys > noted)
        if higher := connection.execute(above).scalar_one():
            yield Message("db.check.keys", {"n": int(higher), "table": name, "last": int(noted)})


def _models(store: Store, models: Path) -> Iterator[Message]:
    """Versions whose files are gone or changed, and folders that the registry does not know."""
    recorded = registry.versions(store)
    for version in recorded:
        if problem := _wrong_with(version, models / version.version):
            yield problem
    removed = set(registry.removed_versions(store))
    known = {version.version for version in recorded}
    for manifest in sorted(models.glob(f"[!.]*/{MANIFEST}")):
        name = manifest.parent.name
        if name in removed:
            yield Message("db.check.model_left", {"version": name, "folder": str(manifest.parent)})
        elif name not in known:
            values = {"version": name, "folder": str(manifest.parent)}
            yield Message("db.check.model_unknown", values)


def _wrong_with(version: registry.ModelVersion, folder: Path) -> Message | None:
    """What is wrong with the files of a version, if anything is."""
    values = {"version": version.version, "folder": str(folder)}
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        return Message("db.check.model_missing", values)
    if version.manifests and hashlib.sha256(content).hexdigest() not in version.manifests:
        return Message("db.check.model_changed", values | {"file": MANIFEST})
    try:
        files: dict[str, dict[str, Any]] = json.loads(content)["files"]
        changed = [name for name, noted in files.items() if not _is_as_noted(folder / name, noted)]
    except (ValueError, KeyError, TypeError, AttributeError):
        changed = [MANIFEST]
    return Message("db.check.model_changed", values | {"file": changed[0]}) if changed else None


def _is_as_noted(path: Path, noted: dict[str, Any]) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == noted["sha256"]
    except OSError:
        return False
