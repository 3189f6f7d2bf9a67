"""Permissions of schools, as registration tells them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "permission_levels",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("levels", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", name="pk_permission_levels"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_permission_levels_edition_id_editions"),
    )
    op.create_table(
        "permissions",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("given", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "school_id", name="pk_permissions"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_permissions_edition_id_editions"),
    )
