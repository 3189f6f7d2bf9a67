"""Migrating and declaring give the same tables."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters.tables import metadata


def test_the_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'notifications'}.db")
    migrate("notifications", database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()
