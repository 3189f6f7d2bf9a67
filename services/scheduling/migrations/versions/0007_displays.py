"""How editions are shown."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "displays",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", name="pk_displays"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_displays_edition_id_editions"),
    )
