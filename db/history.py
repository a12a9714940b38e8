"""The history of imports, and the rows that they could not use."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import select

from db.errors import InputError
from db.schema import import_errors, imports
from db.store import Store

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
    batch: str  # the files of one command share it
    kind: str  # groups, failed, friendships or demo
    format: str


def history(store: Store) -> list[ImportEntry]:
    """All imports, the oldest first, undone ones among them."""
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
    """What is wrong with the rows that import ``id`` could not use.

    Columns: line, column, value, problem, row. A row with several flaws stands once for each.
    """
    with store.read() as connection:
        known = connection.execute(select(imports.c.id).where(imports.c.id == id)).scalar()
        if known is None:
            raise InputError(f"There is no import {id}. `python -m db imports` lists them.")
        columns = [import_errors.c[name] for name in ("line", "column", "value", "problem", "row")]
        query = select(*columns).where(import_errors.c.import_id == id)
        rows = connection.execute(query.order_by(import_errors.c.id)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=[column.name for column in columns])


def spreadsheet_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV that a spreadsheet opens without running what a cell says.

    A text that begins like a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in frame.columns])
    writer.writerows([_harmless(cell) for cell in row] for row in frame.itertuples(index=False))
    return text.getvalue()


def _harmless(cell: object) -> object:
    dangerous = isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA)
    return f"'{cell}" if dangerous else cell
