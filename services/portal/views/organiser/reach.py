"""How far the edition has reached: every figure opens the sessions behind it; the same as CSV."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import GetPlan, ListRegistrations
from services.kit.i18n import N_
from services.portal.display.reach import Figure, figures_of
from services.portal.files.workbook import csv_file
from services.portal.views.organiser.editions import edition_of
from services.portal.web.pages import answer_or_none, download, show, words_of


async def reach(request: Request) -> Response:
    """The figures, and the sessions behind the one asked for."""
    edition, figures = await asyncio.gather(edition_of(request), _figures(request))
    asked = request.query_params.get("chiffre", "")
    chosen = next((figure for figure in figures if figure.key == asked), None)
    return show(request, "organiser/reach.html", edition=edition, figures=figures, chosen=chosen)


async def as_csv(request: Request) -> Response:
    """The figures as CSV."""
    words, figures = words_of(request), await _figures(request)
    rows = [(words(figure.name), figure.number) for figure in figures]
    name = f"bilan-{(await edition_of(request)).id}.csv"
    return download(csv_file((N_("Chiffre"), N_("Nombre")), rows, words), name, "text/csv")


async def _figures(request: Request) -> list[Figure]:
    id_ = request.path_params["edition"]
    plan, registrations = await asyncio.gather(
        answer_or_none(request, GetPlan(id_)), answer_or_none(request, ListRegistrations(id_))
    )
    return figures_of(plan.sessions if plan else (), {one.school.id: one.school for one in registrations or ()})
