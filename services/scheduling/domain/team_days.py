"""A team's day as it is driven: from its depot from stop to stop and back, on roads as plans count them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from services.contracts.values import PARIS, Activity, Edition, Place, Provider, Session, Team
from services.scheduling.domain.roads import DETOUR, great_circle_km, road_minutes


def days_of_teams(edition: Edition, sessions: Iterable[Session]) -> list[tuple[dt.date, Provider, Team, list[Session]]]:
    """Return the sessions of each day and team in the order of time; teams stand as the edition names them."""
    teams = [(provider, team) for provider in edition.providers for team in provider.teams]
    order = {(provider.id, team.id): nth for nth, (provider, team) in enumerate(teams)}

    def key(session: Session) -> tuple[dt.date, int]:
        return session.start.astimezone(PARIS).date(), order[session.provider_id, session.team_id]

    ordered = sorted(sessions, key=lambda session: (*key(session), session.start, session.id))
    return [(day, *teams[nth], list(held)) for (day, nth), held in groupby(ordered, key=key)]


def stays(held: Sequence[Session]) -> list[list[Session]]:
    """Return a day's sessions by the place where the team stays for them."""
    return [list(there) for _, there in groupby(held, key=lambda session: (session.place, session.venue_id))]


def arrival(stay: Sequence[Session], activity: Callable[[Session], Activity]) -> dt.datetime:
    """Return when the team has to be there, so that it can set up."""
    return stay[0].start - dt.timedelta(minutes=activity(stay[0]).setup)


def departure(stay: Sequence[Session], activity: Callable[[Session], Activity]) -> dt.datetime:
    """Return when the team has packed."""
    return stay[-1].end + dt.timedelta(minutes=activity(stay[-1]).packing)


def road(here: Place, there: Place) -> tuple[int, float]:
    """Return the minutes and the kilometres between two places, as plans count them."""
    kilometres = DETOUR * great_circle_km(here.lat, here.lon, there.lat, there.lon)
    return road_minutes(here, there), round(kilometres, 1)
