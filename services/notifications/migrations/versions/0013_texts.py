"""Short texts: the number they go to, and until when one is of use."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import Instant

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add both."""
    with op.batch_alter_table("party") as party:
        party.add_column(sa.Column("texts", sa.Text))
    with op.batch_alter_table("mail") as mail:
        mail.add_column(sa.Column("until", Instant))
