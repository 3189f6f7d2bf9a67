"""How the best plan of a job came about, and proposals that were given up."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("jobs", sa.Column("curve", sa.Text, nullable=False, server_default="[]"))
    op.add_column("proposals", sa.Column("discarded_at", sa.DateTime(timezone=True)))
