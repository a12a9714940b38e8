"""Pinned model versions, and versions whose files were removed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns in place: recreating the table would break the promotions' references to it."""
    pinned: sa.Column[bool] = sa.Column(
        "pinned", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("models", pinned)
    op.add_column("models", sa.Column("removed_at", sa.BigInteger(), nullable=True))
