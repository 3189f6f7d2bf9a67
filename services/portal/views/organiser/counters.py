"""Times that providers propose from their calendars: each with what it would take, accepted with a plan, or refused."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    Alternative,
    GetPlan,
    IncomingMail,
    ListIncoming,
    MoveSession,
    MoveToTime,
    PinSession,
    PlannedSession,
    PriceAlternatives,
    PriceTime,
    SettleIncoming,
)
from services.portal.acts.wishing import value_of
from services.portal.display.board import Offer, offer_of
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of

AS_PROPOSED = "propose"
"""What a form sends for the very time that was proposed."""


async def price(request: Request) -> Response:
    """What the proposed time would take, and what others would."""
    return await _show(request)


async def accept(request: Request) -> Response:
    """Make the plan first: a proposal is accepted only when there is one. Its release sends the new invitation."""
    _, id_ = words_of(request), request.path_params["edition"]
    mail, start = await _countered(request)
    try:
        proposal = await _moved(request, mail, start)
        if not proposal:
            return await _show(request, [FieldError(_("Choisissez un horaire de la liste."), "half_day")])
        await ask(request, SettleIncoming(mail.id, "accept"))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    done = _("Le plan qui déplace la séance est prêt : relisez-le, puis publiez-le.")
    return go(request, "proposal", done, edition=id_, proposal=proposal)


async def _moved(request: Request, mail: IncomingMail, start: dt.datetime) -> str:
    """Make the plan with the time chosen and return its id, empty when none of the list was."""
    form, id_ = form_of(request), request.path_params["edition"]
    if form.text("half_day") == AS_PROPOSED:
        return await _at_the_minute(request, mail.session_id, start)
    found = await ask(request, PriceAlternatives(id_, mail.session_id))
    chosen = next((one for one in found if value_of(one) == form.text("half_day")), None)
    return await ask(request, MoveSession(id_, mail.session_id, chosen.half_day)) if chosen else ""


async def _at_the_minute(request: Request, session_id: str, start: dt.datetime) -> str:
    """Make the plan with the time proposed; it is fixed there when asked, lest a later plan choose another minute."""
    _, id_ = words_of(request), request.path_params["edition"]
    proposal = await ask(request, MoveToTime(id_, session_id, start))
    if form_of(request).text("pin"):
        await ask(request, PinSession(id_, proposal, session_id, _("Horaire proposé par le prestataire")))
    return proposal


async def _countered(request: Request) -> tuple[IncomingMail, dt.datetime]:
    """Return the mail and the start it proposes. Raises HTTPException 404 for one that proposes none."""
    mails = await ask(request, ListIncoming())
    mail = next((mail for mail in mails if mail.id == request.path_params["mail"]), None)
    if mail is None or mail.outcome != "countered" or mail.proposed is None:
        raise HTTPException(404)
    return mail, mail.proposed[0]


async def _show(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    edition, (mail, start) = await asyncio.gather(edition_of(request), _countered(request))
    try:
        priced = await _price(request, mail.session_id, start)
    except Refused as refusal:
        priced, errors = None, errors or sentences(request, refusal)
    typed = form_of(request) if request.method == "POST" else None
    return show(
        request,
        "organiser/counter.html",
        422 if errors else 200,
        errors,
        edition=edition,
        mail=mail,
        priced=priced,
        as_proposed=AS_PROPOSED,
        chosen=typed.text("half_day") if typed else "",
        pin=typed is None or bool(typed.text("pin")),
    )


@dataclass(frozen=True)
class _Priced:
    """The session as it is planned, the time proposed with its price, and other half-days by what a form sends."""

    planned: PlannedSession
    proposed: Offer
    others: tuple[tuple[str, Alternative], ...]


async def _price(request: Request, session_id: str, start: dt.datetime) -> _Priced:
    """Return what times would take."""
    id_ = request.path_params["edition"]
    plan, cell, found = await asyncio.gather(
        ask(request, GetPlan(id_)),
        ask(request, PriceTime(id_, session_id, start)),
        ask(request, PriceAlternatives(id_, session_id)),
    )
    planned = next(one for one in plan.sessions if one.session.id == session_id)
    return _Priced(planned, offer_of(cell, words_of(request)), tuple((value_of(one), one) for one in found))
