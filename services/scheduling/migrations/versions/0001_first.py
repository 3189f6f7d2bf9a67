"""Editions, registrations, jobs, proposals, releases, answers and the tables of messages."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant
from services.kit.messages import Sequence

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_messages()
    op.create_table(
        "answers",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("party", sa.String(40), nullable=False),
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("start", Instant, nullable=False),
        sa.Column("venue_id", sa.String(40)),
        sa.Column("pupils", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "session_id", "party", name="pk_answers"),
    )
    op.create_table(
        "editions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
    )
    op.create_table(
        "registrations",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("school_id", sa.Text, nullable=False),
        sa.Column("registered", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "school_id", name="pk_registrations"),
    )
    _create_jobs()
    _create_plans()


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("elapsed", sa.Float, nullable=False),
        sa.Column("sessions", sa.Integer, nullable=False),
        sa.Column("placed", sa.Integer),
        sa.Column("value", sa.Float),
        sa.Column("bound", sa.Float),
        sa.Column("phase", sa.String(80), nullable=False),
        sa.Column("proposal_id", sa.String(36)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("worker", sa.String(36)),
        sa.Column("heard_at", Instant),
        sa.CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'cancelled')", name="ck_jobs_state"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_jobs_edition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_edition_id_created_at", "jobs", ["edition_id", "created_at"], unique=False)
    op.create_index(
        "uq_jobs_active",
        "jobs",
        ["edition_id"],
        unique=True,
        sqlite_where=sa.text("state in ('queued', 'running')"),
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )


def _create_plans() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("bound", sa.Float),
        sa.Column("cost", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("placements", sa.Text, nullable=False),
        sa.CheckConstraint("status in ('optimal', 'feasible')", name="ck_proposals_status"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_proposals_edition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_table(
        "releases",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("proposal_id", sa.String(36), nullable=False),
        sa.Column("released_at", Instant, nullable=False),
        sa.Column("sessions", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_releases_edition_id"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_releases_proposal_id"),
        sa.PrimaryKeyConstraint("edition_id", "number", name="pk_releases"),
        sa.UniqueConstraint("proposal_id", name="uq_releases_proposal_id"),
    )


def _create_messages() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("handled_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_inbox"),
    )
    op.create_table(
        "outbox",
        sa.Column("position", Sequence, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
    )
    op.create_table(
        "retry",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.CheckConstraint("state in ('waiting', 'dead')", name="ck_retry_state"),
        sa.PrimaryKeyConstraint("id", name="pk_retry"),
    )
    op.create_table(
        "subject_in",
        sa.Column("stream", sa.String(80), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("stream", "subject", name="pk_subject_in"),
    )
    op.create_table(
        "subject_out",
        sa.Column("stream", sa.String(80), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("stream", "subject", name="pk_subject_out"),
    )
