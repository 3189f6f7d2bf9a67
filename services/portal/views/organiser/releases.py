"""Releases: who will be told of what, the release itself, and what changed between any two."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import CompareReleases, GetPlan, ListReleases, NamedChange, ReleasePlan, RestoreRelease
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def confirm(request: Request) -> Response:
    """Who will be told of what, before anything is sent."""
    return await _show_confirmation(request)


async def release(request: Request) -> Response:
    """Make the proposal the next release."""
    _, id_, after = words_of(request), request.path_params["edition"], form_of(request).text("after")
    question = ReleasePlan(
        id_, request.path_params["proposal"], int(after) if after.isascii() and after.isdigit() else 0
    )
    try:
        made = await ask(request, question)
    except Refused as refusal:
        return await _show_confirmation(request, sentences(request, refusal))
    done = _("La version {number} est publiée : les courriels partent.", number=made.number)
    return go(request, "plan", done, edition=id_)


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


async def _show_confirmation(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    id_, proposal_id = request.path_params["edition"], request.path_params["proposal"]
    edition, plan, releases = await asyncio.gather(
        edition_of(request), ask(request, GetPlan(id_, proposal_id=proposal_id)), ask(request, ListReleases(id_))
    )
    after = releases[0].number if releases else 0
    changes = await ask(request, CompareReleases(id_, after, proposal_id=proposal_id))
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
        told_providers=_providers(changes),
        told_schools=Counter(named.school_name for named in changes),
    )


def _providers(changes: Sequence[NamedChange]) -> Counter[str]:
    """Count the changes each provider will hear of: both, when a session passes from one to another."""
    return Counter(name for named in changes for name in {named.provider_before, named.provider_after} if name)


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise
