"""Who did what, and when."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant
from services.kit.messages import Sequence

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "journal",
        sa.Column("position", Sequence, autoincrement=True, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("edition_id", sa.String(200), nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_journal"),
    )
    op.create_index("ix_journal_edition_id_at", "journal", ["edition_id", "at"])
