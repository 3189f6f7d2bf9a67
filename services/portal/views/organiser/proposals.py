"""Plans being computed and plans proposed. Nothing leaves the house before a release."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    CancelJob,
    CompareReleases,
    DiscardProposal,
    GetDemand,
    GetJob,
    GetPlan,
    ListJobs,
    ListProposals,
    ListReleases,
    Plan,
    ProposePlan,
    StopJob,
    TakeUpProposal,
)
from services.portal.display.board import exact_price
from services.portal.display.comparison import MOST, Column, column_of, lines_of
from services.portal.display.curve import curve_of
from services.portal.views.organiser.board import board_on
from services.portal.views.organiser.editions import edition_of
from services.portal.views.organiser.incidents import incidents_since
from services.portal.views.organiser.releases import mails_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of

LONGEST = 3600
"""Seconds a solve may be asked to last."""
COMPARED = 3
"""Plans side by side, the release in force included."""


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
    edition, plan, releases = await asyncio.gather(
        edition_of(request), ask(request, GetPlan(id_, proposal_id=proposal_id)), ask(request, ListReleases(id_))
    )
    view = request.query_params.get("vue", "")
    return show(
        request,
        "organiser/proposal.html",
        edition=edition,
        plan=plan,
        view=view,
        released=bool(releases),
        since=await incidents_since(request, edition, plan.made_at) if plan.outdated else (),
        **await board_on(request, edition, plan),
    )


async def settle(request: Request) -> Response:
    """Give a proposal up, or take an earlier one up as a draft."""
    _, path = words_of(request), request.path_params
    id_, proposal_id = path["edition"], path["proposal"]
    if form_of(request).text("action") == "take_up":
        draft = await ask(request, TakeUpProposal(id_, proposal_id))
        done = _("La proposition est reprise dans un brouillon : rien n’est envoyé.")
        return go(request, "proposal", done, edition=id_, proposal=draft)
    await ask(request, DiscardProposal(id_, proposal_id))
    return go(request, "jobs", _("La proposition est écartée."), edition=id_)


async def compare(request: Request) -> Response:
    """Up to three plans side by side: those ticked, and the release in force."""
    id_ = request.path_params["edition"]
    edition, releases = await asyncio.gather(edition_of(request), ask(request, ListReleases(id_)))
    current = releases[0].number if releases else 0
    ticked = list(dict.fromkeys(request.query_params.getlist("plan")))[: COMPARED - bool(current)]
    plans = await asyncio.gather(*(ask(request, GetPlan(id_, proposal_id=one)) for one in ticked))
    if current and all(plan.release != current for plan in plans):
        plans = [await ask(request, GetPlan(id_)), *plans]
    return show(
        request,
        "organiser/compare.html",
        edition=edition,
        current=current,
        columns=await asyncio.gather(*(_column(request, plan, current) for plan in plans)),
        lines=lines_of(plans),
        most=MOST,
    )


async def _column(request: Request, plan: Plan, current: int) -> Column:
    if plan.release == current and current:
        return column_of(plan, (), None)
    changes, preview = await asyncio.gather(
        ask(request, CompareReleases(plan.edition_id, current, proposal_id=plan.proposal_id)),
        mails_of(request, plan, current),
    )
    return column_of(plan, changes, len(preview.mails) if preview else None)


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
        curve=curve_of(found),
        exact_price=exact_price,
        running=found.state in ("queued", "running"),
        released={release.proposal_id: release.number for release in releases},
    )


async def _show_jobs(request: Request, errors: Sequence[FieldError] = (), seconds: str = "") -> Response:
    id_ = request.path_params["edition"]
    edition, demand, found, releases, made = await asyncio.gather(
        edition_of(request),
        answer_or_none(request, GetDemand(id_)),
        ask(request, ListJobs(id_)),
        ask(request, ListReleases(id_)),
        ask(request, ListProposals(id_)),
    )
    return show(
        request,
        "organiser/jobs.html",
        422 if errors else 200,
        errors,
        edition=edition,
        demand=demand,
        jobs=found,
        proposals=made,
        released={release.proposal_id: release.number for release in releases},
        seconds=seconds or f"{request.app.state.settings.solver_seconds:.0f}",
    )
