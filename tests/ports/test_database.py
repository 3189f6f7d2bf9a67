"""What every database must do: whole transactions, aware instants, no lost update."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from services.kit.database import NAMING, Database, Instant

metadata = sa.MetaData(naming_convention=NAMING)
counter = sa.Table("counter", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("value", sa.Integer))
moments = sa.Table("moments", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", Instant))


@pytest.fixture
def tables(database: Database) -> Database:
    metadata.create_all(database.engine)
    with database.begin() as connection:
        connection.execute(sa.insert(counter).values(id=1, value=0))
    return database


def value(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(counter.c.value)).scalar_one()


def test_begin_commits_at_the_end_of_the_block(tables: Database) -> None:
    with tables.begin() as connection:
        connection.execute(sa.update(counter).values(value=7))
    assert value(tables) == 7


def test_begin_rolls_back_on_an_exception(tables: Database) -> None:
    with pytest.raises(ZeroDivisionError), tables.begin() as connection:
        connection.execute(sa.update(counter).values(value=7))
        _ = 1 / 0
    assert value(tables) == 0


def test_what_a_read_changes_is_not_kept(tables: Database) -> None:
    with tables.read() as connection:
        connection.execute(sa.update(counter).values(value=7))
    assert value(tables) == 0


def test_concurrent_increments_are_all_kept(tables: Database) -> None:
    def increment(_: int) -> None:
        with tables.begin() as connection:
            now = connection.execute(sa.select(counter.c.value).with_for_update()).scalar_one()
            connection.execute(sa.update(counter).values(value=now + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(80)))
    assert value(tables) == 80


def test_instants_come_back_aware_and_in_utc(tables: Database) -> None:
    paris = dt.datetime(2020, 11, 2, 9, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    with tables.begin() as connection:
        connection.execute(sa.insert(moments).values(id=1, at=paris))
    with tables.read() as connection:
        found = connection.execute(sa.select(moments.c.at)).scalar_one()
    assert (found, found.tzinfo) == (paris, dt.timezone.utc)


def test_naive_instants_are_refused(tables: Database) -> None:
    naive = dt.datetime(2020, 11, 2, 9)  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="instants are aware"), tables.begin() as connection:
        connection.execute(sa.insert(moments).values(id=1, at=naive))
