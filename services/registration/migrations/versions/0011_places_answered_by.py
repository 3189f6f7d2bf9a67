"""Who typed a school's answer about a place: the school itself, or the organiser who had it on the telephone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Until now every answer was typed by the school."""
    op.add_column("claim", sa.Column("answered_by", sa.String(10), nullable=False, server_default="school"))
