"""Row errors keep their message, which each language renders, beside its English."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; rows of earlier imports have no message."""
    op.add_column("import_errors", sa.Column("message", sa.Text(), nullable=True))
