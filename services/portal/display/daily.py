"""The sheets of a day, for whoever may see them: a team's way on one page, a school's day on another."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import GetEdition, ListParties, ListTeamDays, Stop, TeamDay, Visit
from services.portal.acts.calendars import page_address
from services.portal.display.agenda import day_of
from services.portal.files.paper import paper, qr_code
from services.portal.web.forms import read_day
from services.portal.web.pages import answer_or_none, ask


@dataclass(frozen=True)
class Arrival:
    """A session of a school's day with the stop that a team makes for it on its own day."""

    of: TeamDay
    stop: Stop
    visit: Visit


def day_asked(request: Request) -> dt.date:
    """Return the day that the address names. Raises HTTPException 404 when it names none."""
    day = read_day(request.path_params["day"])
    if day is None:
        raise HTTPException(404)
    return day


async def route_sheet(request: Request, edition_id: str, team: str, back: str, provider_id: str = "") -> Response:
    """A team's day: roads, stops, times, contacts, groups, material, what is handed on, and where to tell of it."""
    day = day_asked(request)
    edition, days, parties = await asyncio.gather(
        ask(request, GetEdition(edition_id)),
        ask(request, ListTeamDays(edition_id, provider_id, day)),
        answer_or_none(request, ListParties(edition_id)),
    )
    found = next((one for one in days if one.team.id == team), None)
    if found is None:
        raise HTTPException(404)
    links = {party.id: party.page_token for party in parties or () if party.kind == "provider"}
    address = page_address(request, "provider_link", links.get(found.provider_id, ""))
    address = f"{address}?jour={day}" if address else ""
    return await paper(
        request,
        "paper/route.html",
        f"feuille-de-route-{day}-{found.team.id}",
        back=back,
        edition=edition,
        day=found,
        materials={visit.activity.name: visit.activity.material for visit in found.visits if visit.activity.material},
        address=address,
        qr=qr_code(address) if address else "",
        day_of=day_of,
    )


async def school_day_sheet(request: Request, edition_id: str, school_id: str, back: str) -> Response:
    """A school's day: who comes when, for which group, and what to prepare."""
    day = day_asked(request)
    edition, days = await asyncio.gather(
        ask(request, GetEdition(edition_id)), ask(request, ListTeamDays(edition_id, day=day))
    )
    arrivals = arrivals_at(days, school_id)
    if not arrivals:
        raise HTTPException(404)
    return await paper(
        request,
        "paper/school_day.html",
        f"feuille-du-jour-{day}-{school_id}",
        back=back,
        edition=edition,
        day=day,
        host=arrivals[0].visit.host,
        arrivals=arrivals,
    )


def arrivals_at(days: tuple[TeamDay, ...], school_id: str) -> list[Arrival]:
    """Return the sessions of a school in the order of time."""
    found = [
        Arrival(one, stop, visit)
        for one in days
        for stop in one.stops
        for visit in stop.visits
        if visit.host.school_id == school_id
    ]
    return sorted(found, key=lambda arrival: (arrival.visit.planned.session.start, arrival.visit.planned.session.id))
