"""A message takes effect once, an older snapshot never over a newer one, and what fails is kept: on every database."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from services.contracts.codec import dumps, encode
from services.contracts.events import Envelope, Event
from services.contracts.rpc import DeadLetter, DiscardDeadLetter, GetHealth, ListDeadLetters, ReplayDeadLetter
from services.kit.application import BACKOFF, Application, Transaction
from services.kit.database import Database
from tests.toys import Count, Counted, book, count, messages, metadata, write_down

START = dt.datetime(2020, 11, 2, 8, tzinfo=dt.timezone.utc)


@dataclass(frozen=True)
class Weighed(Event):
    """A snapshot: what a thing weighs now."""

    source = "counter"
    thing: str
    weight: int

    @property
    def subject(self) -> str:
        return self.thing


class Bench:
    """An application with a clock that is set by hand, and what its book says."""

    def __init__(self, database: Database) -> None:
        metadata.create_all(database.engine)
        self.now = START
        self.works = True
        self.application = Application(
            "bench",
            database,
            messages,
            Transaction,
            requests={Count: count},
            events={Counted: self._write, Weighed: self._weigh},
            clock=lambda: self.now,
        )

    def _write(self, event: Counted, tx: Transaction) -> None:
        write_down(event, tx)
        if not self.works:
            raise ValueError("the pen is dry")

    def _weigh(self, event: Weighed, tx: Transaction) -> None:
        tx.connection.execute(sa.insert(book).values(number=event.weight))

    def receive(self, event: Event, id_: str = "e1", sequence: int = 1, **changes: Any) -> None:
        """Deliver an event as a broker would."""
        envelope = Envelope(id_, event.source, event.type(), self.now, 1, "t", event.subject, sequence, encode(event))
        self.application.receive(type(event), dumps(replace(envelope, **changes)))

    @property
    def lines(self) -> list[int]:
        """What took effect."""
        with self.application.database.read() as connection:
            return list(connection.execute(sa.select(book.c.number).order_by(book.c.line)).scalars())

    @property
    def dead(self) -> list[DeadLetter]:
        """The dead letters, as a person sees them."""
        return list(self.ask(ListDeadLetters("bench")))

    @property
    def state(self) -> tuple[int, int, int]:
        """Events waiting to leave, failures waiting, failures dead."""
        health = self.ask(GetHealth("bench"))
        return health.outbox, health.retrying, health.dead

    def ask(self, request: Any) -> Any:
        """Ask through the JSON form."""
        from services.kit.rpc import read_answer

        return read_answer(request, self.application.answer(type(request), encode(request)))


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_second_delivery_has_no_second_effect(bench: Bench) -> None:
    for _ in range(3):
        bench.receive(Counted(5))
    assert bench.lines == [5]


def test_deliveries_at_the_same_moment_have_one_effect(bench: Bench) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: bench.receive(Counted(n // 6), id_=f"e{n // 6}"), range(60)))
    while bench.state[1]:  # the losers of a tie are tried again, and find that it is done
        bench.now += BACKOFF[-1]
        bench.application.retry_due()
    assert sorted(bench.lines) == list(range(10))


def test_older_snapshot_is_skipped(bench: Bench) -> None:
    bench.receive(Weighed("a", 1), "e1", sequence=1)
    bench.receive(Weighed("a", 3), "e3", sequence=3)
    bench.receive(Weighed("a", 2), "e2", sequence=2)
    bench.receive(Weighed("b", 9), "e9", sequence=1)
    assert bench.lines == [1, 3, 9]


def test_facts_that_are_no_snapshot_all_count_in_any_order(bench: Bench) -> None:
    for sequence in (2, 1, 3):
        bench.receive(Counted(sequence), f"e{sequence}", sequence=sequence)
    assert bench.lines == [2, 1, 3]


def test_failure_leaves_nothing_half_done_and_is_tried_again(bench: Bench) -> None:
    bench.works = False
    bench.receive(Counted(5))
    assert (bench.lines, bench.state) == ([], (0, 1, 0))
    bench.works = True
    assert bench.application.retry_due() is False, "not due yet"
    bench.now += BACKOFF[0]
    assert bench.application.retry_due() is True
    assert (bench.lines, bench.state) == ([5], (0, 0, 0))


def test_failure_that_lasts_is_tried_five_times_then_dead_with_its_reason(bench: Bench) -> None:
    bench.works = False
    bench.receive(Counted(5))
    tries = 1
    for pause in BACKOFF:
        bench.now += pause - dt.timedelta(microseconds=1)
        assert bench.application.retry_due() is False
        bench.now += dt.timedelta(microseconds=1)
        tries += bench.application.retry_due()
    assert (tries, bench.state, bench.lines) == (5, (0, 0, 1), [])
    [letter] = bench.dead
    assert (letter.id, letter.reason, letter.attempts) == ("e1", "ValueError: the pen is dry", 5)
    assert (letter.first_at, letter.last_at) == (START, bench.now)
    bench.now += BACKOFF[-1] * 100
    assert bench.application.retry_due() is False, "the dead are not tried again"


def test_dead_letter_replayed_takes_effect_once_and_is_gone(bench: Bench) -> None:
    test_failure_that_lasts_is_tried_five_times_then_dead_with_its_reason(bench)
    bench.works = True
    bench.ask(ReplayDeadLetter("bench", "e1"))
    bench.application.retry_due()
    bench.receive(Counted(5))
    assert (bench.lines, bench.state) == ([5], (0, 0, 0))


def test_event_buried_by_the_broker_replayed_leaves_no_letter(bench: Bench) -> None:
    envelope = Envelope("e7", "counter", "counted", START, 1, "t", "numbers", 1, encode(Counted(7)))
    bench.application.bury("counted", dumps(envelope), "given up by the broker (delivery_limit)")
    bench.ask(ReplayDeadLetter("bench", bench.dead[0].id))
    assert bench.application.retry_due() is True
    assert (bench.lines, bench.state) == ([7], (0, 0, 0))


def test_dead_letter_discarded_is_gone(bench: Bench) -> None:
    bench.application.bury("counted", "x", "no use")
    bench.ask(DiscardDeadLetter("bench", bench.dead[0].id, "test"))
    assert bench.state == (0, 0, 0)


BAD = {
    "not JSON": ("{", "not JSON"),
    "empty": ("", "not JSON"),
    "no envelope": ("[]", "$: expected an object (Envelope)"),
    "deep nesting": ("[" * 100_000 + "]" * 100_000, "not JSON: maximum recursion depth exceeded"),
    "NUL": ("\0\0", "not JSON"),
    "lone surrogate": ("\ud800", "not JSON"),
}


@pytest.mark.parametrize(("body", "reason"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_read_is_dead_at_once_with_its_reason(bench: Bench, body: str, reason: str) -> None:
    bench.application.receive(Counted, body)
    bench.application.receive(Counted, body)
    [letter] = bench.dead
    assert letter.reason.startswith(f"malformed: {reason}")
    assert (letter.event_type, letter.attempts, bench.lines) == ("counted", 2, [])


WRONG = {
    "newer version": ({"dataversion": 2}, "malformed: version 2 is newer than 1, the last this service reads"),
    "other type": ({"type": "melted"}, "malformed: unknown message 'melted' in place of 'counted'"),
    "data of another form": ({"data": {"number": "x"}}, "malformed: $.number: expected a whole number, got 'x'"),
    "id too long": ({"id_": "e" * 37}, "malformed: $.id: expected 1 to 36 printable ASCII characters"),
    "id with NUL": ({"id_": "e\0"}, "malformed: $.id: expected 1 to 36 printable ASCII characters"),
}


@pytest.mark.parametrize(("changes", "reason"), WRONG.values(), ids=WRONG.keys())
def test_envelope_that_cannot_be_honoured_is_dead_with_its_reason(
    bench: Bench, changes: dict[str, Any], reason: str
) -> None:
    bench.receive(Counted(5), **changes)
    assert ([letter.reason for letter in bench.dead], bench.lines) == ([reason], [])


def test_database_that_is_away_is_the_hosts_affair(bench: Bench) -> None:
    def gone(*_: object) -> None:
        raise sa.exc.OperationalError("insert", {}, OSError("server closed the connection"))

    bench.application.events = {Counted: gone}
    with pytest.raises(sa.exc.OperationalError):
        bench.receive(Counted(5))
    assert bench.state == (0, 0, 0), "no failure is noted: the message comes again"


def test_refused_request_changes_nothing(bench: Bench) -> None:
    answer = bench.application.answer(Count, {"first": 3, "last": 0})
    assert [problem["code"] for problem in answer["refused"]] == ["unknown_edition"]
    assert bench.state == (0, 0, 0)


def test_malformed_request_is_refused_with_its_path(bench: Bench) -> None:
    answer = bench.application.answer(Count, {"first": "three", "last": 4})
    [problem] = answer["refused"]
    assert (problem["code"], problem["facts"]["detail"]) == (
        "malformed_request",
        "$.first: expected a whole number, got 'three'",
    )


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_one_database_could_not_keep_is_refused_by_all(bench: Bench, text: str) -> None:
    for request in ({"first": 3, "last": text}, {"first": 3, text: 4}, {"first": 3, "last": [{"deep": [text]}]}):
        answer = bench.application.answer(Count, request)
        assert [problem["code"] for problem in answer["refused"]] == ["text_unstorable"]
    assert bench.state == (0, 0, 0)


def test_request_wakes_the_relay_when_events_wait(bench: Bench) -> None:
    bench.ask(GetHealth("bench"))
    assert not bench.application.wake.is_set()
    bench.ask(Count(0, 2))
    assert bench.application.wake.is_set()
    assert bench.state == (2, 0, 0)
