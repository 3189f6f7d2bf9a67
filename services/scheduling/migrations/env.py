"""Alembic's entry: run this service's scripts."""

from services.kit.migrate import run_migrations
from services.scheduling.adapters.tables import metadata

run_migrations(metadata)
