"""How far the edition has reached: figures, each of which opens the sessions behind it; the same as CSV."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import ListDemand, ListRegistrations
from services.kit.i18n import N_
from services.portal.display.agenda import by_day, in_time
from services.portal.display.reach import Choice, Figure, figures_of, tallies
from services.portal.files.workbook import csv_file
from services.portal.views.organiser.editions import edition_of
from services.portal.views.organiser.plans import plan_asked
from services.portal.web.pages import answer_or_none, download, show, words_of


async def reach(request: Request) -> Response:
    """The figures."""
    edition, figures = await asyncio.gather(edition_of(request), _figures(request))
    return show(request, "organiser/reach.html", edition=edition, figures=figures.values())


async def sessions(request: Request) -> Response:
    """The sessions behind a figure, of a day, a team or a school if so asked."""
    asked = request.query_params
    edition, figures = await asyncio.gather(edition_of(request), _figures(request))
    every = figures["planned"]
    choice = Choice(asked.get("jour", ""), asked.get("equipe", ""), asked.get("ecole", ""))
    chosen = figures.get(asked.get("chiffre", ""), every).narrowed(choice)
    schools, total = tallies(chosen)
    return show(
        request,
        "organiser/sessions.html",
        edition=edition,
        figures=figures.values(),
        chosen=chosen,
        choice=choice,
        sessions=in_time(chosen.sessions),
        schools=schools,
        total=total,
        days=[day for day, _ in by_day(every.sessions)],
        every_school=tallies(replace(figures["demand"], sessions=every.sessions))[0],
        version=asked.get("version", ""),
    )


async def as_csv(request: Request) -> Response:
    """The figures as CSV."""
    words, figures = words_of(request), await _figures(request)
    rows = [(words(figure.name), figure.number) for figure in figures.values()]
    name = f"bilan-{(await edition_of(request)).id}.csv"
    return download(csv_file((N_("Chiffre"), N_("Nombre")), rows, words), name, "text/csv")


async def _figures(request: Request) -> dict[str, Figure]:
    """Return the figures of the release asked for, by key."""
    id_ = request.path_params["edition"]
    plan, registrations, wanted = await asyncio.gather(
        plan_asked(request),
        answer_or_none(request, ListRegistrations(id_)),
        answer_or_none(request, ListDemand(id_)),
    )
    held, unplaced = (plan.sessions, plan.unplaced) if plan else ((), ())
    schools = {one.school.id: one.school for one in registrations or ()}
    return {figure.key: figure for figure in figures_of(held, schools, wanted or (), unplaced)}
