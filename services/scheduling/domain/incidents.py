"""What incidents make of an edition and its registrations: the same values, as they are from now on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import singledispatch

from services.contracts.causes import (
    Cause,
    HealthRule,
    Incident,
    Lockdown,
    SchoolCancels,
    SchoolClosed,
    SnowDay,
    TeamAway,
    VehicleDown,
)
from services.contracts.values import Activity, Edition, Group, HalfDay, School, Team
from services.scheduling.domain.demand import Basis, Registered, session_id


def in_force(basis: Basis, incidents: Iterable[Incident]) -> Basis:
    """Return the basis with every incident that was not withdrawn taken into account, in the order given."""
    for incident in incidents:
        if incident.withdrawn_at is None:
            basis = _apply(incident.cause, basis, incident)
    return basis


def half_days_from(edition: Edition, since: HalfDay, until: HalfDay | None = None) -> tuple[HalfDay, ...]:
    """Return the half-days of the edition's action days from one on, to another (included) or to the end."""
    return tuple(h for h in edition.half_days if since <= h and (until is None or h <= until))


@singledispatch
def _apply(cause: Cause, basis: Basis, incident: Incident) -> Basis:
    raise TypeError(f"no rule for {type(cause).__name__}")


@_apply.register
def _(cause: SchoolClosed, basis: Basis, incident: Incident) -> Basis:
    return _with_schools(basis, lambda s: _closed(s, cause.half_days) if s.id == cause.school_id else s)


@_apply.register
def _(cause: SchoolCancels, basis: Basis, incident: Incident) -> Basis:
    """Groups keep the activities they have lived; one that lived none is no longer planned."""

    def left(group: Group) -> Group:
        return _lived(group, incident.held) if group.school_id == cause.school_id else group

    return _with_groups(basis, lambda groups: map(left, groups))


@_apply.register
def _(cause: TeamAway, basis: Basis, incident: Incident) -> Basis:
    providers = [p for p in basis.edition.providers if p.id == cause.provider_id]
    away = {t.id for p in providers for t in p.teams if cause.team_id in ("", t.id)}
    return _with_teams(basis, lambda t: _absent(t, cause.half_days) if t.id in away else t)


@_apply.register
def _(cause: VehicleDown, basis: Basis, incident: Incident) -> Basis:
    gone = half_days_from(basis.edition, cause.since, cause.until)
    return _with_teams(basis, lambda team: _absent(team, gone) if team.id == cause.team_id else team)


@_apply.register
def _(cause: SnowDay, basis: Basis, incident: Incident) -> Basis:
    venues = tuple(replace(v, closed=_joined(v.closed, cause.half_days)) for v in basis.edition.venues)
    closed = _with_schools(basis, lambda school: _closed(school, cause.half_days))
    return replace(closed, edition=replace(basis.edition, venues=venues))


@_apply.register
def _(cause: Lockdown, basis: Basis, incident: Incident) -> Basis:
    """Programmes begun before go on after it, however long it lasts: no longest delay holds any more."""
    edition = basis.edition
    days = sorted({day for day in edition.action_days if day < cause.since} | set(cause.days))
    last = max(edition.last_day, cause.ends)
    patient = _with_activities(edition, lambda a: replace(a, delay=replace(a.delay, max_days=None)))
    return replace(basis, edition=replace(patient, action_days=tuple(days), last_day=last))


@_apply.register
def _(cause: HealthRule, basis: Basis, incident: Incident) -> Basis:
    def ruled(activity: Activity) -> Activity:
        venue = "school" if cause.at_school else activity.venue
        return replace(activity, turnover=max(activity.turnover, cause.cleaning), venue=venue)

    ruled_basis = replace(basis, edition=_with_activities(basis.edition, ruled))
    return _with_groups(ruled_basis, lambda groups: _small_enough(groups, cause, incident.held))


def _small_enough(groups: Sequence[Group], rule: HealthRule, held: Sequence[str]) -> list[Group]:
    """A class with a group that is too large waits whole, for its groups live their activities after one another."""
    waiting = {class_id for group in rule.too_large(groups) for class_id in group.class_ids}
    return [_lived(group, held) if waiting & set(group.class_ids) else group for group in groups]


def _with_activities(edition: Edition, change: Callable[[Activity], Activity]) -> Edition:
    programmes = (replace(p, activities=tuple(map(change, p.activities))) for p in edition.programmes)
    return replace(edition, programmes=tuple(programmes))


def _lived(group: Group, held: Sequence[str]) -> Group:
    return replace(group, activities=tuple(a for a in group.activities if session_id(group, a) in held))


def _closed(school: School, half_days: Iterable[HalfDay]) -> School:
    return replace(school, closed=_joined(school.closed, half_days))


def _absent(team: Team, half_days: Iterable[HalfDay]) -> Team:
    return replace(team, absences=_joined(team.absences, half_days))


def _joined(known: tuple[HalfDay, ...], more: Iterable[HalfDay]) -> tuple[HalfDay, ...]:
    return (*known, *(half_day for half_day in more if half_day not in known))


def _with_schools(basis: Basis, change: Callable[[School], School]) -> Basis:
    return replace(basis, registered=tuple(replace(one, school=change(one.school)) for one in basis.registered))


def _with_groups(basis: Basis, change: Callable[[Sequence[Group]], Iterable[Group]]) -> Basis:
    """Groups that have nothing left to attend are no longer planned."""

    def changed(one: Registered) -> Registered:
        return replace(one, groups=tuple(group for group in change(one.groups) if group.activities))

    return replace(basis, registered=tuple(map(changed, basis.registered)))


def _with_teams(basis: Basis, change: Callable[[Team], Team]) -> Basis:
    providers = (replace(p, teams=tuple(map(change, p.teams))) for p in basis.edition.providers)
    return replace(basis, edition=replace(basis.edition, providers=tuple(providers)))
