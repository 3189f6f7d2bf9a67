"""Who reads a feed and when, and what it was rendered from."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; what is there was read by nobody, and is rendered anew at the next change."""
    op.add_column("link", sa.Column("read_at", Instant))
    op.add_column("link", sa.Column("client", sa.String(80), nullable=False, server_default=""))
    op.add_column("party", sa.Column("content", sa.String(64), nullable=False, server_default=""))
