"""Other slots that schools wish for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """No wish was made before."""
    op.create_table(
        "wish",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("session_id", sa.String(300), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "school_id", "session_id", name="pk_wish"),
        sa.ForeignKeyConstraint(
            ["edition_id", "school_id"], ["school.edition_id", "school.school_id"], name="fk_wish_edition_id_school_id"
        ),
    )
