"""What the services declare fits together: each event has a reader, each request its method, each queue its bounds."""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import Any

import pytest
from nameko.rpc import Rpc

from services.contracts import rpc
from services.contracts.events import ALL_EVENTS
from services.distributed import HOUSE
from services.kit.consuming import Listener
from services.kit.topology import entities

REQUESTS = [
    kind
    for _, kind in inspect.getmembers(rpc, inspect.isclass)
    if issubclass(kind, rpc.Request) and kind.__module__.startswith(rpc.__name__) and hasattr(kind, "answer")
]


def entrypoints(kind: type) -> dict[str, dict[str, Any]]:
    """Return service -> method -> its entrypoint of this kind."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for service, service_class in HOUSE.items():
        for method in dir(service_class):
            for entrypoint in getattr(getattr(service_class, method), "nameko_entrypoints", ()):
                if isinstance(entrypoint, kind):
                    found[service][method] = entrypoint
    return found


@pytest.mark.parametrize("event", ALL_EVENTS, ids=lambda event: event.__name__)
def test_event_has_a_reader(event: Any) -> None:
    """One without would never leave the outbox: it is published mandatory."""
    listeners = [listener for methods in entrypoints(Listener).values() for listener in methods.values()]
    assert (event.source, event.type()) in {(listener.source_service, listener.event_type) for listener in listeners}


@pytest.mark.parametrize("request_type", REQUESTS, ids=lambda kind: kind.__name__)
def test_request_has_its_method(request_type: Any) -> None:
    methods = entrypoints(Rpc)
    services = (
        HOUSE if hasattr(request_type, "target") or "target" in request_type.__annotations__ else [request_type.service]
    )
    assert all(request_type.method() in methods[service] for service in services)


def test_no_method_without_a_request() -> None:
    known = {kind.method() for kind in REQUESTS}
    assert {name for methods in entrypoints(Rpc).values() for name in methods} - known == set()


def test_event_queues_are_bounded_and_name_where_the_dead_go() -> None:
    queues = {entity.name: entity for entity in entities(HOUSE.values())}
    events = {name: queue for name, queue in queues.items() if name.startswith("evt-")}
    assert len(events) == sum(len(methods) for methods in entrypoints(Listener).values())
    for name, queue in events.items():
        arguments = queue.queue_arguments
        assert (arguments["x-queue-type"], arguments["x-delivery-limit"]) == ("quorum", 5)
        assert arguments["x-overflow"] == "reject-publish"
        assert arguments["x-dead-letter-routing-key"] in queues, f"{name}: its dead would vanish"
