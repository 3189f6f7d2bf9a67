"""The editions, and one edition with what is left to do."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import (
    Demand,
    GetAsking,
    GetDemand,
    GetEdition,
    GetPlan,
    Job,
    ListEditions,
    ListJobs,
    ListRegistrations,
    ListWishes,
    Plan,
    Registration,
)
from services.contracts.values import Edition
from services.kit.i18n import N_
from services.portal.web.pages import answer_or_none, ask, show


async def all_editions(request: Request) -> Response:
    """The organiser's first page."""
    return show(request, "organiser/editions.html", editions=await ask(request, ListEditions()))


async def site_map(request: Request) -> Response:
    """Where everything is, edition by edition."""
    return show(request, "site_map.html", editions=await ask(request, ListEditions()))


async def edition(request: Request) -> Response:
    """One edition at a glance."""
    id_ = request.path_params["edition"]
    found, demand, jobs, plan, known = await asyncio.gather(
        ask(request, GetEdition(id_)),
        answer_or_none(request, GetDemand(id_)),
        ask(request, ListJobs(id_)),
        answer_or_none(request, GetPlan(id_)),
        answer_or_none(request, ListRegistrations(id_)),
    )
    asking, wishes = await asyncio.gather(
        answer_or_none(request, GetAsking(id_)), answer_or_none(request, ListWishes(id_))
    )
    registrations, demand = known or (), demand or Demand(id_, 0, 0, 0, 0, 0, "")
    steps = steps_of(registrations, jobs, plan)
    return show(
        request,
        "organiser/edition.html",
        edition=found,
        demand=demand,
        plan=plan,
        registrations=registrations,
        answers=answers_of(registrations),
        registered=registered_in(registrations),
        deadline=asking.deadline if asking else None,
        open_wishes=sum(one.wish.state == "open" for one in wishes or ()),
        steps=steps,
        next_step=next((step for step in steps if not step.done), None),
    )


async def edition_of(request: Request) -> Edition:
    """Return the edition that the address names."""
    return await ask(request, GetEdition(request.path_params["edition"]))


@dataclass(frozen=True)
class Step:
    """Something the organiser has to do: where, and whether it is done."""

    name: str
    hint: str
    route: str
    done: bool


def steps_of(registrations: tuple[Registration, ...], jobs: tuple[Job, ...], plan: Plan | None) -> list[Step]:
    """Return the way from an empty edition to answers, each step done or not."""
    settled = bool(registrations) and not any(r.exceptions for r in registrations)
    released = plan is not None and not plan.outdated
    proposed = released or bool(jobs and jobs[0].proposal_id and _is_fresh(jobs[0], plan))
    answers = answers_of(registrations)
    return [
        Step(N_("Décrire l’édition"), N_("Dates, parcours et prestataires."), "import", True),
        Step(
            N_("Inscrire les écoles"), N_("Importez la liste des écoles et des classes."), "import", bool(registrations)
        ),
        Step(
            N_("Régler les exceptions"),
            N_("Certaines classes ne se découpent pas selon la règle."),
            "registrations",
            settled,
        ),
        Step(N_("Calculer un plan"), N_("Le calcul propose un plan ; rien n’est envoyé."), "jobs", proposed),
        Step(N_("Publier le plan"), N_("Relisez la proposition, puis publiez-la."), "jobs", released),
        Step(
            N_("Suivre les réponses"),
            N_("Chaque école confirme ou refuse ses séances."),
            "registrations",
            released and bool(answers) and not answers["offered"],
        ),
    ]


@dataclass(frozen=True)
class Registered:
    """All that schools registered."""

    classes: int
    groups: int
    pupils: int
    late: int


def registered_in(registrations: tuple[Registration, ...]) -> Registered:
    """Return the sums over all schools."""
    classes = [each for one in registrations for each in one.classes]
    return Registered(
        len(classes),
        sum(len(one.groups) for one in registrations),
        sum(each.pupils for each in classes),
        sum(one.late for one in registrations),
    )


def answers_of(registrations: tuple[Registration, ...]) -> Counter[str]:
    """Return how many sessions have which answer, over all schools."""
    return sum((Counter(r.answers) for r in registrations), Counter())


def _is_fresh(job: Job, plan: Plan | None) -> bool:
    """Whether the latest job came after the plan in force; its own page says if it is outdated."""
    return plan is None or (job.proposal_id != plan.proposal_id and job.created_at > plan.made_at)
