"""Plans being computed and plans proposed. Nothing leaves the house before a release."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    CancelJob,
    GetDemand,
    GetJob,
    GetPlan,
    ListJobs,
    ListReleases,
    ProposePlan,
    StopJob,
)
from services.portal.views.organiser.board import board_on
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of

LONGEST = 3600
"""Seconds a solve may be asked to last."""


async def jobs(request: Request) -> Response:
    """Start a solve; see those made."""
    return await _show_jobs(request)


async def propose(request: Request) -> Response:
    """Start a solve in the background."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    seconds = form.text("seconds")
    if not (seconds.isascii() and seconds.isdigit() and 1 <= int(seconds[:6]) <= LONGEST):
        sentence = _("Indiquez une durée de 1 à {limit} secondes, en chiffres.", limit=LONGEST)
        return await _show_jobs(request, [FieldError(sentence, "seconds")], seconds)
    try:
        started = await ask(request, ProposePlan(id_, float(seconds), several=bool(form.text("several"))))
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: "seconds" if problem.code == "job_seconds" else "")
        return await _show_jobs(request, errors, seconds)
    return go(request, "job", edition=id_, job=started.id)


async def job(request: Request) -> Response:
    """How far a solve is, and what there is to choose from."""
    return await _show_job(request)


async def end(request: Request) -> Response:
    """End a solve: keep its best plan, or give it up."""
    _, id_ = words_of(request), request.path_params["job"]
    keep = form_of(request).text("action") == "keep"
    try:
        await ask(request, StopJob(id_) if keep else CancelJob(id_))
    except Refused as refusal:
        return await _show_job(request, sentences(request, refusal))
    done = _("Le calcul s’arrête et garde son meilleur plan.") if keep else _("Le calcul est abandonné.")
    return go(request, "job", done, edition=request.path_params["edition"], job=id_)


async def proposal(request: Request) -> Response:
    """A proposed plan: what it costs, what it breaks, what it leaves out, and its board."""
    id_, proposal_id = request.path_params["edition"], request.path_params["proposal"]
    edition, plan = await asyncio.gather(edition_of(request), ask(request, GetPlan(id_, proposal_id=proposal_id)))
    view = request.query_params.get("vue", "")
    return show(
        request,
        "organiser/proposal.html",
        edition=edition,
        plan=plan,
        view=view,
        **await board_on(request, edition, plan),
    )


async def _show_job(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    edition, found, releases = await asyncio.gather(
        edition_of(request),
        ask(request, GetJob(request.path_params["job"])),
        ask(request, ListReleases(request.path_params["edition"])),
    )
    return show(
        request,
        "organiser/job.html",
        409 if errors else 200,
        errors,
        edition=edition,
        job=found,
        running=found.state in ("queued", "running"),
        released={release.proposal_id: release.number for release in releases},
    )


async def _show_jobs(request: Request, errors: Sequence[FieldError] = (), seconds: str = "") -> Response:
    id_ = request.path_params["edition"]
    edition, demand, found, releases = await asyncio.gather(
        edition_of(request),
        answer_or_none(request, GetDemand(id_)),
        ask(request, ListJobs(id_)),
        ask(request, ListReleases(id_)),
    )
    return show(
        request,
        "organiser/jobs.html",
        422 if errors else 200,
        errors,
        edition=edition,
        demand=demand,
        jobs=found,
        released={release.proposal_id: release.number for release in releases},
        seconds=seconds or f"{request.app.state.settings.solver_seconds:.0f}",
    )
