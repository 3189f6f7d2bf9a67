"""Requests that the portal and the command line send to a service, and what it answers.

A request names its service; its method is its class name in snake case. It either takes effect whole or is
``Refused`` with every problem found. A ``Query`` changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from services.contracts.events import snake_case

A_co = TypeVar("A_co", covariant=True)


class Request(Generic[A_co]):
    """A question or a command; ``answer`` is the type that comes back."""

    service: ClassVar[str]
    answer: ClassVar[Any]

    @property
    def destination(self) -> str:
        """The service that answers."""
        return self.service

    @classmethod
    def method(cls) -> str:
        """The RPC method, such as ``propose_plan``."""
        return snake_case(cls.__name__)


class Query(Request[A_co]):
    """A question: answering it changes nothing."""


@dataclass(frozen=True)
class DeadLetter:
    """A message that a service could not handle, kept until someone replays or discards it."""

    id: str
    service: str
    handler: str
    event_type: str
    reason: str
    attempts: int
    first_at: dt.datetime
    last_at: dt.datetime
    body: str


@dataclass(frozen=True)
class Health:
    """State of a service. ``outbox``: events waiting to leave; ``oldest``: age of the oldest in seconds.

    ``trouble``: what keeps it from its work from outside, as a sentence stored in French; empty: nothing.
    """

    service: str
    outbox: int
    oldest: float
    retrying: int
    dead: int
    trouble: str = ""


class ToAny:
    """A request that every service answers; ``target`` names the one asked."""

    target: str

    @property
    def destination(self) -> str:
        return self.target


@dataclass(frozen=True)
class GetHealth(ToAny, Query[Health]):
    """Ask a service how it is."""

    answer = Health
    target: str


@dataclass(frozen=True)
class ListDeadLetters(ToAny, Query[tuple[DeadLetter, ...]]):
    """All messages this service could not handle."""

    answer = tuple[DeadLetter, ...]
    target: str


@dataclass(frozen=True)
class ReplayDeadLetter(ToAny, Request[None]):
    """Handle the message again; replaying one that has taken effect changes nothing."""

    answer = type(None)
    target: str
    letter_id: str


@dataclass(frozen=True)
class DiscardDeadLetter(ToAny, Request[None]):
    """Drop the message for good, with the reason in the log."""

    answer = type(None)
    target: str
    letter_id: str
    reason: str
