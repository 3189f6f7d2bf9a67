"""The exchanges and queues on RabbitMQ. The service classes say which; declaring them again changes nothing.

``<service>.events``     exchange where a service publishes its facts
``evt-<source>-<type>--<service>.<method>``  one queue for each handler: quorum, bounded redelivery, dead letters
``<service>.dead``       what the broker gave up delivering; the service keeps it among its dead letters
``rpc-<service>``        requests, gone ten seconds after the service is
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kombu import Connection, Exchange, Queue
from nameko.events import EventHandler

RPC = Exchange("nameko-rpc", type="topic", durable=True)
DELIVERY_LIMIT = 5
ABSENCE = 10.0
"""Seconds without a consumer after which a service counts as absent: its requests come back at once."""


def events_exchange(service: str) -> Exchange:
    """Return where the service publishes its events; the routing key is the event type."""
    return Exchange(f"{service}.events", type="topic", durable=True)


def event_queue(source: str, event_type: str, service: str, method: str) -> Queue:
    """Return the queue of one event handler (nameko's name for it)."""
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-overflow": "reject-publish",
        "x-dead-letter-strategy": "at-least-once",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_queue(service).name,
    }
    name = f"evt-{source}-{event_type}--{service}.{method}"
    return Queue(name, events_exchange(source), event_type, durable=True, queue_arguments=arguments)


def dead_queue(service: str) -> Queue:
    """Return the queue of what the broker gave up delivering. Classic: a quorum queue would give up again."""
    return Queue(f"{service}.dead", durable=True)


def rpc_queue(service: str) -> Queue:
    """Return the queue of requests. Classic: requests are short-lived, and quorum costs half the rate."""
    return Queue(f"rpc-{service}", RPC, f"{service}.*", durable=True, expires=ABSENCE)


def declare(amqp_url: str, service_classes: Iterable[type]) -> None:
    """Declare every exchange and queue of these services, so that no event is published before its readers exist."""
    with Connection(amqp_url, connect_timeout=5) as connection:
        for entity in entities(service_classes):
            entity.bind(connection.default_channel).declare()


def entities(service_classes: Iterable[type]) -> Iterator[Exchange | Queue]:
    """Yield every exchange and lasting queue of these services. Request queues come and go with their service."""
    for service_class in service_classes:
        service = service_class.name  # type: ignore[attr-defined]
        yield events_exchange(service)
        yield dead_queue(service)
        for method, entrypoint in _event_handlers(service_class):
            yield event_queue(entrypoint.source_service, entrypoint.event_type, service, method)


def _event_handlers(service_class: type) -> Iterator[tuple[str, EventHandler]]:
    for method in dir(service_class):
        for entrypoint in getattr(getattr(service_class, method), "nameko_entrypoints", ()):
            if isinstance(entrypoint, EventHandler):
                yield method, entrypoint
