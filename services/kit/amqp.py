"""Ask services over RabbitMQ, in nameko's protocol, without nameko: for the portal (asyncio) and the command line."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, DeliveryError

from services.contracts.codec import Malformed, dumps, loads
from services.contracts.errors import Unavailable
from services.contracts.rpc import Request
from services.kit.rpc import ACTOR, read_answer
from services.kit.settings import Settings

log = logging.getLogger(__name__)

A = TypeVar("A")

TIMEOUT = 20.0
"""Seconds to wait for an answer; the broker forgets a request that nobody took up by then."""


class AmqpAsk:
    """Asks over one connection and one reply queue (a ``kit.rpc.Ask``); connects at first use and after a loss."""

    def __init__(self, amqp_url: str, timeout: float = TIMEOUT) -> None:
        self._url = amqp_url
        self._timeout = timeout
        self._line: _Line | None = None
        self._connecting = asyncio.Lock()

    async def __call__(self, request: Request[A], traceid: str = "") -> A:
        """Send a request and wait for its answer. Raises Refused or Unavailable."""
        where = f"{request.destination}.{request.method()}"
        try:
            async with asyncio.timeout(self._timeout):
                line = await self._connected()
                reply = await line.call(where, dumps({"args": [request, traceid], "kwargs": {}}), self._timeout)
        except DeliveryError:
            raise Unavailable(f"{request.destination} is not running") from None
        except TimeoutError:
            raise Unavailable(f"{where}: no answer within {self._timeout:g} s") from None
        except (OSError, AMQPError) as error:
            raise Unavailable(f"{where}: no connection to the broker ({error})") from None
        if reply.get("error"):
            log.error("%s failed: %s", where, reply["error"], extra={"traceid": traceid})
            raise Unavailable(f"{where} failed: {reply['error'].get('exc_type')}")
        return read_answer(request, reply["result"])

    async def close(self) -> None:
        """Give the connection back."""
        if self._line:
            await self._line.close()
        self._line = None

    async def _connected(self) -> _Line:
        async with self._connecting:
            if self._line is None or self._line.lost:
                self._line = await _Line.open(self._url)
            return self._line


class _Line:
    """One connection with its reply queue and the answers it waits for."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._exchange: AbstractExchange
        self._reply_to = str(uuid.uuid4())
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.lost = False

    @classmethod
    async def open(cls, url: str) -> _Line:
        """Connect and declare the reply queue, which goes when the connection does."""
        line = cls(await aio_pika.connect(url, heartbeat=10))
        line._connection.close_callbacks.add(line._on_loss)
        try:
            channel = await line._connection.channel(publisher_confirms=True, on_return_raises=True)
            line._exchange = await channel.declare_exchange("nameko-rpc", "topic", durable=True)
            queue = await channel.declare_queue(exclusive=True, auto_delete=True)
            await queue.bind(line._exchange, line._reply_to)
            await queue.consume(line._on_reply, no_ack=True)
        except BaseException:
            await line.close()
            raise
        return line

    async def call(self, routing_key: str, body: str, timeout: float) -> dict[str, Any]:
        """Send a request and wait for its reply; fails as soon as the connection does."""
        correlation = str(uuid.uuid4())
        future = self._waiting[correlation] = asyncio.get_running_loop().create_future()
        message = aio_pika.Message(
            body.encode(),
            content_type="application/json",
            content_encoding="utf-8",
            correlation_id=correlation,
            reply_to=self._reply_to,
            expiration=timeout,
            headers={"actor": ACTOR.get()},
        )
        try:
            await self._exchange.publish(message, routing_key, mandatory=True)
            return await future
        finally:
            del self._waiting[correlation]

    async def close(self) -> None:
        """Close the connection."""
        self.lost = True
        with suppress(OSError, AMQPError):
            await self._connection.close()

    async def _on_reply(self, message: AbstractIncomingMessage) -> None:
        future = self._waiting.get(message.correlation_id or "")
        if future is None or future.done():
            return
        try:
            future.set_result(loads(dict[str, Any], message.body))
        except Malformed as fault:
            future.set_exception(ConnectionError(f"unreadable reply: {fault}"))

    def _on_loss(self, *_args: Any) -> None:
        self.lost = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the connection was lost"))


class SyncAsk:
    """AmqpAsk for code without an event loop: ``with SyncAsk(settings) as ask: ask(request)``."""

    def __init__(self, settings: Settings, timeout: float = TIMEOUT) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ask", daemon=True)
        self._ask = AmqpAsk(settings.amqp_url, timeout)

    def __enter__(self) -> SyncAsk:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._run(self._ask.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __call__(self, request: Request[A], traceid: str = "") -> A:
        """Send a request and wait for its answer. Raises Refused or Unavailable."""
        return self._run(self._ask(request, traceid))

    def _run(self, work: Coroutine[Any, Any, A]) -> A:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def ask_once(settings: Settings, request: Request[A], timeout: float = TIMEOUT) -> A:
    """Ask one request over a connection of its own. Raises Refused or Unavailable."""
    with SyncAsk(settings, timeout) as ask:
        return ask(request)
