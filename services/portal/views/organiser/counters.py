"""Times that providers propose from their calendars: each with what it would take, accepted with a plan, or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    Alternative,
    IncomingMail,
    ListIncoming,
    MoveSession,
    PriceAlternatives,
    SettleIncoming,
)
from services.contracts.values import Edition, HalfDay
from services.kit.i18n import PARIS
from services.portal.acts.wishing import value_of
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def price(request: Request) -> Response:
    """What the proposed time would take, and what others would."""
    return await _show(request)


async def accept(request: Request) -> Response:
    """Make the plan first: a proposal is accepted only when there is one. Its release sends the new invitation."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    mail = await _mail(request)
    try:
        found = await ask(request, PriceAlternatives(id_, mail.session_id))
        chosen = next((one for one in found if value_of(one) == form.text("half_day")), None)
        if chosen is None:
            return await _show(request, [FieldError(_("Choisissez une demi-journée de la liste."), "half_day")])
        proposal = await ask(request, MoveSession(id_, mail.session_id, chosen.half_day))
        await ask(request, SettleIncoming(mail.id, "accept"))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    done = _("Le plan qui déplace la séance est prêt : relisez-le, puis publiez-le.")
    return go(request, "proposal", done, edition=id_, proposal=proposal)


def half_day_of(mail: IncomingMail, edition: Edition) -> HalfDay | None:
    """Return the half-day in which a proposed time begins."""
    if mail.proposed is None:
        return None
    start = mail.proposed[0].astimezone(PARIS)
    return HalfDay(start.date(), "am" if start.hour * 60 + start.minute < edition.noon else "pm")


async def _mail(request: Request) -> IncomingMail:
    mails = await ask(request, ListIncoming())
    mail = next((mail for mail in mails if mail.id == request.path_params["mail"]), None)
    if mail is None or mail.outcome != "countered":
        raise HTTPException(404)
    return mail


async def _show(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    edition, mail = await asyncio.gather(edition_of(request), _mail(request))
    found: tuple[Alternative, ...] = ()
    try:
        found = await ask(request, PriceAlternatives(edition.id, mail.session_id))
    except Refused as refusal:
        errors = errors or sentences(request, refusal)
    wanted = half_day_of(mail, edition)
    return show(
        request,
        "organiser/counter.html",
        422 if errors else 200,
        errors,
        edition=edition,
        mail=mail,
        wanted=next((one for one in found if one.half_day == wanted), None),
        choices=[(value_of(one), one) for one in sorted(found, key=lambda one: one.half_day != wanted)],
    )
