"""Send to RabbitMQ and wait until the broker has taken charge of it."""

from __future__ import annotations

import threading
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection, Exchange, Producer
from kombu.exceptions import OperationalError

from services.contracts.codec import loads
from services.contracts.events import Envelope
from services.kit.outbox import Outgoing
from services.kit.topology import events_exchange

CONNECTION_ERRORS = (OSError, AMQPError, OperationalError)
"""What kombu and amqp raise when the broker cannot be reached, or no more."""

CONFIRM_SECONDS = 10.0


class NotTaken(OSError):
    """The broker did not take a message: it is away, or a mandatory message had no queue to go to."""


class Publisher:
    """One connection, opened at first use and opened anew after any failure. Safe between threads."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def send(self, body: str, exchange: Exchange, routing_key: str, **properties: Any) -> None:
        """Publish JSON text and wait for the confirm. Raises NotTaken."""
        with self._lock:
            try:
                self._producer().publish(
                    body,
                    exchange=exchange,
                    routing_key=routing_key,
                    content_type="application/json",
                    content_encoding="utf-8",
                    confirm_timeout=CONFIRM_SECONDS,
                    **properties,
                )
            except CONNECTION_ERRORS as error:
                self._drop()
                raise NotTaken(f"the broker did not take {routing_key}: {error}") from error
            except BaseException:  # a green thread killed half-way leaves the channel between two messages
                self._drop()
                raise

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _producer(self) -> Producer:
        if self._connection is None:
            options = {
                "confirm_publish": True,
                "read_timeout": CONFIRM_SECONDS,
                "write_timeout": CONFIRM_SECONDS,
                "max_retries": 1,
            }
            self._connection = Connection(self._url, connect_timeout=5, transport_options=options)
        return Producer(self._connection.default_channel)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.collect()


class EventPublisher:
    """Delivers a service's events to the queues of all their readers (a ``kit.outbox.Deliver``)."""

    def __init__(self, amqp_url: str, service: str) -> None:
        self._publisher = Publisher(amqp_url)
        self._exchange = events_exchange(service)

    def __call__(self, batch: list[Outgoing]) -> None:
        """Publish each event, persistent and mandatory; raise NotTaken at the first that the broker refuses."""
        for event in batch:
            self._publisher.send(
                event.body,
                self._exchange,
                event.event_type,
                mandatory=True,
                delivery_mode=2,
                message_id=event.event_id,
                headers={"traceid": loads(Envelope, event.body).traceid},
            )

    def close(self) -> None:
        """Give the connection back."""
        self._publisher.close()
