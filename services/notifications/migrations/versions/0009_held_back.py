"""Mails that the organiser holds back are neither superseded nor lost."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Let a mail be held."""
    with op.batch_alter_table("mail") as mail:
        mail.drop_constraint(op.f("ck_mail_state"), type_="check")
        mail.create_check_constraint(
            op.f("ck_mail_state"), sa.text("state in ('waiting', 'held', 'sent', 'superseded', 'failed')")
        )
