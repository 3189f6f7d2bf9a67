"""Calendars of providers that are read."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "busy_calendar",
        sa.Column("edition_id", sa.String(200), nullable=False),
        sa.Column("provider_id", sa.String(200), nullable=False),
        sa.Column("team_id", sa.String(200), nullable=False),
        sa.Column("url", sa.String(320), nullable=False),
        sa.Column("busy", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("read_at", Instant),
        sa.Column("next_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "provider_id", "team_id", name="pk_busy_calendar"),
    )
