"""The plan in force, or any release, by day and by school; and as files."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.codec import dumps
from services.contracts.rpc import ExportRotation, GetPlan, ListReleases, Plan
from services.portal.agenda import board_of, by_school
from services.portal.pages import answer_or_none, ask, download, show, words_of
from services.portal.views.organiser.editions import edition_of
from services.portal.workbook import plan_workbook

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def current(request: Request) -> Response:
    """The plan by day, or by school."""
    id_, number = request.path_params["edition"], _release(request)
    edition, plan, releases = await asyncio.gather(
        edition_of(request), _plan(request, number), ask(request, ListReleases(id_))
    )
    return show(
        request,
        "organiser/plan.html",
        edition=edition,
        plan=plan,
        releases=releases,
        by_school=request.query_params.get("vue") == "ecoles",
        board=board_of(edition, plan.sessions) if plan else None,
        schools=by_school(plan.sessions) if plan else [],
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


async def _plan(request: Request, number: int | None) -> Plan | None:
    """Return a release; without a number the one in force, or None when there is none yet."""
    question = GetPlan(request.path_params["edition"], release=number)
    if number is None:
        return await answer_or_none(request, question)
    return await ask(request, question)


def _release(request: Request) -> int | None:
    text = request.query_params.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
