"""Two small services on the real plumbing: ``counter`` emits what it is asked to, ``ledger`` writes down what it hears.

The ledger's book has no key: an event that takes effect twice is seen as two lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.contracts.errors import refused
from services.contracts.events import Event
from services.contracts.rpc import Query, Request
from services.kit.application import Application, Transaction
from services.kit.database import NAMING, service_database
from services.kit.hosting import Hosted, Service, on, rpc
from services.kit.messages import message_tables
from services.kit.settings import Settings


@dataclass(frozen=True)
class Counted(Event):
    """A number was counted."""

    source = "counter"
    snapshot = False
    number: int
    fate: str = "good"

    @property
    def subject(self) -> str:
        return "numbers"


@dataclass(frozen=True)
class Count(Request[int]):
    """Count these numbers: one event each."""

    service = "counter"
    answer = int
    first: int
    last: int
    fate: str = "good"


@dataclass(frozen=True)
class ReadBook(Query[tuple[int, ...]]):
    """All lines of the ledger, in order of arrival."""

    service = "ledger"
    answer = tuple[int, ...]


@dataclass(frozen=True)
class WhoAsks(Query[str]):
    """The actor that came with the request."""

    service = "ledger"
    answer = str


metadata = sa.MetaData(naming_convention=NAMING)
messages = message_tables(metadata)
book = sa.Table("book", metadata, sa.Column("line", sa.Integer, primary_key=True), sa.Column("number", sa.BigInteger))


def count(request: Count, tx: Transaction) -> int:
    """Emit one event for each number; counting backwards is refused after the first was emitted."""
    if request.last < request.first:
        tx.emit(Counted(request.first, request.fate))
        raise refused("unknown_edition", edition="backwards")
    for number in range(request.first, request.last):
        tx.emit(Counted(number, request.fate))
    return request.last - request.first


def write_down(event: Counted, tx: Transaction) -> None:
    """Add a line to the book; numbers of a bad fate cannot be written."""
    if event.fate == "poison":
        raise ValueError(f"{event.number} cannot be written")
    tx.connection.execute(sa.insert(book).values(number=event.number))


def read_book(_request: ReadBook, tx: Transaction) -> tuple[int, ...]:
    """Return the book."""
    return tuple(tx.connection.execute(sa.select(book.c.number).order_by(book.c.line)).scalars())


def who_asks(_request: WhoAsks, tx: Transaction) -> str:
    """Return the actor."""
    return tx.context.actor


def _bootstrap(service: str, **handlers: Any) -> Any:
    def bootstrap(settings: Settings) -> Application[Transaction]:
        database = service_database(settings, service)
        metadata.create_all(database.engine)
        return Application(service, database, messages, Transaction, **{"requests": {}, "events": {}} | handlers)

    return bootstrap


class CounterService(Service):
    """Emits."""

    name = "counter"
    app = Hosted(_bootstrap("counter", requests={Count: count}))

    @rpc
    def count(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        return self.app.answer(Count, request, traceid)


class LedgerService(Service):
    """Hears."""

    name = "ledger"
    app = Hosted(_bootstrap("ledger", requests={ReadBook: read_book, WhoAsks: who_asks}, events={Counted: write_down}))

    @rpc
    def read_book(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        return self.app.answer(ReadBook, request, traceid)

    @rpc
    def who_asks(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        return self.app.answer(WhoAsks, request, traceid)

    @on(Counted)
    def counted(self, message: Any) -> None:
        self.app.receive(Counted, message)


TOYS: dict[str, type[Service]] = {service.name: service for service in (CounterService, LedgerService)}
