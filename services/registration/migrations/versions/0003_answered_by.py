"""Who typed a school's answer: the school itself, or the organiser who had it on the telephone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Until now every answer was typed by the school."""
    column = sa.Column("answered_by", sa.String(10), nullable=False, server_default="school")
    op.add_column("slot", column)
