"""Tables of the registration service."""

from __future__ import annotations

import sqlalchemy as sa

from services.kit.database import NAMING, Instant
from services.kit.messages import Sequence, message_tables

metadata = sa.MetaData(naming_convention=NAMING)
messages = message_tables(metadata)

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("release", sa.Integer, nullable=False),
)
"""Copies of the editions as JSON, with the number of the release last offered."""

school = sa.Table(
    "school",
    metadata,
    sa.Column("edition_id", sa.String(80), sa.ForeignKey("edition.id"), primary_key=True),
    sa.Column("school_id", sa.String(130), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
"""A school in an edition: its Enrolment as JSON, always read and written whole."""

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("edition_id", sa.String(80), primary_key=True),
    sa.Column("school_id", sa.String(130), primary_key=True),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.ForeignKeyConstraint(["edition_id", "school_id"], ["school.edition_id", "school.school_id"]),
)
"""The form a school has begun and not sent: its fields as JSON."""

headers = sa.Table(
    "headers",
    metadata,
    sa.Column("kind", sa.String(10), primary_key=True),
    sa.Column("columns", sa.Text, nullable=False),
)
"""Under which headers the organiser's files keep our columns, as JSON."""

slot = sa.Table(
    "slot",
    metadata,
    sa.Column("edition_id", sa.String(80), primary_key=True),
    sa.Column("session_id", sa.String(300), primary_key=True),
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
    sa.Column("answered_by", sa.String(10), nullable=False, server_default="school"),
    sa.Column("answered_on", sa.Integer, nullable=False, server_default="0"),
    sa.ForeignKeyConstraint(["edition_id", "school_id"], ["school.edition_id", "school.school_id"]),
    sa.CheckConstraint("answer in ('offered', 'confirmed', 'declined')", name="answer"),
    sa.Index(None, "edition_id", "school_id"),
)
"""A session offered now; ``since``: the release that gave it its present time and place."""

asking = sa.Table(
    "asking",
    metadata,
    sa.Column("edition_id", sa.String(80), sa.ForeignKey("edition.id"), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
"""How the schools of an edition are asked: its Asking as JSON, always read and written whole."""

wish = sa.Table(
    "wish",
    metadata,
    sa.Column("edition_id", sa.String(80), primary_key=True),
    sa.Column("school_id", sa.String(130), primary_key=True),
    sa.Column("session_id", sa.String(300), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["edition_id", "school_id"], ["school.edition_id", "school.school_id"]),
)
"""The other slot a school last wished for a session: its Wish as JSON."""

answer_key = sa.Table(
    "answer_key",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("used_at", Instant, nullable=False),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
)
"""Hashed keys of the forms that took effect, with what each was answered, as JSON."""

capacity = sa.Table(
    "capacity",
    metadata,
    sa.Column("edition_id", sa.String(80), sa.ForeignKey("edition.id"), primary_key=True),
    sa.Column("programme_id", sa.String(80), primary_key=True),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("answer_hours", sa.Integer, nullable=False),
    sa.CheckConstraint("taken >= 0 and taken <= places", name="taken"),
)
"""How many groups a programme takes, where that is limited; ``asked`` numbers those that had to wait."""

claim = sa.Table(
    "claim",
    metadata,
    sa.Column("edition_id", sa.String(80), primary_key=True),
    sa.Column("group_id", sa.String(300), primary_key=True),
    sa.Column("programme_id", sa.String(80), nullable=False),
    sa.Column("school_id", sa.String(130), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("until", Instant),
    sa.Column("answered_by", sa.String(10), nullable=False, server_default="school"),
    sa.CheckConstraint("state in ('held', 'waiting', 'offered', 'declined')", name="state"),
    sa.Index(None, "edition_id", "school_id"),
    sa.Index("ix_claim_line", "edition_id", "programme_id", "state", "rank", "number"),
    sa.Index("ix_claim_until", "state", "until"),
)
"""What a group has of a place in a limited programme."""

access = sa.Table(
    "access",
    metadata,
    sa.Column("token_sha256", sa.String(64), primary_key=True),
    sa.Column("edition_id", sa.String(80), sa.ForeignKey("edition.id"), nullable=False),
    sa.Column("id", sa.String(80), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("writes", sa.Boolean, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.UniqueConstraint("edition_id", "id"),
)
"""Programs that are let in by the API."""

link = sa.Table(
    "link",
    metadata,
    sa.Column("token_sha256", sa.String(64), primary_key=True),
    sa.Column("edition_id", sa.String(80), nullable=False),
    sa.Column("school_id", sa.String(130), nullable=False),
    sa.Column("seed", sa.String(64), nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Index(None, "edition_id", "school_id"),
    sa.ForeignKeyConstraint(["edition_id", "school_id"], ["school.edition_id", "school.school_id"]),
)
"""A school's links, the last of them valid unless revoked. ``seed``: with the secret it makes the token."""

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("mark", sa.String(64), nullable=False, unique=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("seen_at", Instant),
    sa.Column("disabled_at", Instant),
    sa.Column("password", sa.String(200), nullable=False),
    sa.Column("seed", sa.String(64), nullable=False),
    sa.Column("codes_since", Instant),
    sa.Column("offered", sa.String(64), nullable=False),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.CheckConstraint("role in ('administrator', 'organiser', 'reader')", name="role"),
)
"""People who organise. ``mark``: stands for the mail address; ``body``: address, name, language as JSON."""

sign_in = sa.Table(
    "sign_in",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(80), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("way", sa.String(10), nullable=False),
    sa.Column("device", sa.String(80), nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("waits", sa.Boolean, nullable=False),
)
"""Browsers signed in, by the SHA-256 of their token."""

sign_in_link = sa.Table(
    "sign_in_link",
    metadata,
    sa.Column("token_sha256", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(80), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("until", Instant, nullable=False),
)
"""Links that sign in once."""

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("account_id", sa.String(80), sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code_sha256", sa.String(64), primary_key=True),
)
"""Codes that open once in place of a device."""

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("position", Sequence, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("mark", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index(None, "kind", "mark", "at"),
)
"""Tries to sign in, so that there are not too many; forgotten after an hour."""

history = sa.Table(
    "history",
    metadata,
    sa.Column("position", Sequence, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("traceid", sa.Text, nullable=False),
    sa.Column("edition_id", sa.String(80), nullable=False),
    sa.Column("school_id", sa.String(130), nullable=False),
    sa.Column("code", sa.String(20), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)
"""What was done, one row for each effect, in order; rows are only added."""
