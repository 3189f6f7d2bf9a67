"""The embedded house while its database cannot be used: locked by another program, on a disk that is full or gone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from services.contracts.errors import Unavailable
from services.embedded import House
from services.kit.settings import Settings
from tests.toys import Count, CounterService


def test_a_database_that_another_program_holds_is_said_and_nothing_is_half_done(tmp_path: Path) -> None:
    house = House([CounterService], Settings(data_dir=tmp_path, secret="x" * 32))
    engine = house.applications["counter"].database.engine
    with engine.connect() as connection:  # which the pool gives out again
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "counter.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"counter\.count: database is locked"):
            house.ask(Count(0, 3))
        other.execute("ROLLBACK")
        assert house.ask(Count(0, 3)) == 3
        assert other.execute("SELECT count(*) FROM outbox").fetchone() == (3,)
    finally:
        other.close()
        house.stop()
