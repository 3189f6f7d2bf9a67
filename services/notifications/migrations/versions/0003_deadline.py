"""By when the schools of an edition are asked to answer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Editions have no deadline until one is set."""
    op.add_column("edition", sa.Column("answer_by", sa.Date))
