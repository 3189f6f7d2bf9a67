"""Accounts of the people who organise, and how they sign in."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant
from services.kit.messages import Sequence

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables; of tokens and codes only hashes are kept."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("mark", name="uq_account_mark"),
        sa.CheckConstraint("role in ('administrator', 'organiser', 'reader')", name="ck_account_role"),
    )
    _make_sign_ins()
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.String(80), nullable=False),
        sa.Column("code_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "code_sha256", name="pk_recovery_code"),
        _owner("recovery_code"),
    )
    op.create_table(
        "attempt",
        sa.Column("position", Sequence, nullable=False, autoincrement=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_attempt"),
    )
    op.create_index("ix_attempt_kind_mark_at", "attempt", ["kind", "mark", "at"])


def _make_sign_ins() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(80), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("waits", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        _owner("sign_in"),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_table(
        "sign_in_link",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(80), nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_sign_in_link"),
        _owner("sign_in_link"),
    )
    op.create_index("ix_sign_in_link_account_id", "sign_in_link", ["account_id"])


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{table}_account_id", ondelete="CASCADE")
