"""A school's wish for another slot as a form: on its own page and where the organiser types a telephone call."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    Alternative,
    AskForSlot,
    GetSchoolPage,
    Offer,
    PriceAlternatives,
    SchoolPage,
    SchoolScope,
)
from services.contracts.values import AnsweredBy
from services.portal.acts.answering import Done, foreign, no_names, release_of, seems_to_name
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


@dataclass(frozen=True)
class Desk:
    """Where the form stands: its template with what that needs, and the routes of its address and of the way back."""

    template: str
    route: str
    back: str
    parameters: dict[str, str]
    context: dict[str, object]


async def choose(request: Request, scope: SchoolScope, desk: Desk) -> Response:
    """Other slots of a session, each with its price; which session, where the address names none that is offered."""
    page = await ask(request, GetSchoolPage(scope.edition_id, scope.school_id))
    offer = _offer(page, request.query_params.get("seance", ""))
    if offer is None:
        return _show(request, desk, page, None, ())
    try:
        found = await ask(request, PriceAlternatives(scope.edition_id, offer.session.id))
    except Refused as refusal:
        return _show(request, desk, page, offer, (), sentences(request, refusal))
    return _show(request, desk, page, offer, found)


async def wish(request: Request, scope: SchoolScope, by: AnsweredBy, desk: Desk, done: Done) -> Response:
    """Ask for the slot chosen, at the price it has now."""
    form, _ = form_of(request), words_of(request)
    page = await ask(request, GetSchoolPage(scope.edition_id, scope.school_id))
    offer = _offer(page, form.text("session"))
    if offer is None:
        return go(request, desk.back, _("Cette séance n’est plus proposée."), **desk.parameters)
    try:
        found = await ask(request, PriceAlternatives(scope.edition_id, offer.session.id))
        chosen = next((one for one in found if value_of(one) == form.text("half_day")), None)
        errors = foreign(request, form, scope)
        if chosen is None:
            errors.append(FieldError(_("Choisissez une demi-journée de la liste."), "half_day"))
        if errors or chosen is None:
            return _show(request, desk, page, offer, found, errors)
        where = (scope.edition_id, scope.school_id, release_of(form), offer.session.id)
        words = (form.text("comment"), form.text("key"), by, no_names(form))
        await ask(request, AskForSlot(*where, chosen, *words))
    except Refused as refusal:
        if seems_to_name(refusal):
            return _show(request, desk, page, offer, found, sentences(request, refusal, lambda _: "comment"))
        return _show(request, desk, page, offer, (), sentences(request, refusal))
    return done(request, _("C’est noté : l’organisateur voit votre demande. La séance reste à sa date d’ici là."))


def value_of(alternative: Alternative) -> str:
    """Return a half-day as a form names it."""
    return f"{alternative.half_day.day} {alternative.half_day.half}"


def _offer(page: SchoolPage, session_id: str) -> Offer | None:
    return next((offer for offer in page.offers if offer.session.id == session_id), None)


def _earlier(page: SchoolPage, offer: Offer) -> Offer | None:
    """Return the session that the group lives just before this one."""
    s = offer.session
    found = [o for o in page.offers if o.session.group_id == s.group_id and o.session.start < s.start]
    return max(found, key=lambda o: o.session.start, default=None)


def _show(
    request: Request,
    desk: Desk,
    page: SchoolPage,
    offer: Offer | None,
    found: Sequence[Alternative],
    errors: Sequence[FieldError] = (),
) -> Response:
    typed = getattr(request.state, "form", None)
    return show(
        request,
        desk.template,
        422 if errors else 200,
        errors,
        page=page,
        offer=offer,
        earlier=_earlier(page, offer) if offer else None,
        choices=[(value_of(one), one) for one in found],
        action=request.app.url_path_for(desk.route, **desk.parameters),
        back=request.app.url_path_for(desk.back, **desk.parameters),
        chosen=typed.text("half_day") if typed else "",
        comment=typed.text("comment") if typed else "",
        key=secrets.token_urlsafe(16),
        **desk.context,
    )
