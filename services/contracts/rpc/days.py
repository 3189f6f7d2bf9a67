"""What scheduling is asked about the days themselves: where each team goes, and what became of each session."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.outcomes import CancelledBy, Outcome, OutcomeState
from services.contracts.rpc.request import Query, Request
from services.contracts.rpc.scheduling import PlannedSession
from services.contracts.values import Activity, Contact, Place, Reception, Team


@dataclass(frozen=True)
class Road:
    """A stretch as the planner counts it: minutes, and kilometres by road."""

    minutes: int
    kilometres: float


@dataclass(frozen=True)
class Host:
    """Who receives a session: the school, whom to call there, and what it said of its premises."""

    school_id: str
    name: str
    commune: str
    contact: Contact
    reception: Reception


@dataclass(frozen=True)
class Visit:
    """A session on a team's way. ``earlier`` and ``later``: the sessions that the same pupils live before and after.

    ``receives``: what is handed on from the earlier ones.
    """

    planned: PlannedSession
    activity: Activity
    host: Host
    receives: str = ""
    earlier: tuple[PlannedSession, ...] = ()
    later: tuple[PlannedSession, ...] = ()


@dataclass(frozen=True)
class Stop:
    """A place where a team stays. ``arrives``: at the latest, so that it can set up; ``leaves``: once it has packed."""

    place: Place
    road: Road
    arrives: dt.datetime
    leaves: dt.datetime
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class TeamDay:
    """A team's day from its depot and back. ``contact``: of its provider; ``home``: the road back."""

    day: dt.date
    provider_id: str
    provider_name: str
    contact: Contact
    team: Team
    leaves: dt.datetime
    stops: tuple[Stop, ...]
    home: Road
    back: dt.datetime

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The sessions of the day, in the order of time."""
        return tuple(visit for stop in self.stops for visit in stop.visits)

    @property
    def kilometres(self) -> float:
        """How far the team drives."""
        return sum(road.kilometres for road in self.roads)

    @property
    def road_minutes(self) -> int:
        """How long the team drives."""
        return sum(road.minutes for road in self.roads)

    @property
    def roads(self) -> tuple[Road, ...]:
        """The stretches driven, the way home last."""
        return (*(stop.road for stop in self.stops), self.home)


@dataclass(frozen=True)
class ListTeamDays(Query[tuple[TeamDay, ...]]):
    """The days of all teams by the release in force, by day and then as the edition names its teams.

    ``provider_id``, ``day``: of one provider, of one day. Refused while nothing was released.
    """

    service = "scheduling"
    answer = tuple[TeamDay, ...]
    edition_id: str
    provider_id: str = ""
    day: dt.date | None = None


@dataclass(frozen=True)
class RecordOutcome(Request[Outcome]):
    """Say what became of a session. ``start``: when it was to begin, as read. The same again changes nothing.

    ``provider_id``: the provider who says so, empty for the organiser, whose word a provider does not overrule. Refused
    before the day of the session, when it is not this provider's, was moved meanwhile, or the counts cannot be.
    """

    service = "scheduling"
    answer = Outcome
    edition_id: str
    session_id: str
    start: dt.datetime
    state: OutcomeState
    pupils: int = 0
    minutes: int | None = None
    cancelled_by: CancelledBy | None = None
    published: bool = False
    provider_id: str = ""
