"""Repositories on SQLAlchemy's core, and the transaction that holds them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from services.contracts.causes import Incident
from services.contracts.codec import dumps, loads
from services.contracts.errors import Problem, refused
from services.contracts.outcomes import Outcome
from services.contracts.rpc import Choice, Display, Job, Point, Theme, Tried
from services.contracts.values import Busy, Edition, GivenPermission, PermissionKind, PermissionLevel, Session
from services.kit.application import Context
from services.kit.application import Transaction as KitTransaction
from services.kit.clock import Clock
from services.kit.database import insert_new
from services.kit.messages import MessageTables
from services.scheduling.adapters import tables as t
from services.scheduling.domain.demand import Basis, Registered
from services.scheduling.domain.outcomes import Outcomes
from services.scheduling.domain.permissions import Permissions
from services.scheduling.domain.plan import Answer, Answers, Listed, Pin, Proposal, Refusal, Release
from services.scheduling.domain.problem import Placement

LISTED = 40
"""Proposals that a list shows at most."""
read_registered = functools.lru_cache(maxsize=1024)(functools.partial(loads, Registered))
read_plan = functools.lru_cache(maxsize=16)(loads)
"""Read texts that are asked for again and again while a plan is worked on: the same text is the same frozen value."""


class SchedulingTransaction(KitTransaction):
    """A transaction of the scheduling service."""

    def __init__(self, connection: sa.Connection, messages: MessageTables, clock: Clock, context: Context) -> None:
        super().__init__(connection, messages, clock, context)
        self.editions = EditionTable(connection)
        self.registrations = RegistrationTable(connection)
        self.incidents = IncidentTable(connection)
        self.jobs = JobTable(connection)
        self.proposals = ProposalTable(connection)
        self.pins = PinTable(connection)
        self.releases = ReleaseTable(connection)
        self.answers = AnswerTable(connection)
        self.outcomes = OutcomeTable(connection)
        self.displays = DisplayTable(connection)
        self.permissions = PermissionTable(connection)
        self.busy_times = BusyTimeTable(connection)


class EditionTable:
    """Editions as last opened."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, edition_id: str) -> Edition:
        """Return an edition. Raises Refused (``unknown_edition``)."""
        edition = self.find(edition_id)
        if edition is None:
            raise refused("unknown_edition", edition=edition_id)
        return edition

    def find(self, edition_id: str) -> Edition | None:
        """Return an edition, None when there is none of this id."""
        text = self._connection.execute(sa.select(t.editions.c.edition).where(t.editions.c.id == edition_id)).scalar()
        return loads(Edition, text) if text else None

    def all(self) -> tuple[Edition, ...]:
        """Return every edition, latest first."""
        query = sa.select(t.editions.c.edition).order_by(t.editions.c.first_day.desc(), t.editions.c.id)
        return tuple(loads(Edition, text) for text in self._connection.execute(query).scalars())

    def save(self, edition: Edition) -> None:
        """Create or replace an edition."""
        values = {"first_day": edition.first_day, "edition": dumps(edition)}
        _upsert(self._connection, t.editions, {"id": edition.id}, values)

    def lock(self, edition_id: str) -> None:
        """Keep other transactions from planning or releasing this edition until the end of this one."""
        query = sa.select(t.editions.c.id).where(t.editions.c.id == edition_id).with_for_update()
        if self._connection.execute(query).first() is None:
            raise refused("unknown_edition", edition=edition_id)


class RegistrationTable:
    """What schools registered, as last heard."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> tuple[Registered, ...]:
        """Return an edition's registrations in the order of the schools' ids."""
        table = t.registrations
        query = sa.select(table.c.registered).where(table.c.edition_id == edition_id)
        found = (read_registered(text) for text in self._connection.execute(query).scalars())
        return tuple(sorted(found, key=lambda one: one.school.id))  # not by the database: collations differ

    def save(self, edition_id: str, registered: Registered) -> None:
        """Create or replace what a school registered."""
        key = {"edition_id": edition_id, "school_id": registered.school.id}
        _upsert(self._connection, t.registrations, key, {"registered": dumps(registered)})


class IncidentTable:
    """Why plans had to change."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> tuple[Incident, ...]:
        """Return an edition's incidents in the order in which they were recorded, the withdrawn ones too."""
        table = t.incidents
        query = sa.select(table.c.incident).where(table.c.edition_id == edition_id)
        found = self._connection.execute(query.order_by(table.c.recorded_at, table.c.id)).scalars()
        return tuple(loads(Incident, text) for text in found)

    def find(self, edition_id: str, incident_id: str) -> Incident | None:
        """Return an incident, None when there is none of this id."""
        which = (t.incidents.c.edition_id == edition_id, t.incidents.c.id == incident_id)
        text = self._connection.execute(sa.select(t.incidents.c.incident).where(*which)).scalar()
        return loads(Incident, text) if text else None

    def save(self, incident: Incident) -> None:
        """Create or replace an incident."""
        values = {"recorded_at": incident.recorded_at, "incident": dumps(incident)}
        _upsert(self._connection, t.incidents, {"edition_id": incident.edition_id, "id": incident.id}, values)


class JobTable:
    """Solves asked for."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, job: Job, seed: int) -> None:
        """Keep a new job."""
        self._connection.execute(sa.insert(t.jobs).values(seed=seed, **_job_row(job)))

    def get(self, job_id: str) -> Job:
        """Return a job. Raises Refused (``unknown_job``)."""
        return self._one(sa.select(t.jobs).where(t.jobs.c.id == job_id))

    def lock(self, job_id: str) -> Job:
        """Return a job, kept from other transactions until the end of this one. Raises Refused (``unknown_job``)."""
        return self._one(sa.select(t.jobs).where(t.jobs.c.id == job_id).with_for_update())

    def of(self, edition_id: str) -> tuple[Job, ...]:
        """Return an edition's jobs, latest first."""
        order = (t.jobs.c.created_at.desc(), t.jobs.c.id)
        query = sa.select(t.jobs).where(t.jobs.c.edition_id == edition_id).order_by(*order)
        return tuple(_job(row) for row in self._connection.execute(query))

    def active(self, edition_id: str) -> bool:
        """Whether a job of this edition is queued or running."""
        query = sa.select(t.jobs.c.id).where(
            t.jobs.c.edition_id == edition_id, t.jobs.c.state.in_(("queued", "running"))
        )
        return self._connection.execute(query).first() is not None

    def save(self, job: Job) -> None:
        """Replace a job."""
        self._connection.execute(sa.update(t.jobs).where(t.jobs.c.id == job.id).values(_job_row(job)))

    def claim(self, worker: str, now: dt.datetime) -> tuple[Job, int] | None:
        """Make the oldest queued job this worker's and return it, running, with its seed; None when none is queued."""
        order = (t.jobs.c.created_at, t.jobs.c.id)
        query = sa.select(t.jobs).where(t.jobs.c.state == "queued").order_by(*order).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        claimed = {"state": "running", "worker": worker, "heard_at": now, "starts": row.starts + 1}
        self._connection.execute(sa.update(t.jobs).where(t.jobs.c.id == row.id).values(claimed))
        return dataclasses.replace(_job(row), state="running", starts=row.starts + 1), row.seed

    def hold(self, job_id: str, worker: str, now: dt.datetime) -> Job | None:
        """Say that the worker is still at it and return the job; None when it no longer runs, or is another's."""
        mine = (t.jobs.c.id == job_id, t.jobs.c.state == "running", t.jobs.c.worker == worker)
        if self._connection.execute(sa.update(t.jobs).where(*mine).values(heard_at=now)).rowcount != 1:
            return None
        return self.get(job_id)

    def requeue_abandoned(self, before: dt.datetime) -> int:
        """Queue running jobs again of which no worker has spoken since; return how many."""
        return self._requeue(t.jobs.c.heard_at < before)

    def release(self, worker: str) -> None:
        """Queue again what this worker holds."""
        self._requeue(t.jobs.c.worker == worker)

    def _one(self, query: sa.Select[Any]) -> Job:
        row = self._connection.execute(query).first()
        if row is None:
            raise refused("unknown_job")
        return _job(row)

    def _requeue(self, which: sa.ColumnElement[bool]) -> int:
        query = sa.update(t.jobs).where(t.jobs.c.state == "running", which)
        return self._connection.execute(query.values(state="queued", worker=None, phase="")).rowcount


class ProposalTable:
    """Plans that passed the checker."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, proposal: Proposal) -> None:
        """Keep a new proposal."""
        row = {f.name: getattr(proposal, f.name) for f in dataclasses.fields(proposal)}
        basis = dumps(proposal.basis)
        digest = hashlib.sha256(basis.encode()).hexdigest()
        insert_new(self._connection, t.bases, edition_id=proposal.edition_id, digest=digest, basis=basis)
        texts = {"cost": dumps(proposal.cost), "basis": digest, "placements": dumps(proposal.placements)}
        self._connection.execute(sa.insert(t.proposals).values({**row, **texts}))

    def get(self, edition_id: str, proposal_id: str) -> Proposal:
        """Return a proposal. Raises Refused (``unknown_proposal``)."""
        which = (*_kept_of(edition_id), t.proposals.c.id == proposal_id)
        bases = (t.bases.c.edition_id == t.proposals.c.edition_id) & (t.bases.c.digest == t.proposals.c.basis)
        query = sa.select(t.proposals, t.bases.c.basis.label("made_of")).join(t.bases, bases)
        row = self._connection.execute(query.where(*which)).first()
        if row is None:
            raise refused("unknown_proposal")
        return Proposal(
            id=row.id,
            edition_id=row.edition_id,
            made_at=row.made_at,
            inputs=row.inputs,
            basis=read_plan(Basis, row.made_of),
            placements=read_plan(tuple[Placement, ...], row.placements),
            status=row.status,
            cost=loads(dict[str, int], row.cost),
            bound=row.bound,
            question=row.question,
            seed=row.seed,
            steps=row.steps,
            made_by=row.made_by,
            made_from=row.made_from,
            moved=row.moved,
        )

    def of(self, edition_id: str) -> tuple[Listed, ...]:
        """Return an edition's latest proposals, latest first, without those given up."""
        wanted = ("id", "made_at", "inputs", "placements", "cost", "status", "made_from")
        query = sa.select(*(t.proposals.c[name] for name in wanted)).where(*_kept_of(edition_id))
        rows = self._connection.execute(query.order_by(t.proposals.c.made_at.desc(), t.proposals.c.id).limit(LISTED))
        return tuple(_listed(row) for row in rows)

    def discard(self, edition_id: str, proposal_id: str, now: dt.datetime) -> None:
        """Give a proposal up."""
        this = (*_kept_of(edition_id), t.proposals.c.id == proposal_id)
        self._connection.execute(sa.update(t.proposals).where(*this).values(discarded_at=now))

    def drawn_from(self, proposal_id: str) -> str:
        """Return the id of the latest draft made by hand from a proposal, empty when there is none."""
        kept = t.proposals.c.discarded_at.is_(None)
        query = sa.select(t.proposals.c.id).where(t.proposals.c.made_from == proposal_id, kept)
        order = (t.proposals.c.made_at.desc(), t.proposals.c.id)
        return self._connection.execute(query.order_by(*order).limit(1)).scalar() or ""


def _kept_of(edition_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return t.proposals.c.edition_id == edition_id, t.proposals.c.discarded_at.is_(None)


def _listed(row: Any) -> Listed:
    return Listed(
        id=row.id,
        made_at=row.made_at,
        inputs=row.inputs,
        placed=len(loads(tuple[Placement, ...], row.placements)),
        points=sum(loads(dict[str, int], row.cost).values()),
        optimal=row.status == "optimal",
        made_from=row.made_from,
    )


class PinTable:
    """Sessions that the organiser fixed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> tuple[Pin, ...]:
        """Return an edition's pins in the order of the sessions' ids."""
        query = sa.select(t.pins.c.pin).where(t.pins.c.edition_id == edition_id)
        found = (loads(Pin, text) for text in self._connection.execute(query).scalars())
        return tuple(sorted(found, key=lambda pin: pin.placement.demand_id))

    def save(self, edition_id: str, pin: Pin) -> None:
        """Keep a pin in place of the one its session had."""
        key = {"edition_id": edition_id, "session_id": pin.placement.demand_id}
        _upsert(self._connection, t.pins, key, {"pin": dumps(pin)})

    def remove(self, edition_id: str, session_id: str) -> None:
        """Forget a session's pin, if it has one."""
        which = (t.pins.c.edition_id == edition_id, t.pins.c.session_id == session_id)
        self._connection.execute(sa.delete(t.pins).where(*which))


class ReleaseTable:
    """Plans that were sent out."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, release: Release) -> None:
        """Keep a new release."""
        row = {f.name: getattr(release, f.name) for f in dataclasses.fields(release)}
        texts = {name: dumps(row[name]) for name in ("sessions", "changes")}
        self._connection.execute(sa.insert(t.releases).values({**row, **texts}))

    def get(self, edition_id: str, number: int) -> Release:
        """Return a release. Raises Refused (``unknown_release``)."""
        which = (t.releases.c.edition_id == edition_id, t.releases.c.number == number)
        row = self._connection.execute(sa.select(t.releases).where(*which)).first()
        if row is None:
            raise refused("unknown_release", release=number)
        return _release(row)

    def current(self, edition_id: str) -> Release | None:
        """Return the latest release."""
        query = self._latest_first(edition_id).limit(1)
        row = self._connection.execute(query).first()
        return _release(row) if row else None

    def of(self, edition_id: str) -> tuple[Release, ...]:
        """Return an edition's releases, latest first."""
        return tuple(_release(row) for row in self._connection.execute(self._latest_first(edition_id)))

    def made_from(self, proposal_id: str) -> Release | None:
        """Return the release that a proposal became."""
        row = self._connection.execute(sa.select(t.releases).where(t.releases.c.proposal_id == proposal_id)).first()
        return _release(row) if row else None

    def _latest_first(self, edition_id: str) -> sa.Select[Any]:
        return sa.select(t.releases).where(t.releases.c.edition_id == edition_id).order_by(t.releases.c.number.desc())


class AnswerTable:
    """The last answer of each party to each session, and every slot that was refused."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> Answers:
        """Return the answers to the sessions of an edition."""
        rows = self._connection.execute(sa.select(t.answers).where(t.answers.c.edition_id == edition_id))
        return Answers(Answer(**row._mapping) for row in rows)

    def refused(self, edition_id: str) -> tuple[Refusal, ...]:
        """Return the slots that someone refused and did not take since, in the order of sessions and time."""
        table = t.refusals
        query = sa.select(table.c.session_id, table.c.start, table.c.party).where(table.c.edition_id == edition_id)
        found = (Refusal(**row._mapping) for row in self._connection.execute(query))
        return tuple(sorted(found, key=lambda refusal: (refusal.session_id, refusal.start, refusal.party)))

    def save(self, answer: Answer) -> None:
        """Keep an answer; one given before the last kept, or on an earlier release, is dropped."""
        row = {f.name: getattr(answer, f.name) for f in dataclasses.fields(answer)}
        key = {name: row.pop(name) for name in ("edition_id", "session_id", "party")}
        last = sa.select(t.answers.c.release, t.answers.c.sequence)
        last = last.where(*(t.answers.c[name] == value for name, value in key.items()))
        known = self._connection.execute(last.with_for_update()).first()
        if known is None or tuple(known) <= (answer.release, answer.sequence):
            _upsert(self._connection, t.answers, key, row)
            self._remember({**key, "start": answer.start}, answer.answer == "declined")

    def _remember(self, slot: dict[str, Any], declined: bool) -> None:
        if declined:
            insert_new(self._connection, t.refusals, **slot)
        else:
            which = (t.refusals.c[name] == value for name, value in slot.items())
            self._connection.execute(sa.delete(t.refusals).where(*which))


class PermissionTable:
    """Permissions as registration tells them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> Permissions:
        """Return what is watched in an edition, and what each school has."""
        watched = sa.select(t.permission_levels.c.levels).where(t.permission_levels.c.edition_id == edition_id)
        levels = self._connection.execute(watched).scalar()
        rows = self._connection.execute(sa.select(t.permissions).where(t.permissions.c.edition_id == edition_id))
        given = {row.school_id: loads(tuple[GivenPermission, ...], row.given) for row in rows}
        return Permissions(loads(dict[PermissionKind, PermissionLevel], levels) if levels else {}, given)

    def set_levels(self, edition_id: str, levels: Mapping[PermissionKind, PermissionLevel]) -> None:
        """Keep the levels in place of those told before."""
        _upsert(self._connection, t.permission_levels, {"edition_id": edition_id}, {"levels": dumps(dict(levels))})

    def set_given(self, edition_id: str, school_id: str, given: tuple[GivenPermission, ...]) -> None:
        """Keep what a school has in place of what was told before."""
        key = {"edition_id": edition_id, "school_id": school_id}
        _upsert(self._connection, t.permissions, key, {"given": dumps(given)})


class OutcomeTable:
    """What became of the sessions."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> Outcomes:
        """Return what became of the sessions of an edition."""
        query = sa.select(t.outcomes.c.outcome).where(t.outcomes.c.edition_id == edition_id)
        return Outcomes(loads(Outcome, text) for text in self._connection.execute(query).scalars())

    def save(self, edition_id: str, outcome: Outcome) -> None:
        """Keep an outcome in place of what was told of the session before."""
        key = {"edition_id": edition_id, "session_id": outcome.session_id}
        _upsert(self._connection, t.outcomes, key, {"outcome": dumps(outcome)})


class BusyTimeTable:
    """When teams are taken, as calendars of their providers said last."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> dict[str, dict[str, tuple[Busy, ...]]]:
        """Return the stretches by provider and team."""
        rows = self._connection.execute(sa.select(t.busy_times).where(t.busy_times.c.edition_id == edition_id))
        return {row.provider_id: loads(dict[str, tuple[Busy, ...]], row.teams) for row in rows}

    def save(self, edition_id: str, provider_id: str, teams: Mapping[str, tuple[Busy, ...]]) -> None:
        """Keep a provider's in place of those told before."""
        mine = t.busy_times.c.edition_id == edition_id, t.busy_times.c.provider_id == provider_id
        self._connection.execute(sa.delete(t.busy_times).where(*mine))
        if teams:
            row = {"edition_id": edition_id, "provider_id": provider_id, "teams": dumps(teams)}
            self._connection.execute(sa.insert(t.busy_times).values(row))


class DisplayTable:
    """How editions are shown."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, edition_id: str) -> Display:
        """Return how an edition is shown."""
        query = sa.select(t.displays.c.display).where(t.displays.c.edition_id == edition_id)
        text = self._connection.execute(query).scalar()
        return loads(Display, text) if text else Display(edition_id)

    def save(self, display: Display) -> None:
        """Create or replace how an edition is shown."""
        _upsert(self._connection, t.displays, {"edition_id": display.edition_id}, {"display": dumps(display)})

    def theme(self) -> Theme:
        """Return how all pages look."""
        text = self._connection.execute(sa.select(t.theme.c.theme)).scalar()
        return loads(Theme, text) if text else Theme()

    def save_theme(self, theme: Theme) -> None:
        """Replace how all pages look."""
        _upsert(self._connection, t.theme, {"id": 1}, {"theme": dumps(theme)})


def _upsert(connection: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    which = [table.c[name] == value for name, value in key.items()]
    if not connection.execute(sa.update(table).where(*which).values(values)).rowcount:
        connection.execute(sa.insert(table).values({**key, **values}))


def _job_row(job: Job) -> dict[str, Any]:
    row = {f.name: getattr(job, f.name) for f in dataclasses.fields(job)}
    texts = {"choices": dumps(job.choices), "curve": dumps(job.curve)}
    texts |= {name: dumps(row[name]) if row[name] else "" for name in ("reason", "tried")}
    return {**row, **texts}


def _job(row: Any) -> Job:
    values = {f.name: row._mapping[f.name] for f in dataclasses.fields(Job)}
    reason = loads(Problem, row.reason) if row.reason else None
    read = {"choices": loads(tuple[Choice, ...], row.choices), "curve": loads(tuple[Point, ...], row.curve)}
    return Job(**{**values, "reason": reason, "tried": loads(Tried, row.tried) if row.tried else None, **read})


def _release(row: Any) -> Release:
    return Release(
        edition_id=row.edition_id,
        number=row.number,
        proposal_id=row.proposal_id,
        released_at=row.released_at,
        sessions=read_plan(tuple[Session, ...], row.sessions),
        changes=loads(dict[str, int], row.changes),
    )
