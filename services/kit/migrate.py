"""Bring a service's tables to the version of the code, with alembic and the scripts in its ``migrations``."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config

from services.kit.database import Database


def migrate(service: str, database: Database) -> None:
    """Upgrade the service's schema to its head; does nothing when it is there already. Replicas wait for each other."""
    config = Config()
    config.set_main_option("script_location", str(files(f"services.{service}") / "migrations"))
    with database.begin() as connection:
        if not database.is_sqlite:  # there, begin takes the write lock
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"migrate {service}"))))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run_migrations(metadata: sa.MetaData) -> None:
    """Body of every service's ``migrations/env.py``: run the scripts on the connection that ``migrate`` gives."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        context.run_migrations()
