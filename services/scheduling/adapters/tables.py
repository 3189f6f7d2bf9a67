"""Tables of this service. Values that are only read and written whole are kept as JSON text."""

from __future__ import annotations

import sqlalchemy as sa

from services.kit.database import NAMING, Instant
from services.kit.messages import message_tables

metadata = sa.MetaData(naming_convention=NAMING)
messages = message_tables(metadata)

editions = sa.Table(
    "editions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("edition", sa.Text, nullable=False),
)

registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("edition_id", sa.String(40), primary_key=True),
    sa.Column("school_id", sa.Text, primary_key=True),
    sa.Column("registered", sa.Text, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("steps", sa.Integer),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("elapsed", sa.Float, nullable=False),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("placed", sa.Integer),
    sa.Column("value", sa.Float),
    sa.Column("bound", sa.Float),
    sa.Column("phase", sa.String(80), nullable=False),
    sa.Column("proposal_id", sa.String(36)),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("stopping", sa.Boolean, nullable=False),
    sa.Column("starts", sa.Integer, nullable=False),
    sa.Column("several", sa.Boolean, nullable=False),
    sa.Column("frozen_before", sa.Date),
    sa.Column("moved", sa.Integer),
    sa.Column("fewest_moved", sa.Boolean, nullable=False),
    sa.Column("choices", sa.Text, nullable=False),
    sa.Column("curve", sa.Text, nullable=False, server_default="[]"),
    sa.Column("tried", sa.Text, nullable=False, server_default=""),
    sa.Column("worker", sa.String(36)),
    sa.Column("heard_at", Instant),
    sa.CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
    sa.Index(None, "edition_id", "created_at"),
    sa.Index(
        "uq_jobs_active",
        "edition_id",
        unique=True,
        sqlite_where=sa.text("state in ('queued', 'running')"),
        postgresql_where=sa.text("state in ('queued', 'running')"),
    ),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("incident", sa.Text, nullable=False),
)

bases = sa.Table(
    "bases",
    metadata,
    sa.Column("edition_id", sa.String(40), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("basis", sa.Text, nullable=False),
)
"""What plans were made from, each once however many drafts share it."""

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("inputs", sa.String(64), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("bound", sa.Float),
    sa.Column("cost", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),  # a digest of ``bases``
    sa.Column("placements", sa.Text, nullable=False),
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("seed", sa.Integer, nullable=False),
    sa.Column("steps", sa.Integer),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_from", sa.String(36), nullable=False, server_default=""),
    sa.Column("moved", sa.Text, nullable=False, server_default=""),
    sa.Column("discarded_at", Instant),
    sa.CheckConstraint("status in ('optimal', 'feasible')", name="status"),
    sa.Index(None, "made_from"),
)

pins = sa.Table(
    "pins",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("pin", sa.Text, nullable=False),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("proposal_id", sa.String(36), sa.ForeignKey("proposals.id"), nullable=False, unique=True),
    sa.Column("released_at", Instant, nullable=False),
    sa.Column("sessions", sa.Text, nullable=False),
    sa.Column("changes", sa.Text, nullable=False),
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("edition_id", sa.String(40), primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("party", sa.String(40), primary_key=True),
    sa.Column("release", sa.Integer, nullable=False),
    sa.Column("answer", sa.String(10), nullable=False),
    sa.Column("start", Instant, nullable=False),
    sa.Column("venue_id", sa.String(40)),
    sa.Column("pupils", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
)

refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("edition_id", sa.String(40), primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("party", sa.String(40), primary_key=True),
    sa.Column("start", Instant, primary_key=True),
)

permission_levels = sa.Table(
    "permission_levels",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("levels", sa.Text, nullable=False),
)

permissions = sa.Table(
    "permissions",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("school_id", sa.String(130), primary_key=True),
    sa.Column("given", sa.Text, nullable=False),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("outcome", sa.Text, nullable=False),
)

busy_times = sa.Table(
    "busy_times",
    metadata,
    sa.Column("edition_id", sa.String(40), primary_key=True),
    sa.Column("provider_id", sa.String(200), primary_key=True),
    sa.Column("teams", sa.Text, nullable=False),
)

displays = sa.Table(
    "displays",
    metadata,
    sa.Column("edition_id", sa.String(40), sa.ForeignKey("editions.id"), primary_key=True),
    sa.Column("display", sa.Text, nullable=False),
)

theme = sa.Table(
    "theme",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # 1: there is one row
    sa.Column("theme", sa.Text, nullable=False),
)
