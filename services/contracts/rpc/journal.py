"""What every service is asked about what was done: who, what, when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.rpc.request import Query, ToAny


@dataclass(frozen=True)
class Act:
    """A request that was carried out. ``actor``: who asked, such as ``account:ID``; ``act``: the request's method.

    ``about``: ids and other plain facts of it, by field; nothing anyone wrote.
    """

    at: dt.datetime
    actor: str
    act: str
    edition_id: str
    about: dict[str, str]


@dataclass(frozen=True)
class ListActs(ToAny, Query[tuple[Act, ...]]):
    """The last acts of a service in an edition, and those about no edition, latest first.

    ``day``: as people in Paris count; ``about``: a school's or a session's id.
    """

    answer = tuple[Act, ...]
    target: str
    edition_id: str
    day: dt.date | None = None
    act: str = ""
    about: str = ""
