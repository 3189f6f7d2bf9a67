"""When teams are taken, as calendars of their providers say."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "busy_times",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("provider_id", sa.String(200), nullable=False),
        sa.Column("teams", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "provider_id", name="pk_busy_times"),
    )
