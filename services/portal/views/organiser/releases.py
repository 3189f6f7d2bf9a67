"""Releases: who will be told of what, in which words, the release itself, and what changed between any two."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    CompareReleases,
    GetPlan,
    ListParties,
    ListReleases,
    MailSummary,
    Plan,
    PreviewedRelease,
    PreviewRelease,
    ReleasePlan,
    RestoreRelease,
)
from services.portal.mail.letters import Letter, html_page, read_letter
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of

PREVIEWED = 1500
"""Sessions of which a preview writes the mails; of larger plans only the changes are told beforehand."""


async def confirm(request: Request) -> Response:
    """Who will be told of what, before anything is sent."""
    return await _show_confirmation(request)


async def release(request: Request) -> Response:
    """Make the proposal the next release; of the mails that were shown, those not ticked are held back."""
    _, id_, form = words_of(request), request.path_params["edition"], form_of(request)
    after, ticked = form.text("after"), set(form.all("mail"))
    held = tuple(mail for mail in form.all("shown") if mail not in ticked)
    number = int(after) if after.isascii() and after.isdigit() else 0
    try:
        made = await ask(request, ReleasePlan(id_, request.path_params["proposal"], number, held))
    except Refused as refusal:
        return await _show_confirmation(request, sentences(request, refusal), held)
    done = _("La version {number} est publiée : les courriels partent.", number=made.number)
    if made.again:
        done = _(
            "La version {number} est déjà publiée : ce nouveau clic ne change rien à ses courriels.", number=made.number
        )
    elif held:
        done += " " + _.plural("{n} courriel est retenu.", "{n} courriels sont retenus.", len(held))
    return go(request, "plan", done, edition=id_)


async def preview_mail(request: Request) -> Response:
    """One mail that the release would send, in its very words."""
    (mail, letter), edition = await asyncio.gather(_previewed(request), edition_of(request))
    proposal = request.path_params["proposal"]
    return show(request, "organiser/preview_mail.html", edition=edition, proposal=proposal, mail=mail, letter=letter)


async def preview_mail_html(request: Request) -> Response:
    """The same as its HTML, shut in."""
    _, letter = await _previewed(request)
    return html_page(letter.html)


async def _previewed(request: Request) -> tuple[MailSummary, Letter]:
    id_, proposal_id = request.path_params["edition"], request.path_params["proposal"]
    plan, releases = await asyncio.gather(
        ask(request, GetPlan(id_, proposal_id=proposal_id)), ask(request, ListReleases(id_))
    )
    question = _preview(plan, releases[0].number if releases else 0, request.query_params.get("courriel", ""))
    mail = (await ask(request, question)).mail
    if mail is None:
        raise HTTPException(404)
    return mail.summary, read_letter(base64.b64decode(mail.raw))


async def all_releases(request: Request) -> Response:
    """All releases of the edition."""
    edition, releases = await asyncio.gather(
        edition_of(request), ask(request, ListReleases(request.path_params["edition"]))
    )
    return show(request, "organiser/releases.html", edition=edition, releases=releases)


async def restore(request: Request) -> Response:
    """Make a draft of an earlier release; nothing is sent."""
    _, id_, number = words_of(request), request.path_params["edition"], form_of(request).text("number")
    question = RestoreRelease(id_, int(number) if number.isascii() and number.isdigit() else 0)
    draft = await ask(request, question)
    done = _("La version {number} est reprise dans un brouillon : rien n’est envoyé.", number=number)
    return go(request, "proposal", done, edition=id_, proposal=draft)


async def differences(request: Request) -> Response:
    """What changed from one release to another."""
    id_ = request.path_params["edition"]
    edition, releases = await asyncio.gather(edition_of(request), ask(request, ListReleases(id_)))
    latest = releases[0].number if releases else 0
    after = _number(request, "apres", latest)
    before = _number(request, "avant", max(0, after - 1))
    changes = await ask(request, CompareReleases(id_, before, after)) if releases else ()
    return show(
        request,
        "organiser/differences.html",
        edition=edition,
        releases=releases,
        before=before,
        after=after,
        changes=changes,
    )


async def _show_confirmation(request: Request, errors: Sequence[FieldError] = (), held: Sequence[str] = ()) -> Response:
    id_, proposal_id = request.path_params["edition"], request.path_params["proposal"]
    edition, plan, releases, parties = await asyncio.gather(
        edition_of(request),
        ask(request, GetPlan(id_, proposal_id=proposal_id)),
        ask(request, ListReleases(id_)),
        answer_or_none(request, ListParties(id_)),
    )
    after = releases[0].number if releases else 0
    changes, preview = await asyncio.gather(
        ask(request, CompareReleases(id_, after, proposal_id=proposal_id)), mails_of(request, plan, after)
    )
    mails = sorted(preview.mails, key=lambda mail: (mail.kind == "digest", mail.party)) if preview else []
    return show(
        request,
        "organiser/release.html",
        409 if errors else 200,
        errors,
        edition=edition,
        plan=plan,
        after=after,
        changes=changes,
        kinds=Counter(named.change.kind for named in changes),
        change_of={named.change.session_id: named for named in changes},
        changed=Counter(named.school_name for named in changes),
        preview=preview,
        mails=[(party, list(its)) for party, its in groupby(mails, key=lambda mail: mail.party)],
        names={party.id: party.name for party in parties or ()},
        held=held,
    )


def _preview(plan: Plan, after: int, mail_id: str = "") -> PreviewRelease:
    return PreviewRelease(plan.edition_id, after + 1, tuple(p.session for p in plan.sessions), mail_id)


async def mails_of(request: Request, plan: Plan, after: int) -> PreviewedRelease | None:
    """Return what the release would send; None of one that is out, or too large to be written twice."""
    if plan.release or len(plan.sessions) > PREVIEWED:
        return None
    return await answer_or_none(request, _preview(plan, after))


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise
