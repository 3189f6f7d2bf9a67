"""Copies, invitations, outgoing and incoming mails, feeds, history and the tables of messages."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant
from services.kit.messages import Sequence

revision = "0001"
down_revision = None

_ID = sa.String(200)
_SESSION_ID = sa.String(300)


def upgrade() -> None:
    """Create every table."""
    _create_messages()
    _create_copies()
    _create_invitation()
    _create_mail()
    _create_incoming()
    _create_party()
    op.create_table(
        "history",
        sa.Column("position", Sequence, autoincrement=True, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("traceid", sa.Text, nullable=False),
        sa.Column("edition_id", _ID, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_history"),
    )


def _create_copies() -> None:
    op.create_table(
        "edition",
        sa.Column("id", _ID, nullable=False),
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
    )
    for name, id_type in (("school", _ID), ("planned_session", _SESSION_ID)):
        op.create_table(
            name,
            sa.Column("edition_id", _ID, nullable=False),
            sa.Column("id", id_type, nullable=False),
            sa.Column("body", sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("edition_id", "id", name=f"pk_{name}"),
        )


def _create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("uid", sa.String(200), nullable=False),
        sa.Column("edition_id", _ID, nullable=False),
        sa.Column("session_id", _SESSION_ID, nullable=False),
        sa.Column("school_id", _ID, nullable=False),
        sa.Column("party_kind", sa.String(10), nullable=False),
        sa.Column("party_id", _ID, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_invitation"),
        sa.UniqueConstraint(
            "edition_id",
            "session_id",
            "party_kind",
            "party_id",
            "generation",
            name="uq_invitation_generation",
        ),
    )


def _create_mail() -> None:
    op.create_table(
        "mail",
        sa.Column("position", Sequence, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(320), nullable=False),
        sa.Column("edition_id", _ID, nullable=False),
        sa.Column("thread", sa.String(500), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("party", _ID, nullable=False),
        sa.Column("session_id", _SESSION_ID, nullable=False),
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("may_have_left", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("claimed_until", Instant),
        sa.Column("sent_at", Instant),
        sa.PrimaryKeyConstraint("position", name="pk_mail"),
        sa.UniqueConstraint("id", name="uq_mail_id"),
        sa.UniqueConstraint("message_id", name="uq_mail_message_id"),
        sa.CheckConstraint("state in ('waiting', 'sent', 'superseded', 'failed')", name=op.f("ck_mail_state")),
    )
    op.create_index("ix_mail_edition_id", "mail", ["edition_id"])
    op.create_index("ix_mail_thread", "mail", ["thread"])
    op.create_index("ix_mail_due", "mail", ["state", "next_at"])


def _create_incoming() -> None:
    op.create_table(
        "incoming",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("session_id", _SESSION_ID, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incoming"),
    )


def _create_party() -> None:
    op.create_table(
        "party",
        sa.Column("edition_id", _ID, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("feed_hash", sa.String(64), nullable=False),
        sa.Column("page_hash", sa.String(64)),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("etag", sa.String(64), nullable=False),
        sa.Column("modified_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "kind", "id", name="pk_party"),
        sa.UniqueConstraint("feed_hash", name="uq_party_feed_hash"),
        sa.UniqueConstraint("page_hash", name="uq_party_page_hash"),
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
