"""Everyone's links and calendar addresses, each to be closed or changed when it went astray."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    ChooseStyle,
    FeedKind,
    ListFeeds,
    ListParties,
    ListRegistrations,
    RevokeProviderLink,
    RevokeSchoolLink,
    RotateFeed,
)
from services.portal.acts.calendars import FeedAddresses, busy_of, feed_addresses, page_address, set_busy
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of


@dataclass(frozen=True)
class Addresses:
    """What someone was given. ``page`` empty: its link is closed; ``feed`` None: not made yet.

    ``name`` empty: the edition's own.
    """

    kind: FeedKind
    id: str
    name: str
    feed: FeedAddresses | None
    email: str = ""
    page: str = ""

    @property
    def has_page(self) -> bool:
        """Whether it may be given a link to a page."""
        return self.kind in ("provider", "school")

    @property
    def by_post(self) -> bool:
        """Whether it gets letters in the place of mails."""
        return self.feed is not None and self.feed.of.style == "letter"


async def parties(request: Request) -> Response:
    """Links and calendar addresses of everyone."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Close or renew the link of a page, change the address of a calendar, or have a school get letters or mails."""
    form, _ = form_of(request), words_of(request)
    edition_id, id_, action = request.path_params["edition"], form.text("id"), form.text("action")
    kind: FeedKind = next((kind for kind in get_args(FeedKind) if kind == form.text("kind")), "school")
    renew = action == "renew"
    try:
        if action == "rotate":
            await ask(request, RotateFeed(edition_id, kind, id_))
        elif action in ("by_post", "by_mail"):
            await ask(request, ChooseStyle(edition_id, "school", id_, "letter" if action == "by_post" else "feed"))
        elif kind == "provider":
            await ask(request, RevokeProviderLink(edition_id, id_, renew))
        else:
            await ask(request, RevokeSchoolLink(edition_id, id_, renew))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    said = {
        "by_post": _("Cette école reçoit des lettres : celles qui attendaient sont à imprimer depuis « Courriels »."),
        "by_mail": _("Cette école reçoit des courriels, y compris ce qui attendait de partir."),
        "rotate": _("L’agenda a une nouvelle adresse ; l’ancienne ne répond plus. Transmettez-la à qui l’utilise."),
        "renew": _("L’ancien lien est fermé, un nouveau le remplace. Transmettez-le à la personne concernée."),
    }
    return go(request, "parties", said.get(action) or _("Le lien est fermé partout."), edition=edition_id)


async def busy(request: Request) -> Response:
    """Give the address of a provider's own calendar in its place, or take it back."""
    edition_id = request.path_params["edition"]
    try:
        done = await set_busy(request, edition_id, form_of(request).text("provider"))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    return go(request, "parties", done, edition=edition_id)


async def _show(request: Request, errors: list[FieldError] | None = None) -> Response:
    id_ = request.path_params["edition"]
    edition, registrations, known, feeds = await asyncio.gather(
        edition_of(request),
        answer_or_none(request, ListRegistrations(id_)),
        answer_or_none(request, ListParties(id_)),
        answer_or_none(request, ListFeeds(id_)),
    )
    pages = {("provider", p.id): (p.email, page_address(request, "provider_link", p.page_token)) for p in known or ()}
    providers = [p.id for p in edition.providers]
    busy = dict(zip(providers, await asyncio.gather(*(busy_of(request, id_, one) for one in providers)), strict=True))
    given = [_addresses(feed_addresses(request, feed), pages) for feed in feeds or ()]
    read = {(one.kind, one.id): one.feed for one in given}
    schools = [
        Addresses(
            "school",
            r.school.id,
            r.school.name,
            read.get(("school", r.school.id)),
            r.school.contact.email,
            page_address(request, "school_link", r.token),
        )
        for r in registrations or ()
    ]
    return show(
        request,
        "organiser/parties.html",
        422 if errors else 200,
        errors or (),
        edition=edition,
        own=[one for one in given if one.kind in ("edition", "public")],
        providers=[one for one in given if one.kind in ("provider", "team")],
        venues=[one for one in given if one.kind == "venue"],
        schools=schools,
        busy=busy,
    )


def _addresses(feed: FeedAddresses, pages: dict[tuple[str, str], tuple[str, str]]) -> Addresses:
    email, page = pages.get((feed.of.kind, feed.of.id), ("", ""))
    return Addresses(feed.of.kind, feed.of.id, feed.of.name, feed, email, page)
