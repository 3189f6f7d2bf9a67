"""How the portal and the command line reach the services."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from services.contracts.codec import decode
from services.contracts.errors import Problem, Refused
from services.contracts.rpc import Request

A = TypeVar("A")

ACTOR: ContextVar[str] = ContextVar("actor", default="")
"""Who asks, as ``account:ID``, ``school:ID``, ``provider:ID``, ``access:ID`` or ``mail``; empty for nobody.

A door sets it once it knows its visitor and it goes along with every request; a service reads ``tx.context.actor``.
"""


class Ask(Protocol):
    """Sends a request and waits for its answer. Raises Refused, or Unavailable when the service does not answer."""

    async def __call__(self, request: Request[A], traceid: str = "") -> A: ...


def read_answer(request: Request[A], payload: dict[str, Any]) -> A:
    """Return the answer of a service from its JSON form; raise Refused when it refused."""
    if "refused" in payload:
        raise Refused(*decode(tuple[Problem, ...], payload["refused"]))
    answer: A = decode(request.answer, payload["answer"])
    return answer
