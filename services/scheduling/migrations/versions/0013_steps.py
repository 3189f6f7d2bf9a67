"""The work that a job may do, and that with which a plan is found again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the columns."""
    for table in ("jobs", "proposals"):
        op.add_column(table, sa.Column("steps", sa.Integer))
