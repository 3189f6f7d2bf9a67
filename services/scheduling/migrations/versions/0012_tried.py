"""The place at which a job holds a session, to learn what that costs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column."""
    op.add_column("jobs", sa.Column("tried", sa.Text, nullable=False, server_default=""))
