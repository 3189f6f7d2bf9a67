"""Places of programmes that cannot take every group, and who claims them."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "capacity",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("programme_id", sa.String(80), nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("answer_hours", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "programme_id", name="pk_capacity"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_capacity_edition_id"),
        sa.CheckConstraint("taken >= 0 and taken <= places", name=op.f("ck_capacity_taken")),
    )
    op.create_table(
        "claim",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("group_id", sa.String(300), nullable=False),
        sa.Column("programme_id", sa.String(80), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("until", Instant),
        sa.PrimaryKeyConstraint("edition_id", "group_id", name="pk_claim"),
        sa.CheckConstraint("state in ('held', 'waiting', 'offered', 'declined')", name=op.f("ck_claim_state")),
    )
    op.create_index("ix_claim_edition_id_school_id", "claim", ["edition_id", "school_id"])
    op.create_index("ix_claim_line", "claim", ["edition_id", "programme_id", "state", "rank", "number"])
    op.create_index("ix_claim_until", "claim", ["state", "until"])
