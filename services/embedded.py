"""The whole house in one process: the same service classes, no broker, plain threads, one SQLite file per service."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from nameko.events import EventHandler
from nameko.rpc import Rpc
from sqlalchemy.exc import OperationalError

from services.contracts.codec import encode
from services.contracts.errors import Unavailable
from services.contracts.rpc import Request
from services.kit.application import Application, Loop
from services.kit.hosting import Hosted, Service
from services.kit.loops import keep_running, loops_of
from services.kit.outbox import Outgoing
from services.kit.rpc import Ask, read_answer
from services.kit.settings import Settings

A = TypeVar("A")


def ask_in_thread(house: House) -> Ask:
    """Return the house as the portal asks it: each request in a thread, so that the event loop stays free."""

    async def ask(request: Request[A], traceid: str = "") -> A:
        return await asyncio.to_thread(house.ask, request, traceid)

    return ask


class House:
    """Hosts service classes side by side. ``start`` runs their loops in threads; ``stop`` ends them."""

    def __init__(self, service_classes: Iterable[type[Service]], settings: Settings) -> None:
        self.settings = settings
        self.applications: dict[str, Application[Any]] = {}
        self._methods: dict[tuple[str, str], Callable[..., dict[str, Any]]] = {}
        self._readers: dict[str, list[Callable[[str], None]]] = defaultdict(list)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        for service_class in service_classes:
            self._host(service_class, settings)

    def ask(self, request: Request[A], traceid: str = "") -> A:
        """Carry out a request through its JSON form. Raises Refused; Unavailable while the database is."""
        method = self._methods[request.destination, request.method()]
        try:
            return read_answer(request, method(encode(request), traceid))
        except OperationalError as error:
            raise Unavailable(f"{request.destination}.{request.method()}: {error.orig}") from None

    def start(self) -> None:
        """Run every service's relay and loops."""
        for application in self.applications.values():
            for loop in loops_of(application, self._deliver):
                self._spawn(application, loop)

    def stop(self) -> None:
        """End all threads and close the databases; what is half done is done again at the next start."""
        self._stopping.set()
        for application in self.applications.values():
            application.wake.set()
        for thread in self._threads:
            thread.join(timeout=10)
        for application in self.applications.values():
            application.close()
            application.database.close()

    def _host(self, service_class: type[Service], settings: Settings) -> None:
        provider = cast(Hosted, vars(service_class)["app"])
        application = provider.bootstrap(settings)
        self.applications[service_class.name] = application
        worker = object.__new__(service_class)
        worker.app = application
        for name in dir(service_class):
            for entrypoint in getattr(getattr(service_class, name), "nameko_entrypoints", ()):
                self._register(service_class.name, name, entrypoint, getattr(worker, name))

    def _register(self, service: str, name: str, entrypoint: Any, method: Callable[..., Any]) -> None:
        if isinstance(entrypoint, EventHandler):
            self._readers[entrypoint.event_type].append(method)
        elif isinstance(entrypoint, Rpc):
            self._methods[service, name] = method

    def _deliver(self, batch: list[Outgoing]) -> None:
        for event in batch:
            for read in self._readers[event.event_type]:
                read(event.body)

    def _spawn(self, application: Application[Any], loop: Loop) -> None:
        name = f"{application.name}-{loop.name}"
        work = (application, loop, self._stopping)
        thread = threading.Thread(target=keep_running, args=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
