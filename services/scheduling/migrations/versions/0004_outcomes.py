"""What became of the sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "outcomes",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "session_id", name="pk_outcomes"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_outcomes_edition_id_editions"),
    )
