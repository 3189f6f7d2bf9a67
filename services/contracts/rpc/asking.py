"""What registration is asked about how schools are asked: by when they answer, and who has to agree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from services.contracts.rpc.request import Query, Request
from services.contracts.values import PermissionKind, PermissionLevel


@dataclass(frozen=True)
class Deadline:
    """The last day on which schools are asked to answer. ``days_left``: 0 on that day and after it."""

    day: dt.date
    state: Literal["open", "passed"]
    days_left: int


@dataclass(frozen=True)
class Asking:
    """How the schools of an edition are asked. ``deadline`` None: there is none. ``levels``: of each permission."""

    edition_id: str
    deadline: Deadline | None = None
    levels: dict[PermissionKind, PermissionLevel] = field(default_factory=dict)


@dataclass(frozen=True)
class GetAsking(Query[Asking]):
    """How the schools of an edition are asked."""

    service = "registration"
    answer = Asking
    edition_id: str


@dataclass(frozen=True)
class SetDeadline(Request[Asking]):
    """Set, prolong or take away (None) the deadline. Refused for a day that is over."""

    service = "registration"
    answer = Asking
    edition_id: str
    day: dt.date | None
