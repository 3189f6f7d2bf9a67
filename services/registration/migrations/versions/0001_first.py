"""Editions, schools, slots, answers, links, history and the tables of messages."""

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
        "edition",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("release", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
    )
    op.create_table(
        "school",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "school_id", name="pk_school"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_school_edition_id"),
    )
    _create_slot()
    op.create_table(
        "answer_key",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("used_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_answer_key"),
    )
    _create_link()
    op.create_table(
        "history",
        sa.Column("position", Sequence, autoincrement=True, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("traceid", sa.Text, nullable=False),
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_history"),
    )


def _create_slot() -> None:
    op.create_table(
        "slot",
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("session_id", sa.String(300), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("session", sa.Text, nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("group_name", sa.Text, nullable=False),
        sa.Column("pupils", sa.Integer, nullable=False),
        sa.Column("activity_name", sa.Text, nullable=False),
        sa.Column("provider_name", sa.Text, nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("answered_at", Instant),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "session_id", name="pk_slot"),
        sa.ForeignKeyConstraint(
            ["edition_id", "school_id"], ["school.edition_id", "school.school_id"], name="fk_slot_edition_id_school_id"
        ),
        sa.CheckConstraint("answer in ('offered', 'confirmed', 'declined')", name=op.f("ck_slot_answer")),
    )
    op.create_index("ix_slot_edition_id_school_id", "slot", ["edition_id", "school_id"])


def _create_link() -> None:
    op.create_table(
        "link",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("edition_id", sa.String(80), nullable=False),
        sa.Column("school_id", sa.String(130), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_link"),
        sa.UniqueConstraint("edition_id", "school_id", "generation", name="uq_link_edition_id_school_id_generation"),
        sa.ForeignKeyConstraint(
            ["edition_id", "school_id"], ["school.edition_id", "school.school_id"], name="fk_link_edition_id_school_id"
        ),
    )


def _create_messages() -> None:
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
        "inbox",
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("handled_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_inbox"),
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
        sa.PrimaryKeyConstraint("id", name="pk_retry"),
        sa.CheckConstraint("state in ('waiting', 'dead')", name=op.f("ck_retry_state")),
    )
    for name in ("subject_out", "subject_in"):
        op.create_table(
            name,
            sa.Column("stream", sa.String(80), nullable=False),
            sa.Column("subject", sa.Text, nullable=False),
            sa.Column("sequence", sa.Integer, nullable=False),
            sa.PrimaryKeyConstraint("stream", "subject", name=f"pk_{name}"),
        )
