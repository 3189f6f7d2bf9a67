"""The plan in force, or any release, by day, by school and on the map; and as files."""

from __future__ import annotations

import asyncio
import datetime as dt

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.codec import dumps
from services.contracts.rpc import ExportRotation, GetDisplay, GetPlan, ListReleases, Plan
from services.portal.display.agenda import by_day
from services.portal.display.map import map_of
from services.portal.files.workbook import WORKBOOK, plan_workbook
from services.portal.views.organiser.board import board_on
from services.portal.views.organiser.editions import edition_of
from services.portal.views.organiser.incidents import incidents_since
from services.portal.web.pages import answer_or_none, ask, download, show, words_of


async def current(request: Request) -> Response:
    """The plan by day, by school, or as a map of one day."""
    id_ = request.path_params["edition"]
    edition, plan, releases, display = await asyncio.gather(
        edition_of(request), plan_asked(request), ask(request, ListReleases(id_)), ask(request, GetDisplay(id_))
    )
    view = request.query_params.get("vue", "")
    days = [day for day, _ in by_day(plan.sessions)] if plan else []
    day = _day(request, days)
    return show(
        request,
        "organiser/plan.html",
        edition=edition,
        plan=plan,
        releases=releases,
        view=view,
        days=days,
        day=day,
        since=await incidents_since(request, edition, plan.made_at) if plan and plan.outdated else (),
        map=map_of(edition, plan.sessions, day, display.contours) if plan and day and view == "carte" else None,
        **(await board_on(request, edition, plan) if plan and view != "carte" else {}),
    )


async def as_json(request: Request) -> Response:
    """The plan as JSON, in the form of the contracts."""
    plan = await ask(request, GetPlan(request.path_params["edition"], release=_release(request)))
    return download(dumps(plan), f"plan-{plan.edition_id}-{plan.release}.json", "application/json")


async def as_workbook(request: Request) -> Response:
    """The plan as a workbook."""
    plan = await ask(request, GetPlan(request.path_params["edition"], release=_release(request)))
    content = await asyncio.to_thread(plan_workbook, plan, words_of(request).language)
    return download(content, f"plan-{plan.edition_id}-{plan.release}.xlsx", WORKBOOK)


async def rotation(request: Request) -> Response:
    """The problem or the plan in the rotation-1 format."""
    part = request.path_params["part"]
    if part not in ("instance", "solution"):
        raise HTTPException(404)
    files = await ask(request, ExportRotation(request.path_params["edition"], release=_release(request)))
    content = files.instance if part == "instance" else files.solution
    return download(dumps(content), f"rotation-{part}.json", "application/json")


async def plan_asked(request: Request) -> Plan | None:
    """Return the release that the address asks for; without a number the one in force, or None when there is none."""
    number = _release(request)
    question = GetPlan(request.path_params["edition"], release=number)
    if number is None:
        return await answer_or_none(request, question)
    return await ask(request, question)


def _day(request: Request, days: list[dt.date]) -> dt.date | None:
    """Return the day asked for when something happens on it, else the first, None when there is none."""
    asked = request.query_params.get("jour", "")
    return next((day for day in days if day.isoformat() == asked), days[0] if days else None)


def _release(request: Request) -> int | None:
    text = request.query_params.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
