"""What the history knows of an import whose own report is lost, because its process ended at its commit or after it.

The files of one import share a batch id, which enters the history with their rows, in the same transaction.
"""

from sqlalchemy import Connection, func, select

from db.importing.report import ImportReport, count_new
from db.logs import STATUSES
from db.messages import Message
from db.schema import groups, imports
from db.store import Store

_SHAPES = ("friendships", "items", "users")  # kinds whose rows are what they are called


def committed_imports(store: Store, batch: str) -> list[int]:
    """The ids of the imports of this batch, in the order of its files; none where it was not committed.

    Raises StoreError if the store cannot be read.
    """
    query = select(imports.c.id).where(imports.c.batch == batch).order_by(imports.c.id)
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def committed_reports(store: Store, batch: str) -> list[ImportReport]:
    """The reports on the files of this batch, without the notes on them; none where it was not committed.

    Raises StoreError if the store cannot be read.
    """
    query = select(imports).where(imports.c.batch == batch).order_by(imports.c.id)
    with store.read() as connection:
        return [
            ImportReport(
                id=row.id,
                file=row.file,
                sha256=row.sha256,
                kind=row.kind,
                format=row.format,
                shape=row.kind if row.kind in _SHAPES else "groups",
                accepted=row.accepted,
                rejected=row.rejected,
                errors=[],
                notes=[Message("db.note.from_history")],
                new=count_new(connection, row.id),
                states=_states(connection, row.id),
            )
            for row in connection.execute(query).all()
        ]


def _states(connection: Connection, import_id: int) -> dict[str, int]:
    """How many groups of each state the import brought."""
    query = (
        select(groups.c.status, func.count())
        .where(groups.c.import_id == import_id, ~groups.c.merged)
        .group_by(groups.c.status)
    )
    counts = {row[0]: row[1] for row in connection.execute(query)}
    return {name: counts.get(code, 0) for name, code in STATUSES.items()}
