"""The registry knows the SHA-256 of each version's manifest, so that a changed one is noticed."""

import hashlib

import sqlalchemy as sa
from alembic import op

from db.settings import settings

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of versions whose folder is there, the manifest counts as it is now."""
    op.add_column("models", sa.Column("manifest_sha256", sa.Text(), nullable=True))
    models = sa.table(
        "models", sa.column("version", sa.Text), sa.column("manifest_sha256", sa.Text)
    )
    folder = settings().models
    for version in op.get_bind().execute(sa.select(models.c.version)).scalars().all():
        try:
            content = (folder / version / "manifest.json").read_bytes()
        except (OSError, ValueError):
            continue
        found = {"manifest_sha256": hashlib.sha256(content).hexdigest()}
        op.execute(sa.update(models).where(models.c.version == version).values(found))
