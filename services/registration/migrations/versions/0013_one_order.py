"""The order of priority is the edition's, no longer each programme's: waiting lists and plans follow the same."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Who waits is served in the order of asking until the edition's priorities are set."""
    op.drop_column("capacity", "order")
    op.execute(sa.text("update claim set rank = 0"))
