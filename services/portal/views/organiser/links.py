"""Everyone's links and calendar addresses, each to be closed or changed when it went astray."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    ListParties,
    ListRegistrations,
    Party,
    PartyKind,
    Registration,
    RevokeProviderLink,
    RevokeSchoolLink,
    RotateFeed,
)
from services.portal.calendars import feed_addresses, page_address
from services.portal.forms import FieldError, form_of
from services.portal.pages import answer_or_none, ask, go, sentences, show, words_of
from services.portal.views.organiser.editions import edition_of


@dataclass(frozen=True)
class Addresses:
    """What a party was given; ``page`` empty: its link is closed, ``feed`` empty: not made yet."""

    kind: PartyKind
    id: str
    name: str
    email: str
    page: str
    feed: str


async def parties(request: Request) -> Response:
    """Links and calendar addresses of everyone."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Close the link of a page, with a new one in its place or without, or change the address of a calendar."""
    form, _ = form_of(request), words_of(request)
    edition_id, id_, action = request.path_params["edition"], form.text("id"), form.text("action")
    kind: PartyKind = "provider" if form.text("kind") == "provider" else "school"
    renew = action == "renew"
    try:
        if action == "rotate":
            await ask(request, RotateFeed(edition_id, kind, id_))
        elif kind == "provider":
            await ask(request, RevokeProviderLink(edition_id, id_, renew))
        else:
            await ask(request, RevokeSchoolLink(edition_id, id_, renew))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    said = {
        "rotate": _("L’agenda a une nouvelle adresse ; l’ancienne ne répond plus. Transmettez-la à qui l’utilise."),
        "renew": _("L’ancien lien est fermé, un nouveau le remplace. Transmettez-le à la personne concernée."),
    }
    return go(request, "parties", said.get(action) or _("Le lien est fermé partout."), edition=edition_id)


async def _show(request: Request, errors: list[FieldError] | None = None) -> Response:
    id_ = request.path_params["edition"]
    edition, registrations, known = await asyncio.gather(
        edition_of(request),
        answer_or_none(request, ListRegistrations(id_)),
        answer_or_none(request, ListParties(id_)),
    )
    feeds = {(party.kind, party.id): feed_addresses(request, party.feed_token).web for party in known or ()}
    return show(
        request,
        "organiser/parties.html",
        422 if errors else 200,
        errors or (),
        edition=edition,
        providers=[_provider(request, party) for party in known or () if party.kind == "provider"],
        schools=[_school(request, r, feeds.get(("school", r.school.id), "")) for r in registrations or ()],
    )


def _provider(request: Request, party: Party) -> Addresses:
    page = page_address(request, "provider_link", party.page_token)
    feed = feed_addresses(request, party.feed_token).web
    return Addresses("provider", party.id, party.name, party.email, page, feed)


def _school(request: Request, registration: Registration, feed: str) -> Addresses:
    page = page_address(request, "school_link", registration.token)
    school = registration.school
    return Addresses("school", school.id, school.name, school.contact.email, page, feed)
