"""Mails sent and received, each readable as people and calendars read it."""

from __future__ import annotations

import asyncio
import base64
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import GetMail, ListIncoming, ListMails, ListParties, MailState
from services.portal.letters import html_page, raw_file, read_letter
from services.portal.pages import answer_or_none, ask, show
from services.portal.views.organiser.editions import edition_of


async def sent(request: Request) -> Response:
    """Every mail of the edition, or those in one state."""
    wanted = request.query_params.get("etat")
    state = next((state for state in get_args(MailState) if state == wanted), None)
    id_ = request.path_params["edition"]
    edition, mails, parties = await asyncio.gather(
        edition_of(request), ask(request, ListMails(id_, state)), answer_or_none(request, ListParties(id_))
    )
    names = {party.id: party.name for party in parties or ()}
    return show(
        request,
        "organiser/mails.html",
        edition=edition,
        mails=mails,
        names=names,
        state=state,
        states=get_args(MailState),
    )


async def incoming(request: Request) -> Response:
    """Mails that came in, and what became of them."""
    edition, mails = await asyncio.gather(edition_of(request), ask(request, ListIncoming()))
    return show(request, "organiser/incoming.html", edition=edition, mails=mails)


async def one(request: Request) -> Response:
    """One mail."""
    edition, mail = await asyncio.gather(edition_of(request), ask(request, GetMail(request.path_params["mail"])))
    letter = read_letter(base64.b64decode(mail.raw))
    return show(request, "organiser/mail.html", edition=edition, mail=mail.summary, letter=letter)


async def html_part(request: Request) -> Response:
    """The HTML of a mail, shut in: nothing in it runs or loads."""
    html = read_letter(await _raw(request)).html
    if not html:
        raise HTTPException(404)
    return html_page(html)


async def raw(request: Request) -> Response:
    """The mail as it left, to open in a mail program."""
    return raw_file(await _raw(request), request.path_params["mail"])


async def _raw(request: Request) -> bytes:
    mail = await ask(request, GetMail(request.path_params["mail"]))
    return base64.b64decode(mail.raw)
