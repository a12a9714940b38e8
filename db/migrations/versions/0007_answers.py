"""Everything that people say about a file, in one table; the choices of columns and dates are carried over."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, fill it from the old one, and drop that."""
    op.create_table(
        "import_answers",
        sa.Column("headings", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("headings", name=op.f("pk_import_answers")),
    )
    old = sa.table(
        "column_choices",
        sa.column("headings", sa.Text()),
        sa.column("columns", sa.JSON()),
        sa.column("dates", sa.Text()),
        sa.column("chosen_at", sa.BigInteger()),
    )
    new = sa.table(
        "import_answers",
        sa.column("headings", sa.Text()),
        sa.column("answers", sa.JSON()),
        sa.column("said_at", sa.BigInteger()),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(old)).all():
        answers = {"columns": row.columns, "dates": row.dates}
        given = {name: value for name, value in answers.items() if value}
        connection.execute(
            sa.insert(new).values(headings=row.headings, answers=given, said_at=row.chosen_at)
        )
    op.drop_table("column_choices")
