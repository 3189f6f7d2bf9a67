"""Drafts made by hand from other plans, and sessions that the organiser fixed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("proposals", sa.Column("made_from", sa.String(36), nullable=False, server_default=""))
    op.add_column("proposals", sa.Column("moved", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_proposals_made_from", "proposals", ["made_from"])
    op.create_table(
        "pins",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("pin", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "session_id", name="pk_pins"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_pins_edition_id_editions"),
    )
