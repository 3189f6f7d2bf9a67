"""People taken out of this service."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "erasure",
        sa.Column("mark", sa.String(43), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("rows", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_erasure"),
    )
