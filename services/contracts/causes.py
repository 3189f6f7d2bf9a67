"""Why a released plan has to change: causes as data, and the incident that records one.

A cause says from when on the edition, its schools or its teams are no longer what they were; it never names sessions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.contracts.values import Group, HalfDay


@dataclass(frozen=True)
class SchoolClosed:
    """A school cannot receive anyone on these half-days."""

    school_id: str
    half_days: tuple[HalfDay, ...]
    kind: Literal["school_closed"] = "school_closed"

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return min(self.half_days).day


@dataclass(frozen=True)
class SchoolCancels:
    """A school takes no further part from this half-day on; what it lived before counts."""

    school_id: str
    since: HalfDay
    kind: Literal["school_cancels"] = "school_cancels"

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return self.since.day


@dataclass(frozen=True)
class TeamAway:
    """A team cannot come on these half-days; all teams of the provider when ``team_id`` is empty."""

    provider_id: str
    half_days: tuple[HalfDay, ...]
    team_id: str = ""
    kind: Literal["team_away"] = "team_away"

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return min(self.half_days).day


@dataclass(frozen=True)
class VehicleDown:
    """A team's vehicle broke down: the team does not come from ``since`` to ``until``, or to the end when None."""

    team_id: str
    since: HalfDay
    until: HalfDay | None = None
    kind: Literal["vehicle_down"] = "vehicle_down"

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return self.since.day


@dataclass(frozen=True)
class SnowDay:
    """No school and no common venue is open on these half-days."""

    half_days: tuple[HalfDay, ...]
    kind: Literal["snow_day"] = "snow_day"

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return min(self.half_days).day


@dataclass(frozen=True)
class Lockdown:
    """Nothing is held from ``since`` on, until the edition goes on from ``resumes`` to ``ends``.

    ``days``: the action days of the new period, which scheduling fills in from the school calendar.
    """

    since: dt.date
    resumes: dt.date
    ends: dt.date
    days: tuple[dt.date, ...] = ()
    kind: Literal["lockdown"] = "lockdown"

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return self.since


@dataclass(frozen=True)
class HealthRule:
    """From ``since`` on, ``cleaning`` minutes at least between two sessions of a team at one place.

    ``at_school``: classes no longer travel; every activity is held at the school.
    ``largest``: a group of more pupils has no session any more, 0 when sizes do not matter.
    """

    since: dt.date
    cleaning: int = 0
    at_school: bool = False
    largest: int = 0
    kind: Literal["health_rule"] = "health_rule"

    def too_large(self, groups: Iterable[Group]) -> tuple[Group, ...]:
        """Return the groups that have to be split."""
        return tuple(group for group in groups if 0 < self.largest < group.pupils)

    @property
    def first_day(self) -> dt.date:
        """The first day it touches."""
        return self.since


Cause = SchoolClosed | SchoolCancels | TeamAway | VehicleDown | SnowDay | Lockdown | HealthRule


@dataclass(frozen=True)
class Incident:
    """A cause as it was recorded: when, by whom and why. It counts until it is withdrawn.

    ``held``: ids of the sessions that had been held by then, where the cause takes away what was still to come.
    """

    id: str
    edition_id: str
    cause: Cause
    recorded_at: dt.datetime
    by: str
    why: str = ""
    held: tuple[str, ...] = ()
    withdrawn_at: dt.datetime | None = None
