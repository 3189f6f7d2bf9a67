"""A service's database: SQLite by default, PostgreSQL when wanted, with the same two ways to open a transaction."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.kit.settings import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, the same on both databases, so that migrations can speak of them."""


class Instant(sa.TypeDecorator[dt.datetime]):
    """An aware instant, stored in UTC; a naive one is refused. SQLite forgets offsets, so we give it back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Return the instant in UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime {value.isoformat()}: instants are aware")
        return value and value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Return the instant aware, in UTC."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(dt.timezone.utc)
        return value.replace(tzinfo=dt.timezone.utc)


class Database:
    """Opens transactions. ``begin`` writes (SQLite: takes the write lock at once), ``read`` only reads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else sa.create_engine(url, pool_pre_ping=True, pool_size=10)
        # SQLite has one writer at a time; who waits for it by its own means sleeps up to 100 ms and may be passed.
        self._turn: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that commits at the end of the block and rolls back on an exception."""
        with self._turn, self.engine.begin() as connection:
            self._start(connection)
            yield connection

    @contextmanager
    def begin_hasty(self) -> Iterator[sa.Connection]:
        """The same without waiting for the disk: a killed process loses nothing of it, a power cut may."""
        with self._turn, self.engine.begin() as connection:
            self._start(connection, hasty=True)
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A consistent view; nothing it does is kept."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _start(self, connection: sa.Connection, hasty: bool = False) -> None:
        if not self.is_sqlite:
            if hasty:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            return
        haste = "normal" if hasty else "full"
        if connection.info.get("haste", "full") != haste:
            connection.exec_driver_sql(f"pragma synchronous={haste}")
            connection.info["haste"] = haste
        # IMMEDIATE: a transaction that reads before it writes cannot be refused the lock half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # Database says BEGIN: an event of SQLAlchemy would slow every statement
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on"):
            connection.execute(f"pragma {pragma}")

    return engine


def service_database(settings: Settings, service: str) -> Database:
    """Return a service's database: a file of its own under the data directory, or the PostgreSQL of the settings."""
    if settings.database_url:
        return Database(settings.database_url.replace("postgresql://", "postgresql+psycopg2://", 1))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(f"sqlite:///{settings.data_dir / service}.db")


def add(connection: sa.Connection, table: sa.Table, **row: Any) -> None:
    """Insert a row."""
    connection.execute(_insert(connection.dialect.name, table), row)


def insert_new(connection: sa.Connection, table: sa.Table, **row: Any) -> bool:
    """Insert a row unless its key is taken; say whether it was new. Transactions that try the same one wait in line."""
    return connection.execute(_insert_new(connection.dialect.name, table), row).rowcount == 1


def put(connection: sa.Connection, table: sa.Table, **row: Any) -> None:
    """Insert a row, or give the one with its primary key these values."""
    connection.execute(_insert_or_change(connection.dialect.name, table, tuple(row)), row)


def next_number(connection: sa.Connection, table: sa.Table, column: str, **key: Any) -> int:
    """Count one up in the row with this primary key, from 1 where there is none, and return the number."""
    return int(connection.execute(_count_up(connection.dialect.name, table, column), {**key, column: 1}).scalar_one())


# Building a statement costs more than running it: each is built once.


@cache
def _insert(dialect: str, table: sa.Table) -> Any:
    return (sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)).inline()


@cache
def _insert_new(dialect: str, table: sa.Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _insert_or_change(dialect: str, table: sa.Table, names: tuple[str, ...]) -> Any:
    insert = _insert(dialect, table)
    changed = {name: insert.excluded[name] for name in names if not table.c[name].primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


@cache
def _count_up(dialect: str, table: sa.Table, column: str) -> Any:
    higher = {column: table.c[column] + 1}
    raised = _insert(dialect, table).on_conflict_do_update(index_elements=list(table.primary_key), set_=higher)
    return raised.returning(table.c[column])
