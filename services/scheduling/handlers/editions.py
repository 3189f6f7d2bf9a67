"""Editions, and what there is to plan for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened
from services.contracts.values import Edition
from services.scheduling.domain.busy import with_busy
from services.scheduling.domain.constraints import refused
from services.scheduling.domain.demand import Basis, build, fingerprint
from services.scheduling.domain.edition import read_edition
from services.scheduling.domain.explain.labels import labels_of_basis
from services.scheduling.domain.history import (
    first_open_day,
    first_open_minute,
    is_sayable,
    moves_by_school,
    unbarred,
    with_history,
    with_pins,
)
from services.scheduling.domain.incidents import in_force
from services.scheduling.domain.pinned import clash, fixed_too
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.rules import HOLDS_BACK, level_of
from services.scheduling.ports import SchoolCalendar, Transaction


def open_edition(request: rpc.OpenEdition, tx: Transaction, *, calendar: SchoolCalendar) -> Edition:
    """Create or replace an edition from its file; the same again changes nothing. Incidents recorded still count."""
    edition = read_edition(request.file, request.text, calendar.days_off)
    known = tx.editions.find(edition.id)
    if known and not edition.priorities:
        edition = replace(edition, priorities=known.priorities)
    _save(edition, known, tx)
    return edition


def set_priorities(request: rpc.SetPriorities, tx: Transaction) -> Edition:
    """Say which schools come first, on waiting lists and in plans."""
    tx.editions.lock(request.edition_id)
    known = tx.editions.get(request.edition_id)
    edition = replace(known, priorities=tuple(dict.fromkeys(request.priorities)))
    _save(edition, known, tx)
    return basis_of(tx, edition.id).edition


def _save(edition: Edition, known: Edition | None, tx: Transaction) -> None:
    if edition != known:
        tx.editions.save(edition)
        tx.emit(EditionOpened(basis_of(tx, edition.id).edition))


def list_editions(_request: rpc.ListEditions, tx: Transaction) -> tuple[rpc.EditionSummary, ...]:
    """All editions with the number of their current release."""
    return tuple(_summary(edition, tx) for edition in tx.editions.all())


def get_edition(request: rpc.GetEdition, tx: Transaction) -> Edition:
    """One edition, whole, as incidents have made it."""
    return basis_of(tx, request.edition_id).edition


def get_demand(request: rpc.GetDemand, tx: Transaction) -> rpc.Demand:
    """What there is to place."""
    basis = basis_of(tx, request.edition_id)
    problem = build(basis)
    planned = {class_id for group in basis.groups for class_id in group.class_ids}
    every_group = [group for one in basis.registered for group in one.groups]
    return rpc.Demand(
        edition_id=request.edition_id,
        schools=len(basis.registered),
        groups=len(basis.groups),
        sessions=len(problem.demands),
        pupils=sum(each.pupils for one in basis.registered for each in one.classes if each.id in planned),
        open_exceptions=sum(group.undecided for group in every_group),
        inputs=fingerprint(problem),
    )


def basis_of(tx: Transaction, edition_id: str) -> Basis:
    """Return everything a plan for this edition depends on, as known now. Raises Refused (``unknown_edition``)."""
    opened = Basis(tx.editions.get(edition_id), tx.registrations.of(edition_id))
    basis = in_force(opened, tx.incidents.of(edition_id))
    if busy := tx.busy_times.of(edition_id):
        release = tx.releases.current(edition_id)
        basis = with_busy(basis, busy, release.sessions if release else (), first_open_day(basis.edition, tx.now))
    return basis


def problem_of(tx: Transaction, basis: Basis, asked: dt.date | None = None) -> Problem:
    """Return the problem with what is fixed, the release in force, the past as it was held, and what was refused."""
    edition_id = basis.edition.id
    problem = with_pins(build(basis), tx.pins.of(edition_id))
    release = tx.releases.current(edition_id)
    if release is None:
        return problem
    released = tx.proposals.get(edition_id, release.proposal_id).placements
    open_from = first_open_day(basis.edition, tx.now, asked)
    answers, refusals = tx.answers.of(edition_id), tx.answers.refused(edition_id)
    moved = moves_by_school(tx.releases.of(edition_id))
    minute = first_open_minute(basis.edition, tx.now, open_from)
    return with_history(problem, basis.edition, released, release.sessions, answers, open_from, refusals, moved, minute)


def asked_of(tx: Transaction, basis: Basis, asked: dt.date | None = None) -> Problem:
    """Return the problem as a solver is asked it: what was refused may be offered again where the edition says so."""
    problem = problem_of(tx, basis, asked)
    return problem if level_of(refused.RULE, basis.edition.rules) in HOLDS_BACK else unbarred(problem)


def refuse_clash(tx: Transaction, edition_id: str, placement: Placement) -> None:
    """Raise Refused when a session cannot be held there beside what is fixed, whatever is planned around them."""
    basis = basis_of(tx, edition_id)
    problem = asked_of(tx, basis)
    if is_sayable(problem, placement):
        fixed = fixed_too(problem, placement)
        if wrong := clash(fixed, fixed.pins):
            raise Refused(labels_of_basis(basis).named(wrong))


def _summary(edition: Edition, tx: Transaction) -> rpc.EditionSummary:
    release = tx.releases.current(edition.id)
    number = release.number if release else 0
    return rpc.EditionSummary(edition.id, edition.name, edition.first_day, edition.last_day, number)
