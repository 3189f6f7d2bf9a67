"""What parties choose, addresses that can be changed, and what the organiser decided on incoming mails."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what is there keeps its addresses and waits for no decision."""
    op.add_column("party", sa.Column("style", sa.String(20)))
    op.add_column("party", sa.Column("feed_generation", sa.Integer, nullable=False, server_default="1"))
    op.add_column("incoming", sa.Column("settled", sa.String(20), nullable=False, server_default=""))
