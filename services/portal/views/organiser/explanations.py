"""Why a plan leaves sessions out, and what can be done about it."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import ExplainPlan, ExplainSession
from services.portal.views.organiser.editions import edition_of
from services.portal.web.pages import ask, show


async def why(request: Request) -> Response:
    """The reasons of each session left out, and the cheapest ways to place them."""
    id_, proposal = request.path_params["edition"], request.path_params["proposal"]
    edition, found = await asyncio.gather(edition_of(request), ask(request, ExplainPlan(id_, proposal)))
    return show(request, "organiser/why.html", edition=edition, proposal=proposal, found=found)


async def why_here(request: Request) -> Response:
    """Why a session is where it is, and what every other half-day would cost or break."""
    id_, proposal = request.path_params["edition"], request.path_params["proposal"]
    question = ExplainSession(id_, proposal, request.query_params.get("seance", ""))
    edition, found = await asyncio.gather(edition_of(request), ask(request, question))
    return show(request, "organiser/why_here.html", edition=edition, proposal=proposal, found=found)
