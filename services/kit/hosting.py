"""The nameko side: how a service class declares what it offers, and how it runs on RabbitMQ.

A service class is the only declaration: ``services.embedded`` reads the same decorators.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nameko.events import EventHandler
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc

from services.contracts.events import Event
from services.contracts.rpc import DiscardDeadLetter, GetHealth, ListDeadLetters, ReplayDeadLetter
from services.kit.application import Application
from services.kit.settings import Settings

__all__ = ["Hosted", "Service", "on", "rpc"]

Bootstrap = Callable[[Settings], Application[Any]]


class Hosted(DependencyProvider):
    """Gives a service its Application, built once by ``bootstrap``."""

    def __init__(self, bootstrap: Bootstrap) -> None:
        self.bootstrap = bootstrap


def on(event: type[Event]) -> Any:
    """Declare that a method handles ``event``."""
    return EventHandler.decorator(event.source, event.type())


class Service:
    """What every service offers: its health and its dead letters."""

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
