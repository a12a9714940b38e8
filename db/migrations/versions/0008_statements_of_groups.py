"""What each import states of a group, so that several add up and can be undone; declined invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, where the groups of earlier imports state all, and the table."""
    flags = ("status_derived", "initiator_derived", "continues", "initiator_void", "merged")
    for name in flags:
        op.add_column(
            "groups", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.add_column("groups", sa.Column("seats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("groups", sa.Column("twin", sa.BigInteger(), nullable=True))
    has_twin = sa.text("twin IS NOT NULL")
    op.create_index(
        op.f("ix_groups_twin"),
        "groups",
        ["twin"],
        sqlite_where=has_twin,
        postgresql_where=has_twin,
    )
    op.create_table(
        "declined_invitations",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_declined_invitations_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_declined_invitations_import_id")
        ),
        sa.CheckConstraint("reason IN (0, 1, 2)", name=op.f("ck_declined_invitations_reason")),
        sa.PrimaryKeyConstraint("group_id", "user", name=op.f("pk_declined_invitations")),
    )
    op.create_index(
        op.f("ix_declined_invitations_import_id"), "declined_invitations", ["import_id"]
    )
