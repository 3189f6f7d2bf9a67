"""Links in a table of their own, each with a random seed; those there keep the token they were sent with."""

import datetime as dt
import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0004"
down_revision = "0003"

_ID = sa.String(200)


def upgrade() -> None:
    """Move the hashes to their table; the number that counted a party's feeds becomes the seed."""
    link = op.create_table(
        "link",
        sa.Column("edition_id", _ID, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("edition_id", "kind", "id", "purpose", name="pk_link"),
        sa.UniqueConstraint("token_sha256", name="uq_link_token_sha256"),
        sa.CheckConstraint("purpose in ('page', 'feed')", name=op.f("ck_link_purpose")),
    )
    if rows := list(_links()):
        op.bulk_insert(link, rows)
    with op.batch_alter_table("party") as party:
        party.drop_constraint("uq_party_feed_hash", type_="unique")
        party.drop_constraint("uq_party_page_hash", type_="unique")
        for name in ("feed_hash", "page_hash", "feed_generation"):
            party.drop_column(name)
    _add_last_day()


def _links() -> Iterator[dict[str, object]]:
    now = dt.datetime.now(dt.timezone.utc)
    query = "SELECT edition_id, kind, id, feed_hash, page_hash, feed_generation FROM party"
    for row in op.get_bind().execute(sa.text(query)).all():
        key = {"edition_id": row.edition_id, "kind": row.kind, "id": row.id, "issued_at": now}
        yield key | {"purpose": "feed", "seed": str(row.feed_generation), "token_sha256": row.feed_hash}
        if row.page_hash:
            yield key | {"purpose": "page", "seed": "1", "token_sha256": row.page_hash}


def _add_last_day() -> None:
    op.add_column("edition", sa.Column("last_day", sa.Date))
    table = sa.table("edition", sa.column("id"), sa.column("body"), sa.column("last_day", sa.Date))
    for row in op.get_bind().execute(sa.select(table.c.id, table.c.body)).all():
        last_day = dt.date.fromisoformat(json.loads(row.body)["last_day"])
        op.execute(table.update().where(table.c.id == row.id).values(last_day=last_day))
    with op.batch_alter_table("edition") as edition:
        edition.alter_column("last_day", existing_type=sa.Date, nullable=False)
