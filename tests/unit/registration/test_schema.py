from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.kit.database import Database
from services.kit.migrate import migrate
from services.registration.adapters.tables import metadata


def test_the_migrations_make_the_tables_the_code_speaks_of(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'registration'}.db")
    migrate("registration", database)
    migrate("registration", database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    database.close()


def test_no_column_could_hold_a_pupil() -> None:
    columns = {column.name for table in metadata.tables.values() for column in table.columns}
    assert not {name for name in columns if "pupil" in name} - {"pupils"}
