"""Answers kept with the keys of forms, so that a form sent again is answered as it was."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; what was answered before is not known."""
    op.add_column("answer_key", sa.Column("answer", sa.Text, nullable=False, server_default=""))
