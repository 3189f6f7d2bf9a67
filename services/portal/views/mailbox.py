"""The development mailbox: every mail the house sent, readable, and answers sent as a provider's calendar would."""

from __future__ import annotations

import asyncio
import smtplib

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.kit.settings import Settings
from services.portal.mail.letters import html_page, raw_file, read_letter
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import reply_to_invitation
from services.portal.web.forms import form_of
from services.portal.web.labels import PARTSTATS
from services.portal.web.pages import go, show, words_of


async def letters(request: Request) -> Response:
    """Every mail, the newest first."""
    return show(request, "mailbox.html", letters=_mailbox(request).letters())


async def one(request: Request) -> Response:
    """One mail."""
    return show(request, "mailbox_letter.html", letter=read_letter(_raw(request)), id=request.path_params["letter"])


async def html_part(request: Request) -> Response:
    """The HTML of a mail, shut in: nothing in it runs or loads."""
    html = read_letter(_raw(request)).html
    if not html:
        raise HTTPException(404)
    return html_page(html)


async def raw(request: Request) -> Response:
    """The mail as a file."""
    return raw_file(_raw(request), request.path_params["letter"])


async def reply(request: Request) -> Response:
    """Answer an invitation in place of the one it was sent to, by mail to the mail door."""
    form, _ = form_of(request), words_of(request)
    answer = form.text("answer")
    if answer not in PARTSTATS:
        raise HTTPException(400)
    await asyncio.to_thread(_send, request.app.state.settings, _raw(request), answer)
    return go(request, "mailbox_letter", _("La réponse est partie."), letter=request.path_params["letter"])


def _send(settings: Settings, invitation: bytes, answer: str) -> None:
    with smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=10) as server:
        server.send_message(reply_to_invitation(invitation, answer))


def _mailbox(request: Request) -> Mailbox:
    found: Mailbox = request.app.state.mailbox
    return found


def _raw(request: Request) -> bytes:
    found = _mailbox(request).get(request.path_params["letter"])
    if found is None:
        raise HTTPException(404)
    return found
