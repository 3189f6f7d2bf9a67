"""Incidents: why a released plan has to change, recorded with who, when and why, and taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import singledispatch

from services.contracts import rpc
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
from services.contracts.errors import refused
from services.contracts.events import EditionOpened
from services.contracts.values import HalfDay
from services.scheduling.domain.demand import Basis
from services.scheduling.domain.edition import action_days
from services.scheduling.handlers.editions import basis_of
from services.scheduling.ports import SchoolCalendar, Transaction

LONGEST_WHY = 500
LONGEST_CLEANING = 240
"""Minutes."""
LARGEST_GROUP = 99
"""Pupils."""


def report_incident(request: rpc.ReportIncident, tx: Transaction, *, calendar: SchoolCalendar) -> Incident:
    """Record an incident; the same key again answers with what was recorded first."""
    tx.editions.lock(request.edition_id)
    known = tx.incidents.find(request.edition_id, request.key)
    if known:
        return known
    if len(request.why) > LONGEST_WHY:
        raise refused("incident_why", limit=LONGEST_WHY)
    before = basis_of(tx, request.edition_id)
    _refuse_wrong(request.cause, before)
    cause = _completed(request.cause, before, calendar)
    held = _held(tx, request.edition_id, cause)
    incident = Incident(request.key, request.edition_id, cause, tx.now, request.by, request.why.strip(), held)
    tx.incidents.save(incident)
    _tell(tx, before)
    return incident


def withdraw_incident(request: rpc.WithdrawIncident, tx: Transaction) -> Incident:
    """Say that an incident no longer counts."""
    tx.editions.lock(request.edition_id)
    incident = tx.incidents.find(request.edition_id, request.incident_id)
    if incident is None:
        raise refused("unknown_incident")
    if incident.withdrawn_at:
        return incident
    before = basis_of(tx, request.edition_id)
    withdrawn = replace(incident, withdrawn_at=tx.now)
    tx.incidents.save(withdrawn)
    _tell(tx, before)
    return withdrawn


def list_incidents(request: rpc.ListIncidents, tx: Transaction) -> tuple[Incident, ...]:
    """Incidents of an edition, latest first."""
    tx.editions.get(request.edition_id)
    return tuple(reversed(tx.incidents.of(request.edition_id)))


def _tell(tx: Transaction, before: Basis) -> None:
    """Tell the edition again when the incident changed it."""
    edition = basis_of(tx, before.edition.id).edition
    if edition != before.edition:
        tx.emit(EditionOpened(edition))


def _held(tx: Transaction, edition_id: str, cause: Cause) -> tuple[str, ...]:
    """Return the sessions that a school has lived before it cancels, or every school before groups become smaller."""
    release = tx.releases.current(edition_id)
    if release is None:
        return ()
    noon = tx.editions.get(edition_id).noon
    if isinstance(cause, SchoolCancels):
        before = [s for s in release.sessions if s.school_id == cause.school_id]
        return tuple(s.id for s in before if HalfDay.of(s.start, noon) < cause.since)
    if isinstance(cause, HealthRule) and cause.largest:
        return tuple(s.id for s in release.sessions if HalfDay.of(s.start, noon).day < cause.since)
    return ()


def _completed(cause: Cause, basis: Basis, calendar: SchoolCalendar) -> Cause:
    """Return the cause with the action days of its new period, where it opens one."""
    if not isinstance(cause, Lockdown):
        return cause
    off = calendar.days_off(cause.resumes, cause.ends, basis.edition.school_zone)
    days = action_days(cause.resumes, cause.ends, off | set(basis.edition.closed_days))
    if not days:
        raise refused("incident_no_new_day", first=cause.resumes, last=cause.ends)
    return replace(cause, days=days)


@singledispatch
def _refuse_wrong(cause: Cause, basis: Basis) -> None:
    """Raise Refused when the cause names what the edition does not have."""
    raise TypeError(f"no check for {type(cause).__name__}")


@_refuse_wrong.register
def _(cause: SchoolClosed, basis: Basis) -> None:
    _refuse_unknown_school(basis, cause.school_id)
    _refuse_half_days(basis, cause.half_days)


@_refuse_wrong.register
def _(cause: SchoolCancels, basis: Basis) -> None:
    _refuse_unknown_school(basis, cause.school_id)
    _refuse_day(basis, cause.since.day)


@_refuse_wrong.register
def _(cause: TeamAway, basis: Basis) -> None:
    teams = {provider.id: {team.id for team in provider.teams} for provider in basis.edition.providers}
    if cause.provider_id not in teams:
        raise refused("incident_provider", provider=cause.provider_id)
    if cause.team_id and cause.team_id not in teams[cause.provider_id]:
        raise refused("incident_team", team=cause.team_id)
    _refuse_half_days(basis, cause.half_days)


@_refuse_wrong.register
def _(cause: VehicleDown, basis: Basis) -> None:
    if cause.team_id not in {team.id for provider in basis.edition.providers for team in provider.teams}:
        raise refused("incident_team", team=cause.team_id)
    _refuse_day(basis, cause.since.day)
    if cause.until and cause.until < cause.since:
        raise refused("incident_order", day=cause.since.day)


@_refuse_wrong.register
def _(cause: SnowDay, basis: Basis) -> None:
    _refuse_half_days(basis, cause.half_days)


@_refuse_wrong.register
def _(cause: Lockdown, basis: Basis) -> None:
    _refuse_day(basis, cause.since)
    if cause.resumes <= cause.since:
        raise refused("incident_order", day=cause.since)
    if cause.ends < cause.resumes:
        raise refused("incident_order", day=cause.resumes)


@_refuse_wrong.register
def _(cause: HealthRule, basis: Basis) -> None:
    _refuse_day(basis, cause.since)
    if not 0 <= cause.cleaning <= LONGEST_CLEANING:
        raise refused("incident_cleaning", limit=LONGEST_CLEANING)
    if not 0 <= cause.largest <= LARGEST_GROUP:
        raise refused("incident_largest", limit=LARGEST_GROUP)
    if not cause.cleaning and not cause.at_school and not cause.largest:
        raise refused("incident_no_rule")


def _refuse_unknown_school(basis: Basis, school_id: str) -> None:
    if school_id not in {one.school.id for one in basis.registered}:
        raise refused("incident_school", school=school_id)


def _refuse_half_days(basis: Basis, half_days: tuple[HalfDay, ...]) -> None:
    if not half_days:
        raise refused("incident_no_half_day")
    for half_day in half_days:
        _refuse_day(basis, half_day.day)


def _refuse_day(basis: Basis, day: dt.date) -> None:
    if day not in basis.edition.action_days:
        raise refused("incident_not_action_day", day=day)
