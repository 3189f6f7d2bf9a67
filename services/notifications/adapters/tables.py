"""The tables of notifications."""

from __future__ import annotations

import sqlalchemy as sa

from services.kit.database import NAMING, Instant
from services.kit.messages import Sequence, message_tables

metadata = sa.MetaData(naming_convention=NAMING)
messages = message_tables(metadata)

_ID = sa.String(200)
_SESSION_ID = sa.String(300)

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("release", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("answer_by", sa.Date),
)

school = sa.Table(
    "school",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("id", _ID, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)

planned_session = sa.Table(
    "planned_session",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("id", _SESSION_ID, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("school_id", _ID, nullable=False, server_default=""),
    sa.Index(None, "edition_id", "school_id"),
)

invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("uid", sa.String(200), primary_key=True),
    sa.Column("edition_id", _ID, nullable=False),
    sa.Column("session_id", _SESSION_ID, nullable=False),
    sa.Column("school_id", _ID, nullable=False),
    sa.Column("party_kind", sa.String(10), nullable=False),
    sa.Column("party_id", _ID, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint(
        "edition_id", "session_id", "party_kind", "party_id", "generation", name="uq_invitation_generation"
    ),
    sa.Index("ix_invitation_school", "edition_id", "school_id"),
    sa.Index("ix_invitation_party", "edition_id", "party_kind", "party_id"),
)

mail = sa.Table(
    "mail",
    metadata,
    sa.Column("position", Sequence, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("message_id", sa.String(320), nullable=False, unique=True),
    sa.Column("edition_id", _ID, nullable=False, index=True),
    sa.Column("thread", sa.String(500), nullable=False, index=True),
    sa.Column("recipient", sa.String(320), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("party", _ID, nullable=False),
    sa.Column("session_id", _SESSION_ID, nullable=False),
    sa.Column("release", sa.Integer, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    # Whether it may have reached its recipient: true from the moment a worker takes it.
    sa.Column("may_have_left", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("claimed_until", Instant),
    sa.Column("sent_at", Instant),
    sa.Column("on_paper", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("until", Instant),
    sa.CheckConstraint("state in ('waiting', 'held', 'to_print', 'sent', 'superseded', 'failed')", name="state"),
    sa.Index("ix_mail_due", "state", "next_at"),
)

webhook = sa.Table(
    "webhook",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("url", sa.String(320), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
)
"""Addresses of software that is told; its messages are rows of ``mail``."""

incoming = sa.Table(
    "incoming",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # SHA-256 of the raw mail
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("session_id", _SESSION_ID, nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("settled", sa.String(20), nullable=False, server_default=""),
)

party = sa.Table(
    "party",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("id", _ID, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.String(64), nullable=False, server_default=""),
    sa.Column("etag", sa.String(64), nullable=False),
    sa.Column("modified_at", Instant, nullable=False),
    sa.Column("style", sa.String(20)),
    sa.Column("texts", sa.Text),  # who asked for short texts, and the number
)

wording = sa.Table(
    "wording",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("language", sa.String(5), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
"""The organiser's own words of mails."""

busy_calendar = sa.Table(
    "busy_calendar",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("provider_id", _ID, primary_key=True),
    sa.Column("team_id", _ID, primary_key=True),
    sa.Column("url", sa.String(320), nullable=False),
    sa.Column("busy", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("read_at", Instant),
    sa.Column("next_at", Instant, nullable=False),
)
"""Calendars that are read: of what they hold only the times they take. ``seen``: its version, and for which days."""

link = sa.Table(
    "link",
    metadata,
    sa.Column("edition_id", _ID, primary_key=True),
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("id", _ID, primary_key=True),
    sa.Column("purpose", sa.String(10), primary_key=True),
    sa.Column("seed", sa.String(64), nullable=False),
    sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("read_at", Instant),
    sa.Column("client", sa.String(80), nullable=False, server_default=""),
    sa.CheckConstraint("purpose in ('page', 'feed')", name="purpose"),
)
"""What opens a provider's page or a feed. ``seed``: with the secret it makes the token."""

history = sa.Table(
    "history",
    metadata,
    sa.Column("position", Sequence, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("traceid", sa.Text, nullable=False),
    sa.Column("edition_id", _ID, nullable=False),
    sa.Column("code", sa.String(40), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)
"""What was done, one row for each effect, in order; rows are only added."""
