"""How all pages look."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "theme",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme"),
    )
