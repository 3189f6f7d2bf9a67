"""The headers under which the organiser's files keep our columns."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "headers",
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_headers"),
    )
