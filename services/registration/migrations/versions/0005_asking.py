"""By when schools answer, and on which release each answer was given."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """An answer given until now can no longer be taken back: on which release it was given is not known."""
    op.add_column("slot", sa.Column("answered_on", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "asking",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", name="pk_asking"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_asking_edition_id"),
    )
