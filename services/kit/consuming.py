"""nameko's consumers, hardened: no message is lost or loops, and a lost broker connection ends nothing.

What nameko does by itself, and why it is changed here:
a handler that raises loses the message; a body that cannot be decoded is acknowledged and lost; an
acknowledgement or a reply that meets a dead socket, or a header it cannot read, kills the whole container.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import eventlet
from nameko.events import EventHandler
from nameko.exceptions import ContainerBeingKilled, serialize
from nameko.messaging import Consumer, QueueConsumer
from nameko.rpc import Rpc, RpcConsumer
from sqlalchemy.exc import OperationalError

from services.contracts.codec import dumps
from services.kit.publishing import CONNECTION_ERRORS, NotTaken, Publisher
from services.kit.topology import RPC, event_queue, rpc_queue

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds before a message is tried again whose handling met a database that was away."""


class Unreadable(ValueError):
    """A message whose body is not JSON text in UTF-8 by its own account."""


class RawQueueConsumer(QueueConsumer):
    """Hands messages over undecoded, so that what cannot be read is seen too."""

    def get_consumers(self, consumer_cls: Any, channel: Any) -> list[Any]:
        """Return one consumer for each provider; called at every (re)connection."""
        for provider in self._providers:
            take = partial(self.handle_message, provider, None)
            consumer = consumer_cls(queues=[provider.queue], on_message=take, on_decode_error=_first_argument(take))
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return list(self._consumers.values())

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """Connect, again and again while the broker is away, every three seconds at most."""
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error, interval_start=0.5, interval_step=0.5, interval_max=3
            )
            yield connection

    def ack_message(self, message: Any) -> None:
        """Acknowledge, unless the connection is gone: the broker delivers again."""
        _unless_gone(super().ack_message, message)

    def requeue_message(self, message: Any) -> None:
        """Give back, unless the connection is gone."""
        _unless_gone(super().requeue_message, message)


class Listener(EventHandler):
    """Handles an event from a bounded quorum queue; see ``topology``.

    The method gets the body as text. While it raises OperationalError (the database is away) the message stays in
    hand and is tried again; any other exception gives it back to the broker, which buries it after a few deliveries.
    """

    queue_consumer = RawQueueConsumer()

    def setup(self) -> None:
        """Name the queue and register with the consumer."""
        self.queue = event_queue(self.source_service, self.event_type, self.container.service_name, self.method_name)
        Consumer.setup(self)

    def handle_message(self, body: None, message: Any) -> None:
        """Run the method in a worker, or bury what is no text."""
        try:
            text = json_text(message)
        except Unreadable as fault:
            bury(self.container, self.queue_consumer, message, self.event_type, str(fault))
            return
        self._work(text, message)

    def handle_result(self, message: Any, worker_ctx: Any, result: Any = None, exc_info: Any = None) -> tuple[Any, Any]:
        """Acknowledge when done; a failure is settled later, outside the pool of workers."""
        if exc_info is None:
            self.queue_consumer.ack_message(message)
        else:
            self.container.spawn_managed_thread(partial(self._after_failure, message, worker_ctx.args[0], exc_info[1]))
        return result, exc_info

    def _work(self, text: str, message: Any) -> None:
        try:
            settle = partial(self.handle_result, message)
            self.container.spawn_worker(self, (text,), {}, context_data={}, handle_result=settle)
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def _after_failure(self, message: Any, text: str, error: Exception) -> None:
        eventlet.sleep(PAUSE)
        if not isinstance(error, OperationalError):
            self.queue_consumer.requeue_message(message)
        elif message.channel.connection:  # else the broker has it back already
            self._work(text, message)


class RequestConsumer(RpcConsumer):
    """Takes the requests of one service and sends the replies."""

    queue_consumer = RawQueueConsumer()
    queue: Any

    def setup(self) -> None:
        """Name the queue and register with the consumer."""
        if self.queue is None:
            self._replies = Publisher(self.container.config["AMQP_URI"])
            self.queue = rpc_queue(self.container.service_name)
            self.queue_consumer.register_provider(self)
            self._registered = True

    def handle_message(self, body: None, message: Any) -> None:
        """Find the method and run it; drop what is no request, since nobody waits for its answer."""
        try:
            request = _request(message)
        except Unreadable as fault:
            log.error("request dropped: %s", fault)
            self.queue_consumer.ack_message(message)
            return
        super().handle_message(request, message)

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Reply, then acknowledge. A reply that cannot leave is dropped: its caller asks again."""
        reply = dumps({"result": result, "error": exc_info and serialize(exc_info[1])})
        key, properties = message.properties["reply_to"], {"correlation_id": message.properties.get("correlation_id")}
        try:
            self._reply(reply, key, properties)
        except NotTaken as error:
            log.warning("reply lost: %s", error)
        self.queue_consumer.ack_message(message)
        return result, exc_info

    def _reply(self, reply: str, key: str, properties: dict[str, Any]) -> None:
        try:
            self._replies.send(reply, RPC, key, delivery_mode=1, **properties)
        except NotTaken:  # the connection may have died since the last reply: once more on a new one
            self._replies.send(reply, RPC, key, delivery_mode=1, **properties)


class Request(Rpc):
    """A method that answers requests. One whose caller no longer waits is not carried out (``answer_by``)."""

    rpc_consumer = RequestConsumer()

    def unpack_message_headers(self, message: Any) -> dict[str, Any]:
        """Return what the worker must know; foreign headers stay outside."""
        expiration, actor = message.properties.get("expiration"), str((message.headers or {}).get("actor", ""))
        answer_by = time.monotonic() + int(expiration) / 1000 if expiration else None
        return {"answer_by": answer_by, "actor": actor}


def bury(container: Any, queue_consumer: RawQueueConsumer, message: Any, event_type: str, reason: str) -> None:
    """Keep a message among the service's dead letters, waiting for its database if need be, then acknowledge it."""
    application = next(provider.application for provider in container.dependencies if hasattr(provider, "application"))
    while True:
        try:
            application.bury(event_type, printable(message.body), reason)
        except Exception as error:  # nothing worse can become of it: keep it in hand until it is kept
            log.warning("a dead letter waits: %s", error)
            eventlet.sleep(PAUSE)
        else:
            queue_consumer.ack_message(message)
            return


def json_text(message: Any) -> str:
    """Return the body of a message that says it is JSON. Raises Unreadable."""
    if message.content_type != "application/json":
        raise Unreadable(f"content type {message.content_type!r} in place of 'application/json'")
    try:
        return message.body if isinstance(message.body, str) else bytes(message.body).decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8: {error}") from None


def printable(body: Any) -> str:
    """Return any body as text, what is not UTF-8 written as escapes."""
    return body if isinstance(body, str) else bytes(body or b"").decode("utf-8", "backslashreplace")


def _request(message: Any) -> dict[str, Any]:
    try:
        request = json.loads(json_text(message))
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    if not isinstance(request, dict) or not message.properties.get("reply_to"):
        raise Unreadable("neither arguments nor a place for the reply")
    return request


def _first_argument(function: Callable[[Any], None]) -> Callable[[Any, Exception], None]:
    return lambda message, _error: function(message)


def _unless_gone(settle: Callable[[Any], None], message: Any) -> None:
    try:
        settle(message)
    except CONNECTION_ERRORS as error:
        log.warning("broker connection lost (%s): the message will be delivered again", error)
