"""Sessions are found by their school, invitations by their school and their party."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Name the school of each session, and index what is asked for at each event."""
    with op.batch_alter_table("planned_session") as table:
        table.add_column(sa.Column("school_id", sa.String(200), nullable=False, server_default=""))
        table.create_index(op.f("ix_planned_session_edition_id_school_id"), ["edition_id", "school_id"])
    _name_schools()
    op.create_index(op.f("ix_invitation_school"), "invitation", ["edition_id", "school_id"])
    op.create_index(op.f("ix_invitation_party"), "invitation", ["edition_id", "party_kind", "party_id"])


def _name_schools() -> None:
    columns = ("edition_id", "id", "body", "school_id")
    table = sa.table("planned_session", *(sa.column(name, sa.String) for name in columns))
    for row in op.get_bind().execute(sa.select(table)).all():
        own = (table.c.edition_id == row.edition_id, table.c.id == row.id)
        op.execute(sa.update(table).where(*own).values(school_id=json.loads(row.body)["session"]["school_id"]))
