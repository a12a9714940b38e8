"""The outcome of a training as data; whether its process lives is no longer in the store."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The sentences by which earlier versions told endings apart.
LOST = "Its process ended without a word: "
BROKE_OFF = "It broke off: "
MESSAGES = {
    "Cancelled before it began.": "db.jobs.withdrawn",
    "Cancelled. The model that was serving still serves.": "train.worker.cancelled",
    "There was not enough memory. Lower the number of negatives, or of groups a step.": "train.worker.out_of_memory",
}


def upgrade() -> None:
    """Add the column, fill it for the trainings that have ended, and drop what told processes apart."""
    op.add_column("jobs", sa.Column("outcome", sa.JSON(), nullable=True))
    jobs = sa.table(
        "jobs",
        sa.column("id", sa.Integer()),
        sa.column("state", sa.Text()),
        sa.column("message", sa.Text()),
        sa.column("progress", sa.JSON()),
        sa.column("outcome", sa.JSON()),
    )
    connection = op.get_bind()
    ended = sa.select(jobs).where(jobs.c.state.in_(["done", "failed", "cancelled"]))
    for row in connection.execute(ended).all():
        outcome = _outcome(row.state, row.message, row.progress or {})
        connection.execute(sa.update(jobs).where(jobs.c.id == row.id).values(outcome=outcome))
    for name in ("pid", "process_started", "cancel_requested"):
        op.drop_column("jobs", name)


def _outcome(state: str, text: str, progress: dict[str, Any]) -> dict[str, Any]:
    version = progress.get("version") or ""
    if state == "done" and version:
        key = "train.worker.serves" if progress.get("promoted") else "train.worker.ready"
        return {
            "state": state,
            "message": {"key": key, "values": {"version": version}},
            "version": version,
            "metrics": progress.get("metrics") or {},
            "promoted": bool(progress.get("promoted")),
            "worse": progress.get("worse") or [],
        }
    key = "db.jobs.lost" if text.startswith(LOST) else MESSAGES.get(text, "db.text")
    values = {"text": text.replace(BROKE_OFF, "Training failed: ")} if key == "db.text" else {}
    return {"state": state, "message": {"key": key, "values": values}}
