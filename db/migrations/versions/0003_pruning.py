"""Versions that are pinned, and versions whose files were taken away."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("models") as table:
        table.add_column(
            sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        table.add_column(sa.Column("removed_at", sa.BigInteger(), nullable=True))
