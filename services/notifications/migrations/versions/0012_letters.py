"""Mails that are printed and posted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Let a mail go on paper."""
    with op.batch_alter_table("mail") as mail:
        mail.add_column(sa.Column("on_paper", sa.Boolean, nullable=False, server_default=sa.false()))
        mail.drop_constraint(op.f("ck_mail_state"), type_="check")
        mail.create_check_constraint(
            op.f("ck_mail_state"),
            sa.text("state in ('waiting', 'held', 'to_print', 'sent', 'superseded', 'failed')"),
        )
