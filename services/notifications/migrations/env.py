"""Run by alembic through services.kit.migrate."""

from services.kit.migrate import run_migrations
from services.notifications.adapters.tables import metadata

run_migrations(metadata)
