"""Replanning by cause: incidents, slots refused, jobs that are stopped early and offer choices, who made a proposal."""

import json

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the new tables and columns; sentences kept with failed jobs become problems with a code."""
    op.create_table(
        "incidents",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("incident", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_incidents_edition_id"),
        sa.PrimaryKeyConstraint("edition_id", "id", name="pk_incidents"),
    )
    op.create_table(
        "refusals",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("party", sa.String(40), nullable=False),
        sa.Column("start", Instant, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "session_id", "party", "start", name="pk_refusals"),
    )
    for column in (
        sa.Column("stopping", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("starts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("several", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("frozen_before", sa.Date),
        sa.Column("moved", sa.Integer),
        sa.Column("fewest_moved", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("choices", sa.Text, nullable=False, server_default="[]"),
    ):
        op.add_column("jobs", column)
    for column in (
        sa.Column("question", sa.String(64), nullable=False, server_default=""),
        sa.Column("seed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("made_by", sa.Text, nullable=False, server_default=""),
    ):
        op.add_column("proposals", column)
    _give_reasons_a_code()
    _remember_refusals()


def _give_reasons_a_code() -> None:
    jobs = sa.table("jobs", sa.column("id"), sa.column("reason"))
    connection = op.get_bind()
    for id_, said in connection.execute(sa.select(jobs).where(jobs.c.reason != "")).all():
        problem = {"code": "solver_crashed", "facts": {"detail": said}}
        reason = json.dumps(problem, ensure_ascii=False)
        connection.execute(sa.update(jobs).where(jobs.c.id == id_).values(reason=reason))


def _remember_refusals() -> None:
    names = ("edition_id", "session_id", "party", "start")
    answers = sa.table("answers", *(sa.column(name) for name in names), sa.column("answer"))
    declined = sa.select(*(answers.c[name] for name in names)).where(answers.c.answer == "declined")
    op.get_bind().execute(
        sa.table("refusals", *(sa.column(name) for name in names)).insert().from_select(names, declined)
    )
