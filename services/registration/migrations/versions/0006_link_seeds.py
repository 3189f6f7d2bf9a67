"""Each link gets a random seed of its own; those there keep the token they were sent with."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The number that counted a school's links becomes their seed. A link of unknown age counts as made now."""
    with op.batch_alter_table("link") as link:
        link.add_column(sa.Column("seed", sa.String(64)))
        link.add_column(sa.Column("issued_at", Instant))
    table = sa.table("link", sa.column("seed"), sa.column("generation"), sa.column("issued_at", Instant))
    now = dt.datetime.now(dt.timezone.utc)
    op.execute(table.update().values(seed=sa.cast(table.c.generation, sa.String(64)), issued_at=now))
    with op.batch_alter_table("link") as link:
        link.drop_constraint("uq_link_edition_id_school_id_generation", type_="unique")
        link.drop_column("generation")
        link.alter_column("seed", existing_type=sa.String(64), nullable=False)
        link.alter_column("issued_at", existing_type=Instant, nullable=False)
        link.create_index("ix_link_edition_id_school_id", ["edition_id", "school_id"])
