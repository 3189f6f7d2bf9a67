"""Who did what, and when, in all services: one page, by day, by kind, by school or session."""

from __future__ import annotations

import asyncio
import datetime as dt

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Unavailable
from services.contracts.rpc import Account, Act, GetPlan, ListAccounts, ListActs, ListRegistrations, ListReleases, Plan
from services.contracts.values import Edition
from services.portal.views.health import SERVICES
from services.portal.views.organiser.editions import edition_of
from services.portal.views.organiser.incidents import incidents_since
from services.portal.web.forms import read_day
from services.portal.web.labels import ACTS
from services.portal.web.pages import answer_or_none, ask, show, words_of
from services.portal.web.words import Words


async def journal(request: Request) -> Response:
    """The acts of the edition, latest first."""
    id_, wanted = request.path_params["edition"], request.query_params
    day, kind, about = read_day(wanted.get("jour", "")), wanted.get("quoi", ""), wanted.get("sur", "")
    edition, accounts, registrations, plan, releases = await asyncio.gather(
        edition_of(request),
        answer_or_none(request, ListAccounts()),
        answer_or_none(request, ListRegistrations(id_)),
        answer_or_none(request, GetPlan(id_)),
        answer_or_none(request, ListReleases(id_)),
    )
    asked = (ListActs(service, id_, day, kind if kind in ACTS else "", about) for service in SERVICES)
    found = await asyncio.gather(*(_acts(request, question) for question in asked))
    schools = {one.school.id: one.school.name for one in registrations or ()}
    words = words_of(request)
    names = _names(edition, schools, accounts or (), plan)
    names |= {one.id: sentence for one, sentence in await incidents_since(request, edition, EVER)}
    names |= {release.proposal_id: _version(release.number, words) for release in releases or ()}
    acts = sorted((act for acts in found for act in acts), key=lambda act: act.at, reverse=True)
    return show(
        request,
        "organiser/journal.html",
        edition=edition,
        acts=[(act, _actor(act, names, words), _about(act, names, words)) for act in acts],
        schools=schools,
        day=day.isoformat() if day else "",
        kind=kind,
        about=about,
        named=names.get(about, about),
    )


async def _acts(request: Request, question: ListActs) -> tuple[Act, ...]:
    try:
        return await ask(request, question)
    except Unavailable:
        return ()


def _names(
    edition: Edition, schools: dict[str, str], accounts: tuple[Account, ...], plan: Plan | None
) -> dict[str, str]:
    """Return the names of what acts speak of, by id."""
    providers = {provider.id: provider.name for provider in edition.providers}
    teams = {team.id: team.name for provider in edition.providers for team in provider.teams}
    people = {account.id: account.name or account.email for account in accounts}
    held = plan.sessions if plan else ()
    sessions = {p.session.id: f"{p.school_name}, {p.group_name}, {p.activity_name}" for p in held}
    return {**providers, **teams, **people, **sessions, **schools}


def _actor(act: Act, names: dict[str, str], _: Words) -> str:
    kind, _colon, id_ = act.actor.partition(":")
    name = names.get(id_, id_)
    if kind == "school":
        return _("école {name}", name=name)
    if kind == "provider":
        return _("prestataire {name}", name=name)
    if kind == "access":
        return _("programme {name}", name=name)
    if kind == "mail":
        return _("un courriel")
    return name if kind == "account" else _("ligne de commande")


def _about(act: Act, names: dict[str, str], _: Words) -> list[str]:
    """Return the names of the schools, sessions, teams and providers an act speaks of, and the version."""
    told = [id_ for field, ids in act.about.items() if field.endswith(("_id", "_ids")) for id_ in ids.split(" ")]
    known = [names[id_] for id_ in dict.fromkeys(told) if id_ in names]
    versions = [_version(act.about[name], _) for name in ("number", "release") if name in act.about]
    return [*known[:MOST_NAMED], *(["…"] if len(known) > MOST_NAMED else []), *versions]


def _version(number: object, _: Words) -> str:
    return _("version {number}", number=number)


EVER = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
MOST_NAMED = 6
"""Names of one act; confirming a whole fortnight speaks of more sessions than a line holds."""
