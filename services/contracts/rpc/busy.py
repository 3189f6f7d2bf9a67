"""Calendars of providers that are read, so that nothing is planned while their teams are taken."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.errors import Problem
from services.contracts.rpc.request import Query, Request


@dataclass(frozen=True)
class BusyCalendar:
    """A calendar of a provider's own, or the place for one. ``url`` empty: none is read.

    ``team_id`` empty: it counts for every team of the provider. ``read_at``: when it was last read well, and
    ``stretches`` how many times of the edition it takes. ``problem``: why it could not be read the last time.
    """

    team_id: str
    team_name: str
    url: str = ""
    read_at: dt.datetime | None = None
    stretches: int = 0
    problem: Problem | None = None


@dataclass(frozen=True)
class ListBusyCalendars(Query[tuple[BusyCalendar, ...]]):
    """A provider's calendars: one for all its teams, then one for each team where it has several."""

    service = "notifications"
    answer = tuple[BusyCalendar, ...]
    edition_id: str
    provider_id: str


@dataclass(frozen=True)
class SetBusyCalendar(Request[None]):
    """Read this calendar from now on, in place of the one before. ``url`` empty: read none, and forget its times."""

    service = "notifications"
    answer = type(None)
    edition_id: str
    provider_id: str
    team_id: str
    url: str
