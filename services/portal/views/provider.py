"""A provider's page: where its teams are expected, and its calendar's address."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import GetProviderPage
from services.portal.acts.calendars import busy_of, change_calendar, feeds_of, set_busy, set_texts
from services.portal.display.agenda import by_day
from services.portal.web import auth
from services.portal.web.forms import FieldError
from services.portal.web.pages import ask, go, sentences, show

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


async def open_link(request: Request) -> Response:
    """Exchange a link for a cookie, so that no token stays in the address; ``?jour=`` of a route sheet leads there."""
    await auth.open_link(request, "provider")
    day = request.query_params.get("jour", "")
    return go(request, "provider_day", day=day) if DAY.fullmatch(day) else go(request, "provider")


async def sessions(request: Request) -> Response:
    """All sessions of the provider, by day."""
    return await _show(request)


async def calendar(request: Request) -> Response:
    """Choose how sessions reach the provider's calendar, or change an address."""
    scope = auth.provider_of(request)
    return await change_calendar(request, scope.edition_id, "provider", scope.provider_id, "provider")


async def texts(request: Request) -> Response:
    """Give the number that urgent changes are texted to, or take it back."""
    scope = auth.provider_of(request)
    try:
        return go(request, "provider", await set_texts(request, scope.edition_id, "provider", scope.provider_id))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))


async def busy(request: Request) -> Response:
    """Give the address of a calendar to read, or take it back."""
    scope = auth.provider_of(request)
    try:
        return go(request, "provider", await set_busy(request, scope.edition_id, scope.provider_id))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))


async def _show(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    scope = auth.provider_of(request)
    page = await ask(request, GetProviderPage(scope.edition_id, scope.provider_id))
    return show(
        request,
        "provider.html",
        422 if errors else 200,
        errors,
        page=page,
        days=by_day(page.sessions),
        feeds=await feeds_of(request, scope.edition_id, "provider", scope.provider_id),
        busy=await busy_of(request, scope.edition_id, scope.provider_id),
    )
