"""The board of a plan, changed by hand: each move makes a draft, and nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.contracts.errors import Refused, refused
from services.contracts.rpc import (
    CompareReleases,
    GetPlan,
    ListJobs,
    ListPins,
    ListReleases,
    ListStretches,
    MoveSession,
    PinSession,
    Plan,
    PriceCells,
    PriceExactly,
    Tried,
    UnpinSession,
)
from services.contracts.values import Edition
from services.portal.display.board import (
    Offer,
    board_of,
    days_of,
    exact_price,
    exceptions_in,
    least_trouble,
    offer_of,
    page_of,
    read_key,
    state_of,
)
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of, read_day
from services.portal.web.pages import ask, go, sentences, show, words_of
from services.portal.web.words import Words


async def board_on(request: Request, edition: Edition, plan: Plan) -> dict[str, Any]:
    """Return what the board's part of a page shows: as many days as it holds, from the one asked for."""
    days = page_of(days_of(edition, plan.sessions), plan.sessions, request.query_params.get("du", ""))
    stretches, pins = await asyncio.gather(
        ask(request, ListStretches(edition.id, plan.proposal_id, days)), ask(request, ListPins(edition.id))
    )
    moved = next((p for p in plan.sessions if p.session.id == plan.moved), None)
    return {
        "board": board_of(edition, plan, days, stretches, pins),
        "moved": moved,
        "changes": await changes_of(request, plan) if plan.made_from else (),
    }


async def changes_of(request: Request, plan: Plan) -> Sequence[object]:
    """Return what a draft changes of the release in force; nothing while there is none."""
    releases = await ask(request, ListReleases(plan.edition_id))
    if not releases:
        return ()
    return await ask(request, CompareReleases(plan.edition_id, releases[0].number, proposal_id=plan.proposal_id))


async def cells(request: Request) -> Response:
    """The cells of the board for one session on some days, as JSON for the script that drags it."""
    _, path, query = words_of(request), request.path_params, request.query_params
    days = tuple(day for text in query.getlist("jour") if (day := read_day(text)))
    question = PriceCells(path["edition"], path["proposal"], query.get("seance", ""), days)
    offers = least_trouble(offer_of(cell, _) for cell in await ask(request, question))
    return JSONResponse([_told(offer, _) for offer in offers])


def _told(offer: Offer, _: Words) -> dict[str, str]:
    half_day = offer.cell.half_day
    return {
        "day": half_day.day.isoformat(),
        "half": half_day.half,
        "team": offer.cell.team_id,
        "key": offer.key,
        "kind": offer.kind,
        "when": _.half_day(half_day),
        "price": offer.price,
        "broken": offer.broken,
        "why": "\n".join(offer.why),
    }


async def session(request: Request) -> Response:
    """One session: where it is, every other place with its price, and its pin."""
    return await _show_session(request)


async def change(request: Request) -> Response:
    """Put a session into a cell, which makes a draft; or ask its exact price; or fix it, or let it move again."""
    asked = "price" if form_of(request).text("prix") else form_of(request).text("action")
    act = {"pin": _pin, "free": _free, "price": _price}.get(asked, _move)
    try:
        return await act(request, form_of(request).text("seance"))
    except Refused as refusal:
        return await _show_session(request, form_of(request).text("seance"), sentences(request, refusal))


async def _move(request: Request, session_id: str) -> Response:
    form, id_ = form_of(request), request.path_params["edition"]
    cell = read_key(form.text("case"))
    if cell is None:
        raise refused("half_day_gone")
    draft = await ask(request, MoveSession(id_, session_id, cell[0], request.path_params["proposal"], cell[1]))
    where = urlencode({"vue": form.text("vue"), "du": form.text("du") or cell[0].day.isoformat()})
    return go(request, "proposal", query=f"?{where}#tableau", edition=id_, proposal=draft)


async def _price(request: Request, session_id: str) -> Response:
    id_, cell = request.path_params["edition"], read_key(form_of(request).text("prix"))
    if cell is None:
        raise refused("half_day_gone")
    job = await ask(request, PriceExactly(id_, request.path_params["proposal"], session_id, *cell))
    return go(request, "job", edition=id_, job=job.id)


async def _pin(request: Request, session_id: str) -> Response:
    _, comment = words_of(request), form_of(request).text("comment")
    await ask(request, PinSession(request.path_params["edition"], request.path_params["proposal"], session_id, comment))
    return _back(request, session_id, _("La séance est fixée à cette place."))


async def _free(request: Request, session_id: str) -> Response:
    _ = words_of(request)
    await ask(request, UnpinSession(request.path_params["edition"], session_id))
    return _back(request, session_id, _("La séance peut de nouveau changer de place."))


def _back(request: Request, session_id: str, done: str) -> Response:
    return go(request, "session", done, f"?{urlencode({'seance': session_id})}", **request.path_params)


async def _show_session(request: Request, session_id: str = "", errors: Sequence[FieldError] = ()) -> Response:
    """Show a session; without an id, the first of the plan."""
    id_, proposal_id = request.path_params["edition"], request.path_params["proposal"]
    edition, plan, pins, jobs = await asyncio.gather(
        edition_of(request),
        ask(request, GetPlan(id_, proposal_id=proposal_id)),
        ask(request, ListPins(id_)),
        ask(request, ListJobs(id_)),
    )
    planned = {p.session.id: p for p in plan.sessions}
    known = {**planned, **{u.session_id: u for u in plan.unplaced}}
    session_id = session_id or request.query_params.get("seance", "") or next(iter(known), "")
    if session_id not in known:
        raise refused("unknown_session")
    tried = [job for job in jobs if job.tried and _compared(job.tried) == (proposal_id, session_id)]
    cells = await ask(request, PriceCells(id_, proposal_id, session_id))
    offers = [offer_of(cell, words_of(request), tried) for cell in cells]
    return show(
        request,
        "organiser/session.html",
        409 if errors else 200,
        errors,
        edition=edition,
        plan=plan,
        planned=planned.get(session_id),
        named=known[session_id],
        session_id=session_id,
        state=state_of(planned[session_id], exceptions_in(plan)) if session_id in planned else "",
        offers=least_trouble(offers),
        exact_price=exact_price,
        teams={team.id: team.name for provider in edition.providers for team in provider.teams},
        pin=next((pin for pin in pins if pin.session_id == session_id), None),
    )


def _compared(tried: Tried) -> tuple[str, str]:
    return tried.proposal_id, tried.session_id
