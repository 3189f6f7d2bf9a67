"""Schools register by their own form: drafts, and the file's classes apart from what the school says itself."""

import json

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the drafts and name the classes of the file as such."""
    op.create_table(
        "draft",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "school_id", name="pk_draft"),
        sa.ForeignKeyConstraint(
            ["edition_id", "school_id"], ["school.edition_id", "school.school_id"], name="fk_draft_edition_id_school_id"
        ),
    )
    school = sa.table("school", sa.column("edition_id"), sa.column("school_id"), sa.column("body"))
    connection = op.get_bind()
    for edition_id, school_id, body in connection.execute(sa.select(school)).all():
        facts = json.loads(body)
        facts["imported_classes"] = facts.pop("classes")
        mine = (school.c.edition_id == edition_id) & (school.c.school_id == school_id)
        connection.execute(sa.update(school).where(mine).values(body=json.dumps(facts, ensure_ascii=False)))
