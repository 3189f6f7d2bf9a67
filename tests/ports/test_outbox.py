"""An event leaves the outbox in order, after it was delivered, whatever database keeps it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from services.contracts.codec import loads
from services.contracts.events import Envelope
from services.kit.application import Context, Transaction
from services.kit.database import Database
from services.kit.outbox import Outgoing, relay
from tests.toys import Counted, messages, metadata

NOW = dt.datetime(2020, 11, 2, 8, tzinfo=dt.timezone.utc)


class Post:
    """A deliverer that notes what it was given; ``broken`` raises instead."""

    def __init__(self) -> None:
        self.taken: list[Outgoing] = []
        self.broken = False

    def __call__(self, batch: list[Outgoing]) -> None:
        if self.broken:
            raise ConnectionError("the broker is away")
        self.taken += batch


@pytest.fixture
def outbox(database: Database) -> Database:
    metadata.create_all(database.engine)
    return database


def emit(database: Database, first: int, last: int) -> None:
    with database.begin() as connection:
        tx = Transaction(connection, messages, lambda: NOW, Context("trace"))
        for number in range(first, last):
            tx.emit(Counted(number))


def numbers(taken: list[Outgoing]) -> list[int]:
    return [loads(Envelope, event.body).data["number"] for event in taken]


def waiting(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(messages.outbox)).scalar_one()


def test_events_leave_once_in_the_order_they_were_emitted(outbox: Database) -> None:
    emit(outbox, 0, 250)
    post = Post()
    full_batches = 0
    while relay(outbox, messages, post):
        full_batches += 1
    assert numbers(post.taken) == list(range(250))
    assert (full_batches, waiting(outbox)) == (2, 0)


def test_envelope_tells_where_an_event_comes_from(outbox: Database) -> None:
    emit(outbox, 0, 2)
    post = Post()
    relay(outbox, messages, post)
    first, second = (loads(Envelope, event.body) for event in post.taken)
    assert (first.source, first.type, first.time, first.traceid, first.subject) == (
        "counter",
        "counted",
        NOW,
        "trace",
        "numbers",
    )
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.id != second.id
    assert post.taken[0].event_id == first.id


def test_nothing_leaves_a_transaction_that_failed(outbox: Database) -> None:
    with pytest.raises(ZeroDivisionError), outbox.begin() as connection:
        Transaction(connection, messages, lambda: NOW, Context("trace")).emit(Counted(1))
        _ = 1 / 0
    assert relay(outbox, messages, Post()) is False


def test_what_could_not_be_delivered_stays(outbox: Database) -> None:
    emit(outbox, 0, 3)
    post = Post()
    post.broken = True
    with pytest.raises(ConnectionError):
        relay(outbox, messages, post)
    assert waiting(outbox) == 3
    post.broken = False
    relay(outbox, messages, post)
    assert numbers(post.taken) == [0, 1, 2]


def test_crash_between_delivery_and_removal_delivers_again(outbox: Database) -> None:
    emit(outbox, 0, 3)
    post = Post()

    def crash(batch: list[Outgoing]) -> None:
        post(batch)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        relay(outbox, messages, crash)
    relay(outbox, messages, post)
    assert numbers(post.taken) == [0, 1, 2, 0, 1, 2]


def test_two_relays_of_one_service_do_not_send_twice(outbox: Database) -> None:
    if outbox.is_sqlite:
        return  # one process owns a SQLite file
    emit(outbox, 0, 400)
    posts = [Post(), Post()]

    def drain(post: Post) -> None:
        while waiting(outbox):
            relay(outbox, messages, post, limit=20)

    threads = [threading.Thread(target=drain, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(posts[0].taken) + numbers(posts[1].taken)) == list(range(400))
