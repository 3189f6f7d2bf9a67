"""The days of the fortnight for those who live them: a provider's sheets and counts, a school's sheet."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import ListTeamDays
from services.portal.acts import outcomes
from services.portal.acts.outcomes import Typed
from services.portal.display import certificate, daily
from services.portal.web import auth
from services.portal.web.pages import ask, go, show


async def provider_day(request: Request) -> Response:
    """A provider's day, to tell what became of its sessions."""
    return await _page(request, Typed())


async def record(request: Request) -> Response:
    """Keep what became of a session."""
    scope = auth.provider_of(request)
    done = go(request, "provider_day", **request.path_params)
    return await outcomes.record(request, scope.edition_id, scope.provider_id, _page, done)


async def provider_route(request: Request) -> Response:
    """A team's route sheet."""
    scope = auth.provider_of(request)
    back = str(request.app.url_path_for("provider_day", day=request.path_params["day"]))
    return await daily.route_sheet(request, scope.edition_id, request.path_params["team"], back, scope.provider_id)


async def provider_certificate(request: Request) -> Response:
    """The provider's certificate of service done."""
    scope, back = auth.provider_of(request), str(request.app.url_path_for("provider"))
    return await certificate.show_certificate(request, scope.edition_id, scope.provider_id, back)


async def school_day(request: Request) -> Response:
    """The school's day sheet."""
    scope, back = auth.school_of(request), str(request.app.url_path_for("school"))
    return await daily.school_day_sheet(request, scope.edition_id, scope.school_id, back)


async def _page(request: Request, typed: Typed) -> Response:
    scope, day = auth.provider_of(request), daily.day_asked(request)
    days = await ask(request, ListTeamDays(scope.edition_id, scope.provider_id, day))
    if not days:
        raise HTTPException(404)
    status = 422 if typed.errors else 200
    return show(request, "provider_day.html", status, typed.errors, day=day, days=days, typed=typed)
