"""Addresses of software that is told; its messages wait in the table of mails."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "webhook",
        sa.Column("edition_id", sa.String(200), nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("url", sa.String(320), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "id", name="pk_webhook"),
    )
