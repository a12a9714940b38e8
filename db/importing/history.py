"""The history of imports, and the rows that an import could not use."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import select

from db.errors import InputError
from db.importing.readers.chunk import RowError
from db.messages import Message
from db.schema import import_errors, imports
from db.store import Store


@dataclass(frozen=True)
class ImportEntry:
    """One imported file."""

    id: int
    file: str
    sha256: str
    accepted: int  # rows
    rejected: int
    created_at: str  # ISO 8601, UTC
    undone: bool
    batch: str  # shared by the files of one call
    kind: str  # groups, failed, friendships or demo
    format: str


def import_history(store: Store) -> list[ImportEntry]:
    """All imports, the oldest first, including those that were undone."""
    with store.read() as connection:
        rows = connection.execute(select(imports).order_by(imports.c.id)).all()
    return [
        ImportEntry(
            id=row.id,
            file=row.file,
            sha256=row.sha256,
            accepted=row.accepted,
            rejected=row.rejected,
            created_at=datetime.fromtimestamp(row.created_at, UTC).isoformat(),
            undone=row.undone_at is not None,
            batch=row.batch,
            kind=row.kind,
            format=row.format,
        )
        for row in rows
    ]


def rejected_rows(store: Store, id: int) -> pd.DataFrame:
    """The errors of import ``id``, a row each, with the columns of RowError.

    ``problem`` holds Messages; errors of older stores have their English text as "db.text". A row
    of the file with several flaws has an error for each. Raises InputError if there is no such
    import.
    """
    with store.read() as connection:
        known = connection.execute(select(imports.c.id).where(imports.c.id == id)).scalar()
        if known is None:
            raise InputError("db.import.unknown", number=id)
        query = select(import_errors).where(import_errors.c.import_id == id)
        rows = connection.execute(query.order_by(import_errors.c.id)).all()
    errors = [
        RowError(row.line, row.column, row.value, _problem(row.message, row.problem), row.row)
        for row in rows
    ]
    columns = list(RowError.__dataclass_fields__)
    return pd.DataFrame([vars(error) for error in errors], columns=columns)


def _problem(message: str | None, text: str) -> Message:
    return Message("db.text", {"text": text}) if message is None else Message.from_json(message)
