"""A thousand messages that nobody can handle: each is visible with its reason, and the good ones behind them pass."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from services.contracts.codec import dumps, encode
from services.contracts.events import Envelope
from services.contracts.rpc import GetHealth, ListDeadLetters, ReplayDeadLetter
from services.kit import topology
from tests.stage import Stage, eventually
from tests.toys import Counted, ReadBook

EACH = 125
"""Messages of each of the eight bad kinds."""

NOW = dt.datetime(2020, 11, 2, 8, tzinfo=dt.timezone.utc)


class Trap:
    """Unpickling it leaves a file behind: the sign that code from a message has run."""

    def __init__(self, sign: Path, number: int) -> None:
        self.sign, self.number = sign, number

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.sign} # {self.number}",)


def envelope(number: int, **changes: object) -> str:
    values = {
        "id": f"id-{number}",
        "source": "counter",
        "type": "counted",
        "time": NOW,
        "dataversion": 1,
        "traceid": "t",
        "subject": "numbers",
        "sequence": number,
        "data": encode(Counted(number)),
    }
    return dumps(Envelope(**{**values, **changes}))  # type: ignore[arg-type]


def bad_messages(sign: Path) -> Iterator[tuple[bytes, str, str]]:
    """Yield body, content type and the reason it must be buried with."""
    json_ = "application/json"
    for n in range(EACH):
        yield b"{" + str(n).encode(), json_, "malformed: not JSON"
        yield pickle.dumps(Trap(sign, n)), "application/x-python-serialize", "content type"
        yield envelope(90_000 + n).encode(), "text/plain", "content type"
        yield b" " * n, json_, "malformed: not JSON"
        yield (f"[{n}," + "[" * 20_000 + "]" * 20_001).encode(), json_, "malformed: not JSON"
        yield envelope(80_000 + n, type="melted").encode(), json_, "malformed: unknown message"
        yield envelope(70_000 + n, dataversion=9).encode(), json_, "malformed: version 9 is newer"
        yield b"\xff\xfe\x00" + str(n).encode(), json_, "not UTF-8"


def publish(amqp_url: str, messages: list[tuple[bytes, str]], headers: dict[str, object]) -> None:
    queue = topology.event_queue("counter", "counted", "ledger", "counted")
    with Connection(amqp_url, transport_options={"confirm_publish": True}) as connection:
        channel = connection.default_channel
        for body, content_type in messages:
            message = channel.prepare_message(
                body, content_type=content_type, content_encoding="utf-8", headers=headers
            )
            channel.basic_publish(message, exchange=queue.exchange.name, routing_key="counted", mandatory=True)


def test_each_bad_message_is_visible_and_the_good_ones_pass(stage: Stage, tmp_path: Path) -> None:
    stage.start("ledger")
    stage.wait_for("ledger")
    sign = tmp_path / "pickle-has-run"
    bad = list(bad_messages(sign))
    good = [(envelope(number).encode(), "application/json") for number in range(200)]
    mixed = [(body, content_type) for body, content_type, _ in bad] + good
    random.Random(7).shuffle(mixed)
    publish(stage.amqp_url, mixed, headers={"nameko.call_id_stack": 5, "compression": "unheard-of"})
    eventually(lambda: stage.ask(GetHealth("ledger")).dead == len(bad), 120)
    eventually(lambda: sorted(stage.ask(ReadBook())) == list(range(200)), 120)
    letters = stage.ask(ListDeadLetters("ledger"))
    expected = Counter(reason for _, _, reason in bad)
    found = Counter(next(reason for reason in expected if letter.reason.startswith(reason)) for letter in letters)
    assert found == expected
    assert len(bad) == 1000
    assert not sign.exists()
    assert stage.terminate("ledger") == 0


def test_bad_message_replayed_is_dead_again(stage: Stage) -> None:
    stage.start("ledger")
    stage.wait_for("ledger")
    publish(stage.amqp_url, [(b"{", "application/json")], headers={})
    eventually(lambda: stage.ask(GetHealth("ledger")).dead == 1)
    [letter] = stage.ask(ListDeadLetters("ledger"))
    stage.ask(ReplayDeadLetter("ledger", letter.id))
    eventually(lambda: [again.last_at > letter.last_at for again in stage.ask(ListDeadLetters("ledger"))] == [True])


def test_requests_that_are_none_are_dropped_and_the_service_lives(stage: Stage) -> None:
    stage.start("ledger")
    stage.wait_for("ledger")
    bodies = [
        b"",
        b"{",
        b"[]",
        b"5",
        b"\xff",
        b"[" * 20_000,
        b'{"args": 5, "kwargs": []}',
        b'{"args": [1, 2, 3, 4]}',
        b"{}",
    ]
    with Connection(stage.amqp_url) as connection:
        channel = connection.default_channel
        for body in bodies * 5:
            for properties in (
                {},
                {"reply_to": "nobody", "correlation_id": "x"},
                {"reply_to": "nobody", "expiration": "60000"},
            ):
                message = channel.prepare_message(
                    body, content_type="application/json", content_encoding="utf-8", properties=properties
                )
                channel.basic_publish(message, exchange="nameko-rpc", routing_key="ledger.read_book")
    assert stage.ask(ReadBook()) == ()
    assert stage.terminate("ledger") == 0


@pytest.mark.timeout(120)
def test_what_the_broker_gives_up_is_buried_and_can_be_replayed(stage: Stage) -> None:
    """A body that ends the process that takes it: delivered a few times, then dead, with the number still to be had."""
    stage.start("ledger", "fragile")
    stage.wait_for("ledger")
    publish(stage.amqp_url, [(envelope(666).encode(), "application/json")], headers={})
    for _ in range(topology.DELIVERY_LIMIT + 1):
        eventually(lambda: stage.processes["ledger"].poll() == 66)
        stage.start("ledger", "fragile")
    eventually(lambda: stage.answers("ledger") and stage.ask(GetHealth("ledger")).dead == 1)
    [letter] = stage.ask(ListDeadLetters("ledger"))
    assert (letter.id, letter.event_type, letter.reason) == (
        "id-666",
        "counted",
        "given up by the broker (delivery_limit)",
    )
    stage.terminate("ledger")
    stage.start("ledger")
    stage.wait_for("ledger")
    stage.ask(ReplayDeadLetter("ledger", letter.id))
    eventually(lambda: stage.ask(ReadBook()) == (666,))
    assert stage.ask(GetHealth("ledger")).dead == 0
