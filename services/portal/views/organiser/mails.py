"""Mails sent and received, each readable as people and calendars read it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Literal, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    GetMail,
    ListIncoming,
    ListLetters,
    ListMails,
    ListParties,
    MailState,
    MarkPrinted,
    SendNow,
    SettleIncoming,
    WithholdMails,
)
from services.portal.display.posted import sheet_of
from services.portal.files.paper import paper
from services.portal.mail.letters import html_page, raw_file, read_letter
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of


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
        to_review=[mail for mail in mails if mail.leaves_at is not None and not mail.attempts],
        to_print=[mail for mail in mails if mail.state == "to_print"],
        held=[mail for mail in mails if mail.state == "held"],
    )


async def review(request: Request) -> Response:
    """Send what waits and is ticked; keep back what was shown and is not."""
    _, id_, form = words_of(request), request.path_params["edition"], form_of(request)
    ticked = tuple(form.all("mail"))
    left_out = tuple(mail for mail in form.all("shown") if mail not in ticked)
    if left_out:
        await ask(request, WithholdMails(id_, left_out))
    leaving = await ask(request, SendNow(id_, ticked)) if ticked else 0
    done = _.plural("{n} courriel part maintenant.", "{n} courriels partent maintenant.", leaving)
    return go(request, "mails", done, edition=id_)


async def letters(request: Request) -> Response:
    """The letters to schools that do not read mail, to print."""
    id_ = request.path_params["edition"]
    edition, waiting = await asyncio.gather(edition_of(request), ask(request, ListLetters(id_)))
    back = str(request.app.url_path_for("mails", edition=id_))
    sheets = [sheet_of(letter) for letter in waiting]
    return await paper(request, "paper/letters.html", f"lettres-{id_}", back=back, edition=edition, sheets=sheets)


async def mark_printed(request: Request) -> Response:
    """Note that the letters that are ticked were printed; say which of them were replaced meanwhile."""
    _, id_, ticked = words_of(request), request.path_params["edition"], tuple(form_of(request).all("mail"))
    noted = await ask(request, MarkPrinted(id_, ticked)) if ticked else 0
    done = _.plural("{n} lettre est notée comme imprimée.", "{n} lettres sont notées comme imprimées.", noted)
    if stale := len(ticked) - noted:
        done += " " + _.plural(
            "{n} ne l’est pas, remplacée ou déjà notée entre-temps : ne la postez pas sans vérifier.",
            "{n} ne le sont pas, remplacées ou déjà notées entre-temps : ne les postez pas sans vérifier.",
            stale,
        )
    return go(request, "mails", done, edition=id_)


async def incoming(request: Request) -> Response:
    """Mails that came in, and what became of them."""
    return await _show_incoming(request)


async def settle(request: Request) -> Response:
    """Decide what becomes of a mail that waits for a person."""
    _, form = words_of(request), form_of(request)
    decision = next((known for known in _DECISIONS if known == form.text("decision")), None)
    if decision is None:
        raise HTTPException(400)
    try:
        await ask(request, SettleIncoming(form.text("mail"), decision, form.text("words", 2000)))
    except Refused as refusal:
        return await _show_incoming(request, sentences(request, refusal))
    return go(request, "incoming", _("C’est noté."), edition=request.path_params["edition"])


_DECISIONS: tuple[Literal["apply", "refuse", "dismiss"], ...] = ("apply", "refuse", "dismiss")


async def _show_incoming(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    edition, mails = await asyncio.gather(edition_of(request), ask(request, ListIncoming()))
    status = 422 if errors else 200
    return show(request, "organiser/incoming.html", status, errors, edition=edition, mails=mails)


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
