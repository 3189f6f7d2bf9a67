"""What every service is asked about a person: what it holds, and what it has taken out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.rpc.request import Query, Request, ToAny


@dataclass(frozen=True)
class Held:
    """A row that names a person. ``key``: its primary key; ``columns``: those that name the person, as text."""

    service: str
    table: str
    key: dict[str, str]
    columns: dict[str, str]


@dataclass(frozen=True)
class FindPerson(ToAny, Query[tuple[Held, ...]]):
    """Everything a service holds that names a mail address, upper case or lower."""

    answer = tuple[Held, ...]
    target: str
    address: str


@dataclass(frozen=True)
class Erasure:
    """What a service took out for one person, known by a mark: ``rows`` changed, by table."""

    mark: str
    at: dt.datetime
    rows: dict[str, int]


@dataclass(frozen=True)
class ListErasures(ToAny, Query[tuple[Erasure, ...]]):
    """Every erasure of a service, latest first."""

    answer = tuple[Erasure, ...]
    target: str


@dataclass(frozen=True)
class ListDue(ToAny, Query[dict[str, int]]):
    """How many rows have outlived their term and go at the next hour, by kind: contacts, mails, history."""

    answer = dict[str, int]
    target: str


@dataclass(frozen=True)
class ErasePerson(Request[None]):
    """Take a person out of every service. ``mark``: of the mail address, which so stands in no message."""

    service = "registration"
    answer = type(None)
    mark: str
