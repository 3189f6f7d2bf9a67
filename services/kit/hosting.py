"""The nameko side of a service: how its class declares what it offers, and what nameko gives it at work.

A service class is the only declaration: ``services.embedded`` reads the same decorators.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from nameko.extensions import DependencyProvider

from services.contracts.events import Event
from services.contracts.rpc import (
    DiscardDeadLetter,
    FindPerson,
    GetHealth,
    ListActs,
    ListDeadLetters,
    ListDue,
    ListErasures,
    ReplayDeadLetter,
)
from services.kit.application import Application
from services.kit.consuming import Listener, RawQueueConsumer, Request, bury
from services.kit.loops import keep_running, loops_of
from services.kit.publishing import EventPublisher
from services.kit.rpc import ACTOR
from services.kit.settings import Settings
from services.kit.topology import dead_queue

__all__ = ["Hosted", "Service", "on", "rpc"]

Bootstrap = Callable[[Settings], Application[Any]]

rpc = Request.decorator
"""Declare that a method answers the requests that bear its name."""


def on(event: type[Event]) -> Any:
    """Declare that a method handles ``event``."""
    return Listener.decorator(event.source, event.type())


class Hosted(DependencyProvider):
    """Gives a service its Application, built once by ``bootstrap``, and runs its loops and its outbox beside it."""

    queue_consumer = RawQueueConsumer()

    def __init__(self, bootstrap: Bootstrap) -> None:
        self.bootstrap = bootstrap

    def setup(self) -> None:
        """Build the application; take charge of what the broker gave up delivering."""
        self.application = self.bootstrap(self.container.config["settings"])
        self.publisher = EventPublisher(self.container.config["AMQP_URI"], self.container.service_name)
        self.stopping = threading.Event()
        self.queue = dead_queue(self.container.service_name)
        self.queue_consumer.register_provider(self)

    def start(self) -> None:
        """Run the loops in green threads."""
        self.loops = [
            self.container.spawn_managed_thread(partial(keep_running, self.application, loop, self.stopping), loop.name)
            for loop in loops_of(self.application, self.publisher)
        ]

    def stop(self) -> None:
        """End the loops after their present step and close everything."""
        self.queue_consumer.unregister_provider(self)
        self._end_loops()
        for loop in self.loops:
            loop.wait()
        self.publisher.close()
        self.application.close()
        self.application.database.close()

    def kill(self) -> None:
        """Tell the loops to end; what they leave half done is done again at the next start."""
        if hasattr(self, "stopping"):
            self._end_loops()

    def get_dependency(self, worker_ctx: Any) -> Any:
        """Return the application, or what refuses to work when the caller of this request has left."""
        ACTOR.set(worker_ctx.data.get("actor", ""))
        answer_by = worker_ctx.data.get("answer_by")
        return _Late() if answer_by and time.monotonic() > answer_by else self.application

    def handle_message(self, body: None, message: Any) -> None:
        """Bury a message that the broker gave up delivering."""
        death = (message.headers.get("x-death") or [{}])[0]
        event_type = (death.get("routing-keys") or [message.delivery_info["routing_key"]])[0]
        reason = f"given up by the broker ({death.get('reason', 'unknown')})"
        bury(self.container, self.queue_consumer, message, event_type, reason)

    def _end_loops(self) -> None:
        self.stopping.set()
        self.application.wake.set()


class _Late:
    """Stands in for the application once nobody waits for the answer."""

    def answer(self, *_request: Any) -> None:
        raise TimeoutError("the caller has stopped waiting: nothing was done")


class Service:
    """What every service offers: its health, its dead letters, what it holds about people."""

    name: str
    app: Any

    @rpc
    def get_health(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """State of the service."""
        return self.app.answer(GetHealth, request, traceid)

    @rpc
    def list_dead_letters(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Messages that could not be handled."""
        return self.app.answer(ListDeadLetters, request, traceid)

    @rpc
    def replay_dead_letter(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Handle one again."""
        return self.app.answer(ReplayDeadLetter, request, traceid)

    @rpc
    def discard_dead_letter(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Drop one for good."""
        return self.app.answer(DiscardDeadLetter, request, traceid)

    @rpc
    def list_acts(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Who asked for what, and when."""
        return self.app.answer(ListActs, request, traceid)

    @rpc
    def find_person(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """All it holds about a mail address."""
        return self.app.answer(FindPerson, request, traceid)

    @rpc
    def list_erasures(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """People taken out of it."""
        return self.app.answer(ListErasures, request, traceid)

    @rpc
    def list_due(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What has outlived its term."""
        return self.app.answer(ListDue, request, traceid)
