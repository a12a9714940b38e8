"""What shops know of items and users, when groups filled and when participants joined."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nothing is known of what is in the store."""
    for table in ("items", "item_facts"):
        op.add_column(table, sa.Column("brand", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("on_sale_from", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("on_sale_until", sa.BigInteger(), nullable=True))
        op.add_column(table, sa.Column("stock", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("status", sa.Text(), nullable=True))
    for table in ("users", "user_facts"):
        op.add_column(table, sa.Column("city", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("contactable", sa.Boolean(), nullable=True))
        op.add_column(table, sa.Column("tags", sa.Text(), nullable=True))
    op.add_column("groups", sa.Column("filled_at", sa.BigInteger(), nullable=True))
    op.add_column("group_members", sa.Column("joined_at", sa.BigInteger(), nullable=True))
