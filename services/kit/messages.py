"""Tables that every service keeps for its messages: outbox, inbox, retry and the order of subjects.

``outbox``: events committed with the work that caused them, until they have left.
``inbox``: events this service has handled, so that a second delivery has no second effect.
``retry``: messages whose handling failed: ``waiting`` for the next try, or ``dead`` after the last.
``subject_out``/``subject_in``: last sequence number given to, or applied from, each subject.
``journal``: who asked for what, and when (``kit.journal``).
``erasure``: people taken out of this service, by a mark that names nobody, and how many rows that changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from services.kit.database import Instant

# SQLite numbers rows only for INTEGER keys.
Sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@dataclass(frozen=True)
class MessageTables:
    """The message tables of one service."""

    outbox: sa.Table
    inbox: sa.Table
    retry: sa.Table
    subject_out: sa.Table
    subject_in: sa.Table
    erasure: sa.Table
    journal: sa.Table


def message_tables(metadata: sa.MetaData) -> MessageTables:
    """Declare the message tables in a service's metadata."""
    return MessageTables(
        outbox=sa.Table(
            "outbox",
            metadata,
            sa.Column("position", Sequence, primary_key=True, autoincrement=True),
            sa.Column("event_id", sa.String(36), nullable=False, unique=True),
            sa.Column("event_type", sa.String(80), nullable=False),
            sa.Column("body", sa.Text, nullable=False),
            sa.Column("created_at", Instant, nullable=False),
        ),
        inbox=sa.Table(
            "inbox",
            metadata,
            sa.Column("event_id", sa.String(36), primary_key=True),
            sa.Column("event_type", sa.String(80), nullable=False),
            sa.Column("handled_at", Instant, nullable=False),
        ),
        retry=sa.Table(
            "retry",
            metadata,
            sa.Column("id", sa.String(64), primary_key=True),
            sa.Column("event_type", sa.String(80), nullable=False),
            sa.Column("body", sa.Text, nullable=False),
            sa.Column("state", sa.String(10), nullable=False),
            sa.Column("reason", sa.Text, nullable=False),
            sa.Column("attempts", sa.Integer, nullable=False),
            sa.Column("first_at", Instant, nullable=False),
            sa.Column("last_at", Instant, nullable=False),
            sa.Column("next_at", Instant, nullable=False),
            sa.CheckConstraint("state in ('waiting', 'dead')", name="state"),
        ),
        subject_out=_subject_table("subject_out", metadata),
        subject_in=_subject_table("subject_in", metadata),
        erasure=sa.Table(
            "erasure",
            metadata,
            sa.Column("mark", sa.String(43), primary_key=True),
            sa.Column("at", Instant, nullable=False),
            sa.Column("rows", sa.Text, nullable=False),
        ),
        journal=sa.Table(
            "journal",
            metadata,
            sa.Column("position", Sequence, primary_key=True, autoincrement=True),
            sa.Column("at", Instant, nullable=False),
            sa.Column("actor", sa.String(120), nullable=False),
            sa.Column("act", sa.String(60), nullable=False),
            sa.Column("edition_id", sa.String(200), nullable=False),
            sa.Column("about", sa.Text, nullable=False),
            sa.Index(None, "edition_id", "at"),
        ),
    )


def _subject_table(name: str, metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("stream", sa.String(80), primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
    )
