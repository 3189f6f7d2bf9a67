"""What changed for the planner since a plan was made: which school, team or venue, and what of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.demand import Basis, build, venue_site
from services.scheduling.domain.problem import Problem


def changes_since(before: Basis, after: Basis) -> tuple[Finding, ...]:
    """Return what changed, each with the ``name`` of what it is about: the edition, teams, venues, schools."""
    old, new = build(before), build(after)
    edition = any(getattr(old, name) != getattr(new, name) for name in ("days", "noon", "lunch", "tasks", "weights"))
    about = Finding("changed_edition", {"name": after.edition.name})
    return tuple(([about] if edition else []) + list(_parts(old, new, {**_names(before), **_names(after)})))


def names_of(changes: Sequence[Finding], otherwise: str) -> str:
    """Return the names of what changed, once each; ``otherwise`` when there is none to tell."""
    return ", ".join(dict.fromkeys(change.facts["name"] for change in changes)) or otherwise


def _parts(old: Problem, new: Problem, names: dict[str, str]) -> Iterator[Finding]:
    for id_ in _changed(_by_id(old.crews), _by_id(new.crews)):
        yield Finding("changed_team", {"name": names[id_]})
    for id_ in _changed(_by_id(old.sites), _by_id(new.sites)):
        yield Finding("changed_hours", {"name": names[id_]})
    for id_ in _changed(_by_home(old), _by_home(new)):
        yield Finding("changed_groups", {"name": names[id_]})


def _changed(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [id_ for id_ in was | now if was.get(id_) != now.get(id_)]


def _by_id(items: Sequence[Any]) -> dict[str, Any]:
    return {item.id: item for item in items}


def _by_home(problem: Problem) -> dict[str, Any]:
    return {site.id: [demand for demand in problem.demands if demand.home == site.id] for site in problem.sites}


def _names(basis: Basis) -> dict[str, str]:
    teams = {team.id: team.name for provider in basis.edition.providers for team in provider.teams}
    venues = {venue_site(venue.id): venue.place.name for venue in basis.edition.venues}
    return {**teams, **venues, **{one.school.id: one.school.name for one in basis.registered}}
