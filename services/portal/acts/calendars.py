"""The addresses under which a calendar can be subscribed to, and what its reader may change about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused, Unavailable
from services.contracts.rpc import (
    BusyCalendar,
    ChooseStyle,
    FeedAddress,
    ListBusyCalendars,
    ListFeeds,
    PartyKind,
    RotateFeed,
    SetBusyCalendar,
    SetTexts,
    Style,
)
from services.portal.web.forms import form_of
from services.portal.web.labels import STYLES
from services.portal.web.pages import ask, go, words_of


@dataclass(frozen=True)
class FeedAddresses:
    """``web``: to paste into a calendar; ``webcal``: opens the calendar of the device; ``qr``: a picture of that."""

    of: FeedAddress
    web: str
    webcal: str
    qr: str


def feed_addresses(request: Request, feed: FeedAddress) -> FeedAddresses:
    """Return the addresses of a feed under the public name of this house."""
    web = f"{_base(request)}{request.app.url_path_for('feed', token=feed.token)}"
    return FeedAddresses(feed, web, webcal(web), str(request.app.url_path_for("feed_qr", token=feed.token)))


def webcal(web: str) -> str:
    """Return the address that makes a device subscribe; the same with https would only fetch a copy."""
    return "webcal://" + web.split("://", 1)[1]


def page_address(request: Request, route: str, token: str) -> str:
    """Return the link that opens a school's or a provider's page; empty for a link that is closed."""
    return f"{_base(request)}{request.app.url_path_for(route, token=token)}" if token else ""


async def feeds_of(request: Request, edition_id: str, kind: PartyKind, id_: str) -> list[FeedAddresses]:
    """Return a party's own feed, then those of its teams; none while they cannot be had."""
    try:
        feeds = await ask(request, ListFeeds(edition_id, kind, id_))
    except (Refused, Unavailable):
        return []
    return [feed_addresses(request, feed) for feed in feeds]


async def change_calendar(request: Request, edition_id: str, kind: PartyKind, id_: str, back: str) -> Response:
    """Choose feed, invitations or both, or give a feed of one's own a new address."""
    form, _ = form_of(request), words_of(request)
    style = next((style for style in get_args(Style) if style == form.text("style") and style in STYLES), None)
    if style:
        await ask(request, ChooseStyle(edition_id, kind, id_, style))
        return go(request, back, _("C’est noté."))
    feeds = await ask(request, ListFeeds(edition_id, kind, id_))
    asked = form.text("kind"), form.text("id")
    feed = next((feed for feed in feeds if (feed.kind, feed.id) == asked), None)
    if feed is None:
        raise HTTPException(404)
    await ask(request, RotateFeed(edition_id, feed.kind, feed.id))
    return go(request, back, _("L’agenda a une nouvelle adresse ; l’ancienne ne répond plus. Abonnez-vous de nouveau."))


async def set_texts(request: Request, edition_id: str, kind: PartyKind, id_: str) -> str:
    """Text the number of the form from now on, or none; return what to say of it. Raises Refused."""
    form, _ = form_of(request), words_of(request)
    phone = form.text("phone") if form.text("action") != "end" else ""
    await ask(request, SetTexts(edition_id, kind, id_, phone))
    return _("Les SMS iront à ce numéro.") if phone else _("C’est noté : plus aucun SMS ne partira.")


async def busy_of(request: Request, edition_id: str, provider_id: str) -> tuple[BusyCalendar, ...]:
    """Return the calendars of a provider's own that are read; none while they cannot be had."""
    try:
        return await ask(request, ListBusyCalendars(edition_id, provider_id))
    except (Refused, Unavailable):
        return ()


async def set_busy(request: Request, edition_id: str, provider_id: str) -> str:
    """Read the calendar of the form from now on, or none; return what to say of it. Raises Refused."""
    form, _ = form_of(request), words_of(request)
    url = form.text("url")
    await ask(request, SetBusyCalendar(edition_id, provider_id, form.text("team"), url))
    if url:
        return _("C’est noté : l’agenda est lu d’ici une minute, puis toutes les trente minutes.")
    return _("C’est noté : cet agenda n’est plus lu, et ses heures sont oubliées.")


def _base(request: Request) -> str:
    base: str = request.app.state.settings.base_url
    return base.rstrip("/")
