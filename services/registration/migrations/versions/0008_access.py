"""Programs that are let in by the API."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; only hashes of tokens are kept."""
    op.create_table(
        "access",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("writes", sa.Boolean, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_access"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_access_edition_id"),
        sa.UniqueConstraint("edition_id", "id", name="uq_access_edition_id_id"),
    )
