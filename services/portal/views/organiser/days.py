"""The days of an edition: each team's load, the sheets to print, what became of each session, certificates."""

from __future__ import annotations

import asyncio
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import ListTeamDays
from services.portal.acts import outcomes
from services.portal.acts.outcomes import Typed
from services.portal.display import certificate, daily
from services.portal.views.organiser.editions import edition_of
from services.portal.web.pages import answer_or_none, ask, go, show


async def all_days(request: Request) -> Response:
    """What each team has to do, and what is told of it."""
    id_ = request.path_params["edition"]
    edition, days = await asyncio.gather(edition_of(request), answer_or_none(request, ListTeamDays(id_)))
    visits = [visit for one in days or () for visit in one.visits]
    return show(
        request,
        "organiser/days.html",
        edition=edition,
        days=[(day, list(teams)) for day, teams in groupby(days or (), key=lambda one: one.day)],
        told=sum(visit.planned.outcome is not None for visit in visits),
        total=len(visits),
    )


async def team_day(request: Request) -> Response:
    """A team's day, to tell what became of its sessions."""
    return await _page(request, Typed())


async def record(request: Request) -> Response:
    """Keep what became of a session."""
    done = go(request, "team_day", **request.path_params)
    return await outcomes.record(request, request.path_params["edition"], "", _page, done)


async def route_sheet(request: Request) -> Response:
    """A team's route sheet."""
    edition, team = request.path_params["edition"], request.path_params["team"]
    return await daily.route_sheet(request, edition, team, _address(request, "team_day"))


async def school_sheet(request: Request) -> Response:
    """A school's day sheet."""
    edition, school = request.path_params["edition"], request.path_params["school"]
    back = str(request.app.url_path_for("days", edition=edition))
    return await daily.school_day_sheet(request, edition, school, back)


async def provider_certificate(request: Request) -> Response:
    """A provider's certificate of service done."""
    edition, provider = request.path_params["edition"], request.path_params["provider"]
    back = str(request.app.url_path_for("days", edition=edition))
    return await certificate.show_certificate(request, edition, provider, back)


def _address(request: Request, route: str) -> str:
    return str(request.app.url_path_for(route, **request.path_params))


async def _page(request: Request, typed: Typed) -> Response:
    asked = ListTeamDays(request.path_params["edition"], day=daily.day_asked(request))
    edition, days = await asyncio.gather(edition_of(request), ask(request, asked))
    one = next((each for each in days if each.team.id == request.path_params["team"]), None)
    if one is None:
        raise HTTPException(404)
    status = 422 if typed.errors else 200
    return show(request, "organiser/team_day.html", status, typed.errors, edition=edition, one=one, typed=typed)
