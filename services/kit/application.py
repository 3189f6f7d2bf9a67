"""A service's handlers, each run in one transaction.

Requests are answered, events handled once in effect, failures kept and tried again.
Both hosts drive an Application the same way; it knows neither nameko nor the embedded house.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import Malformed, decode, dumps, encode, loads
from services.contracts.errors import Refused, refused
from services.contracts.events import Envelope, Event
from services.kit import journal, people
from services.kit.clock import Clock, utc_now
from services.kit.database import Database, add, insert_new, next_number
from services.kit.messages import MessageTables
from services.kit.rpc import ACTOR

log = logging.getLogger(__name__)

BACKOFF = tuple(dt.timedelta(seconds=s) for s in (5, 60, 600, 3600))
"""Pauses before each new try of a message whose handling failed; after the last it is dead."""


@dataclass(frozen=True)
class Context:
    """What a transaction knows of the message it serves.

    ``sequence``: of the event among those of its subject, 0 for a request. ``actor``: who asked (``kit.rpc.ACTOR``),
    empty for an event.
    """

    traceid: str
    sequence: int = 0
    actor: str = ""


class Transaction:
    """Work that commits or fails whole: business rows and the events they cause.

    Services add their repositories as attributes in a subclass.
    """

    def __init__(self, connection: sa.Connection, messages: MessageTables, clock: Clock, context: Context) -> None:
        self.connection = connection
        self.context = context
        self.sequence = context.sequence
        self.now = clock()
        self.emitted = False
        self._messages = messages

    def emit(self, event: Event) -> None:
        """Record a fact; it leaves once this transaction has committed."""
        envelope = Envelope(
            id=str(uuid.uuid4()),
            source=event.source,
            type=event.type(),
            time=self.now,
            dataversion=event.dataversion,
            traceid=self.context.traceid,
            subject=event.subject,
            sequence=self._next_sequence(event),
            data=encode(event),
        )
        row = {"event_id": envelope.id, "event_type": envelope.type, "body": dumps(envelope), "created_at": self.now}
        add(self.connection, self._messages.outbox, **row)
        self.emitted = True

    def _next_sequence(self, event: Event) -> int:
        key = {"stream": event.stream(), "subject": event.subject}
        return next_number(self.connection, self._messages.subject_out, "sequence", **key)


T = TypeVar("T", bound=Transaction)


@dataclass(frozen=True)
class Loop:
    """Background work: ``tick`` does a step and says whether there is more; ``pause`` in seconds when there is not."""

    name: str
    tick: Callable[[], bool]
    pause: float


@dataclass
class Application(Generic[T]):
    """The handlers of one service bound to its database.

    ``requests``: request type -> ``handler(request, tx)``; ``events``: event type -> ``handler(event, tx)``;
    ``loops``: background work beside the retries. ``trouble``: see ``rpc.Health``. ``wake`` is set whenever events wait
    to leave.
    """

    name: str
    database: Database
    messages: MessageTables
    transaction: Callable[[sa.Connection, MessageTables, Clock, Context], T]
    requests: Mapping[type[rpc.Request[Any]], Callable[[Any, T], Any]]
    events: Mapping[type[Event], Callable[[Any, T], None]]
    loops: tuple[Loop, ...] = ()
    trouble: Callable[[T], str] = lambda _tx: ""
    clock: Clock = utc_now
    close: Callable[[], None] = lambda: None
    wake: threading.Event = field(default_factory=threading.Event)

    # Requests --------------------------------------------------------------------------------------------

    def answer(self, kind: type[rpc.Request[Any]], request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Carry out a request given as JSON: ``{"answer": ...}``, or ``{"refused": [problems]}``, nothing changed."""
        try:
            _refuse_unstorable(request)
            return {"answer": encode(self._carry_out(kind, decode(kind, request), traceid or new_trace()))}
        except Malformed as fault:
            return _refusal(refused("malformed_request", detail=fault))
        except Refused as refusal:
            return _refusal(refusal)

    def _carry_out(self, kind: type[rpc.Request[Any]], request: Any, traceid: str) -> Any:
        handler = self._shared_requests().get(kind) or self.requests[kind]
        transaction = self.database.read if issubclass(kind, rpc.Query) else self.database.begin
        with transaction() as connection:
            tx = self._open(connection, Context(traceid, actor=ACTOR.get()))
            result = handler(request, tx)
            if journal.is_act(kind):
                journal.note(connection, self.messages, request, result, actor=tx.context.actor, now=tx.now)
        self._wake_after(tx)
        return result

    # Events ----------------------------------------------------------------------------------------------

    def receive(self, kind: type[Event], message: Any) -> None:
        """Handle an event that was delivered, once in effect; a failure is kept for a later try, never raised.

        Only a database that cannot be reached raises (sqlalchemy.exc.OperationalError): the host delivers again.
        """
        body = message if isinstance(message, str) else dumps(message)
        try:
            envelope = loads(Envelope, body)
            _check_envelope(kind, envelope)
            event = decode(kind, envelope.data)
        except Malformed as fault:
            self.bury(kind.type(), body, f"malformed: {fault}")
            return
        self._attempt(kind, event, envelope, body)

    def bury(self, event_type: str, body: str, reason: str) -> None:
        """Keep a message that can never be handled, with its reason, for a person to see."""
        log.error("%s: message buried (%s)", self.name, reason, extra={"event_type": event_type})
        event_type, body = _storable(event_type)[:80], _storable(body)
        with self.database.begin() as connection:
            self._record_failure(connection, _letter_id(event_type, body), event_type, body, reason, dead=True)

    def retry_due(self) -> bool:
        """Try again what failed and is due; say whether anything was."""
        table = self.messages.retry
        due = (
            sa.select(table)
            .where(table.c.state == "waiting", table.c.next_at <= self.clock())
            .order_by(table.c.next_at)
            .limit(50)
        )
        with self.database.read() as connection:
            rows = connection.execute(due).all()
        for row in rows:
            self._again(row)
        return bool(rows)

    def all_loops(self) -> tuple[Loop, ...]:
        """The service's loops and the retries."""
        return (*self.loops, Loop("retry", self.retry_due, 1.0))

    def _attempt(self, kind: type[Event], event: Event, envelope: Envelope, body: str) -> None:
        try:
            with self.database.begin() as connection:
                tx = self._open(connection, Context(envelope.traceid, envelope.sequence))
                if self._first_time(connection, kind, envelope):
                    self.events[kind](event, tx)
                self._forget_failure(connection, envelope.id)
        except sa.exc.OperationalError:
            raise
        except Exception as error:
            log.exception("%s: handling %s failed", self.name, envelope.type)
            with self.database.begin() as connection:
                self._record_failure(
                    connection, envelope.id, envelope.type, body, f"{type(error).__name__}: {error}", dead=False
                )
            return
        self._wake_after(tx)

    def _first_time(self, connection: sa.Connection, kind: type[Event], envelope: Envelope) -> bool:
        id_, type_ = envelope.id, envelope.type
        if not insert_new(connection, self.messages.inbox, event_id=id_, event_type=type_, handled_at=self.clock()):
            return False
        return not kind.snapshot or self._is_newest(connection, envelope)

    def _is_newest(self, connection: sa.Connection, envelope: Envelope) -> bool:
        table = self.messages.subject_in
        insert_new(connection, table, stream=envelope.type, subject=envelope.subject, sequence=0)
        older = (table.c.stream == envelope.type, table.c.subject == envelope.subject)
        raised = sa.update(table).where(*older, table.c.sequence < envelope.sequence).values(sequence=envelope.sequence)
        return connection.execute(raised).rowcount == 1

    # Failures --------------------------------------------------------------------------------------------

    def _record_failure(
        self, connection: sa.Connection, id_: str, event_type: str, body: str, reason: str, dead: bool
    ) -> None:
        table, now = self.messages.retry, self.clock()
        unknown = {"state": "waiting", "reason": "", "attempts": 0, "first_at": now, "last_at": now, "next_at": now}
        insert_new(connection, table, id=id_, event_type=event_type, body=body, **unknown)
        this = table.c.id == id_
        attempts = connection.execute(sa.select(table.c.attempts).where(this).with_for_update()).scalar_one() + 1
        dead = dead or attempts > len(BACKOFF)
        values = {
            "state": "dead" if dead else "waiting",
            "reason": _storable(reason)[:2000],
            "attempts": attempts,
            "last_at": now,
            "next_at": now if dead else now + BACKOFF[attempts - 1],
        }
        connection.execute(sa.update(table).where(this).values(values))

    def _forget_failure(self, connection: sa.Connection, id_: str) -> None:
        connection.execute(sa.delete(self.messages.retry).where(self.messages.retry.c.id == id_))

    def _again(self, row: Any) -> None:
        kind = next((kind for kind in self.events if kind.type() == row.event_type), None)
        if kind is None:
            self.bury(row.event_type, row.body, f"unknown message {row.event_type!r}")
            return
        self.receive(kind, row.body)

    # Requests that every service answers -------------------------------------------------------------------

    def _shared_requests(self) -> Mapping[type[Any], Callable[[Any, T], Any]]:
        return {
            rpc.GetHealth: self._health,
            rpc.ListDeadLetters: self._dead_letters,
            rpc.ReplayDeadLetter: self._replay,
            rpc.DiscardDeadLetter: self._discard,
            rpc.FindPerson: lambda request, tx: people.find(self.name, tx.connection, self.messages, request.address),
            rpc.ListActs: lambda request, tx: journal.acts(tx.connection, self.messages, request),
            rpc.ListErasures: lambda _request, tx: people.erasures(tx.connection, self.messages),
        }

    def _health(self, _request: rpc.GetHealth, tx: T) -> rpc.Health:
        outbox, retry = self.messages.outbox, self.messages.retry
        waiting, oldest = tx.connection.execute(sa.select(sa.func.count(), sa.func.min(outbox.c.created_at))).one()
        states = tx.connection.execute(sa.select(retry.c.state, sa.func.count()).group_by(retry.c.state)).all()
        count = {state: number for state, number in states}
        age = (self.clock() - oldest).total_seconds() if oldest else 0.0
        return rpc.Health(self.name, waiting, age, count.get("waiting", 0), count.get("dead", 0), self.trouble(tx))

    def _dead_letters(self, _request: rpc.ListDeadLetters, tx: T) -> tuple[rpc.DeadLetter, ...]:
        table = self.messages.retry
        rows = tx.connection.execute(
            sa.select(table).where(table.c.state == "dead").order_by(table.c.last_at.desc())
        ).all()
        return tuple(
            rpc.DeadLetter(
                r.id, self.name, r.event_type, r.event_type, r.reason, r.attempts, r.first_at, r.last_at, r.body
            )
            for r in rows
        )

    def _replay(self, request: rpc.ReplayDeadLetter, tx: T) -> None:
        self._change_dead(
            tx,
            sa.update(self.messages.retry).values(state="waiting", attempts=0, next_at=self.clock()),
            request.letter_id,
        )

    def _discard(self, request: rpc.DiscardDeadLetter, tx: T) -> None:
        self._change_dead(tx, sa.delete(self.messages.retry), request.letter_id)
        log.warning("%s: dead letter %s discarded: %s", self.name, request.letter_id, request.reason)

    def _change_dead(self, tx: T, statement: Any, letter_id: str) -> None:
        table = self.messages.retry
        if not tx.connection.execute(statement.where(table.c.id == letter_id, table.c.state == "dead")).rowcount:
            raise refused("unknown_dead_letter")

    # -------------------------------------------------------------------------------------------------------

    def _open(self, connection: sa.Connection, context: Context) -> T:
        return self.transaction(connection, self.messages, self.clock, context)

    def _wake_after(self, tx: T) -> None:
        if tx.emitted:
            self.wake.set()


def new_trace() -> str:
    """Return an id that follows one request through every service."""
    return uuid.uuid4().hex


def _refusal(refusal: Refused) -> dict[str, Any]:
    return {"refused": encode(refusal.problems)}


def _check_envelope(kind: type[Event], envelope: Envelope) -> None:
    if not _is_id(envelope.id):
        raise Malformed("$.id: expected 1 to 36 printable ASCII characters")
    if envelope.type != kind.type():
        raise Malformed(f"unknown message {envelope.type!r} in place of {kind.type()!r}")
    if envelope.dataversion > kind.dataversion:
        raise Malformed(f"version {envelope.dataversion} is newer than {kind.dataversion}, the last this service reads")


def _is_id(text: str) -> bool:
    return 0 < len(text) <= 36 and text.isascii() and text.isprintable()


def _letter_id(event_type: str, body: str) -> str:
    """Return the event's own id, so that a replay that succeeds clears the letter; a digest of what has none."""
    with suppress(Malformed):
        id_ = loads(Envelope, body).id
        if _is_id(id_):
            return id_
    return hashlib.sha256(f"{event_type} {body}".encode()).hexdigest()


def _refuse_unstorable(value: Any) -> None:
    """Raise Refused (``text_unstorable``) for text that PostgreSQL does not take: all databases do the same."""
    if isinstance(value, str) and value != _storable(value):
        raise refused("text_unstorable")
    if isinstance(value, dict):
        _refuse_unstorable(list(value.items()))
    if isinstance(value, (list, tuple)):
        for item in value:
            _refuse_unstorable(item)


def _storable(text: str) -> str:
    """Return text that every database takes: NUL and lone surrogates written as escapes."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
