"""The parts of a large problem sent over RabbitMQ: to whoever works at ``scheduling.parts``, and their plans back.

A part stays on the broker until its plan is back there: when its worker dies, another gets it. A plan that comes twice
is taken once. Parts that nobody waits for any more expire.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import NotFound
from kombu import Connection, Consumer, Exchange, Producer, Queue

from services.contracts import codec
from services.kit.publishing import CONNECTION_ERRORS
from services.scheduling.domain.solution import Solution
from services.scheduling.domain.territories import Part

PARTS = Queue("scheduling.parts", durable=True, queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": 3})
"""What is to be solved. A part that brought down three workers is given up."""

DIRECT = Exchange("")

ABSENCE = 60.0
"""Seconds without the one who asked after which its plans are no longer kept."""

PATIENCE = 30.0
"""Seconds beyond its own in which a part may wait for a worker."""

POLL_SECONDS = 0.5
HEARTBEAT = 10.0
OPTIONS = {"confirm_publish": True, "read_timeout": 10.0, "write_timeout": 10.0, "max_retries": 1}


@dataclass(frozen=True)
class Answer:
    """The plan of a part; None when it could not be solved."""

    solution: Solution | None


class QueueWorkers:
    """The port ``Workers`` by whoever works at the queue."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url

    def count(self) -> int:
        """See ports.Workers: those who listen now, one at least."""
        with suppress(*CONNECTION_ERRORS), Connection(self._url, connect_timeout=5) as connection:
            queue = PARTS.bind(connection.default_channel)
            queue.declare()
            return max(1, queue.queue_declare(passive=True).consumer_count)
        return 1

    def solve(self, parts: Sequence[Part], is_over: Callable[[], bool]) -> Iterator[tuple[int, Solution]]:
        """See ports.Workers. While the broker is away, what it keeps is waited for."""
        answers = Queue(f"scheduling.plans.{uuid.uuid4()}", durable=True, expires=ABSENCE)
        unsent = sorted(range(len(parts)), key=lambda i: parts[i].seconds)
        waiting = set(range(len(parts)))
        while waiting and not is_over():
            try:
                with Connection(self._url, connect_timeout=5, transport_options=OPTIONS) as connection:
                    answers.bind(connection.default_channel).declare()
                    _send(connection, parts, unsent, answers.name)
                    for i, answer in _received(connection, answers, is_over):
                        if i in waiting and answer.solution:
                            yield i, answer.solution
                        waiting.discard(i)
                        if not waiting:
                            break
            except CONNECTION_ERRORS:
                time.sleep(POLL_SECONDS)
        _forget(self._url, answers)


def _forget(amqp_url: str, answers: Queue) -> None:
    """Remove the place for answers: parts still waiting are then nobody's any more."""
    with suppress(*CONNECTION_ERRORS), Connection(amqp_url, connect_timeout=5) as connection:
        answers.bind(connection.default_channel).delete()


def _send(connection: Connection, parts: Sequence[Part], unsent: list[int], answers: str) -> None:
    """Send each part that the broker has not taken charge of yet, the largest first."""
    producer = Producer(connection.default_channel)
    PARTS.bind(connection.default_channel).declare()
    every = sum(part.seconds for part in parts)
    while unsent:
        part = parts[unsent[-1]]
        producer.publish(
            codec.dumps(part),
            exchange=DIRECT,
            routing_key=PARTS.name,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            expiration=every + PATIENCE,
            correlation_id=str(unsent[-1]),
            reply_to=answers,
        )
        unsent.pop()


def _received(connection: Connection, answers: Queue, is_over: Callable[[], bool]) -> Iterator[tuple[int, Answer]]:
    """Yield what comes back until it is over; each is acknowledged once the caller has taken it."""
    here: list[Any] = []
    with Consumer(connection, [answers], on_message=here.append, accept=["json"]):
        while not is_over():
            with suppress(TimeoutError):
                connection.drain_events(timeout=POLL_SECONDS)
            while here:
                message = here.pop(0)
                yield int(message.properties["correlation_id"]), codec.loads(Answer, message.body)
                message.ack()


class PartQueue:
    """One worker's end of the queue (``ports.Parts``): one part in hand at a time."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._connection: Connection | None = None
        self._here: list[Any] = []
        self._mine: Any = None

    def take(self) -> Part | None:
        """See ports.Parts. Parts whose asker has left are dropped."""
        with self._connected() as connection:
            _listen(connection)
            while self._here:
                self._mine = self._here.pop(0)
                if _is_waited_for(connection, self._mine):
                    return codec.loads(Part, self._mine.body)
                self._mine.ack()
        return None

    def keep(self) -> bool:
        """See ports.Parts."""
        try:
            with self._connected() as connection:
                _listen(connection)
        except CONNECTION_ERRORS:
            return False
        return True

    def answer(self, solution: Solution | None) -> None:
        """See ports.Parts."""
        with self._connected() as connection:
            message = self._mine
            Producer(connection.default_channel).publish(
                codec.dumps(Answer(solution)),
                exchange=DIRECT,
                routing_key=message.properties["reply_to"],
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                correlation_id=message.properties["correlation_id"],
            )
            message.ack()

    def close(self) -> None:
        """Leave; a part in hand goes to another."""
        connection, self._connection = self._connection, None
        self._here.clear()
        if connection:
            connection.collect()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Connect at first use and after a loss; what was in hand then is another's."""
        try:
            if self._connection is None:
                self._connection = self._listening()
            yield self._connection
        except CONNECTION_ERRORS:
            self.close()
            raise

    def _listening(self) -> Connection:
        connection = Connection(self._url, connect_timeout=5, heartbeat=HEARTBEAT, transport_options=OPTIONS)
        consumer = Consumer(connection, [PARTS], on_message=self._here.append)
        consumer.qos(prefetch_count=1)
        consumer.consume()
        return connection


def _listen(connection: Connection) -> None:
    """Receive what there is, and give a sign of life."""
    with suppress(TimeoutError):
        connection.drain_events(timeout=0.01)
    connection.heartbeat_check()


def _is_waited_for(connection: Connection, message: Any) -> bool:
    with suppress(NotFound), connection.channel() as channel:
        channel.queue_declare(message.properties["reply_to"], passive=True)
        return True
    return False
