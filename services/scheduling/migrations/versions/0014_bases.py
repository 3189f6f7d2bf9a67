"""What plans are made from, kept once for all drafts that share it."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

proposals = sa.table("proposals", sa.column("edition_id"), sa.column("basis"))


def upgrade() -> None:
    """Make the table, and leave each proposal the digest of what it was made from."""
    bases = op.create_table(
        "bases",
        sa.Column("edition_id", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "digest", name="pk_bases"),
    )
    connection = op.get_bind()
    for edition_id, basis in connection.execute(sa.select(*proposals.c).distinct()).all():
        digest = hashlib.sha256(basis.encode()).hexdigest()
        connection.execute(sa.insert(bases).values(edition_id=edition_id, digest=digest, basis=basis))
        sharing = (proposals.c.edition_id == edition_id, proposals.c.basis == basis)
        connection.execute(sa.update(proposals).where(*sharing).values(basis=digest))
