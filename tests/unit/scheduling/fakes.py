"""Solvers and repositories written by hand for the tests of scheduling."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from services.contracts.causes import Incident
from services.contracts.errors import refused
from services.contracts.events import Event
from services.contracts.outcomes import Outcome
from services.contracts.rpc import Display, Job, Theme
from services.contracts.values import Busy, Edition, GivenPermission, PermissionKind, PermissionLevel
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.demand import Registered
from services.scheduling.domain.outcomes import Outcomes
from services.scheduling.domain.permissions import Permissions
from services.scheduling.domain.plan import Answer, Answers, Listed, Pin, Proposal, Refusal, Release
from services.scheduling.domain.problem import Demand, Placement, Problem
from services.scheduling.domain.score import total
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.ports import never

NOW = dt.datetime(2020, 10, 1, 8, 0, tzinfo=dt.timezone.utc)


class FirstFit:
    """Keeps pins, and the baseline where it can, then puts each demand where it first fits; the checker judges."""

    def solve(
        self,
        problem: Problem,
        *,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] = never,
        steps: int | None = None,
    ) -> Solution:
        placed: list[Placement] = list({**{p.demand_id: p for p in problem.pins}, **frozen(problem)}.values())
        held = {placement.demand_id for placement in placed}
        kept = {p.demand_id: p for p in problem.baseline.placements} if problem.baseline else {}
        for demand in _earlier_first(problem):
            if cancelled():
                raise SolverCancelled()
            if demand.id in held:
                continue
            candidates = [kept[demand.id]] if demand.id in kept else []
            for candidate in [*candidates, *_starts(problem, demand)]:
                if not check(problem, [*placed, candidate]):
                    placed.append(candidate)
                    break
            report(Progress("first fit", len(placed), None, None, 0.0))
        unplaced = tuple(d.id for d in problem.demands if d.id not in {p.demand_id for p in placed})
        return Solution(tuple(placed), unplaced, "feasible", total(problem, placed), None)


def _earlier_first(problem: Problem) -> list[Demand]:
    depth: dict[str, int] = {}

    def of(demand_id: str) -> int:
        if demand_id not in depth:
            depth[demand_id] = 1 + max((of(before) for before in problem.demand_by_id[demand_id].after), default=0)
        return depth[demand_id]

    return sorted(problem.demands, key=lambda demand: of(demand.id))


def _starts(problem: Problem, demand: Demand) -> Iterator[Placement]:
    task = problem.task_by_id[demand.task_id]
    for day in problem.days:
        for crew in problem.crews:
            for site in demand.sites:
                for window in problem.site_by_id[site].windows.get(day, ()):
                    for start in range(window.start, window.end - task.duration + 1, 15):
                        yield Placement(demand.id, crew.id, site, day, start)


class Scripted:
    """Answers with what it was given; waits for ``let_go`` first when it is told to hang.

    ``best``: stopped meanwhile, it has a plan already.
    """

    def __init__(
        self, outcome: Solution | SolverFailed | None = None, *, hangs: bool = False, best: bool = False
    ) -> None:
        self.outcome = outcome
        self.has_best = best
        self.let_go = threading.Event()
        self.asked: list[Problem] = []
        if not hangs:
            self.let_go.set()

    def solve(
        self,
        problem: Problem,
        *,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] = never,
        steps: int | None = None,
    ) -> Solution:
        self.asked.append(problem)
        report(Progress("routes", 1, 500.0, 400.0, 0.1))
        while not self.let_go.wait(0.01):
            if cancelled():
                best = FirstFit().solve(problem, seconds=seconds, seed=seed, report=report) if self.has_best else None
                raise SolverCancelled(best)
        if isinstance(self.outcome, SolverFailed):
            raise self.outcome
        if self.outcome is None:
            return FirstFit().solve(problem, seconds=seconds, seed=seed, report=report, cancelled=cancelled)
        return self.outcome


class Run:
    """A solver run under the hand of the test: nothing happens until ``outcome`` is set."""

    version = "by hand 1"

    def __init__(self) -> None:
        self.best: Solution | None = None
        self.progress: Progress | None = None
        self.outcome: Solution | SolverFailed | None = None
        self.problem: Problem | None = None
        self.started = 0
        self.cancelled = False

    def start(self, problem: Problem, *, seconds: float, seed: int, steps: int | None = None) -> None:
        self.problem = problem
        self.seconds, self.steps = seconds, steps
        self.progress = None
        self.started += 1
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True
        self.outcome = SolverCancelled(self.best)

    def take_outcome(self) -> Solution | SolverFailed | None:
        outcome, self.outcome = self.outcome, None
        return outcome


class EditionMemory(dict[str, Edition]):
    """Editions in memory."""

    def find(self, edition_id: str) -> Edition | None:
        return dict.get(self, edition_id)

    def get(self, edition_id: str) -> Edition:  # type: ignore[override]
        if edition_id not in self:
            raise refused("unknown_edition", edition=edition_id)
        return self[edition_id]

    def all(self) -> tuple[Edition, ...]:
        return tuple(sorted(self.values(), key=lambda edition: edition.first_day, reverse=True))

    def save(self, edition: Edition) -> None:
        self[edition.id] = edition

    def lock(self, edition_id: str) -> None:
        self.get(edition_id)


class RegistrationMemory(dict[tuple[str, str], Registered]):
    """Registrations in memory."""

    def of(self, edition_id: str) -> tuple[Registered, ...]:
        return tuple(registered for (edition, _), registered in sorted(self.items()) if edition == edition_id)

    def save(self, edition_id: str, registered: Registered) -> None:
        self[edition_id, registered.school.id] = registered


class IncidentMemory(dict[tuple[str, str], Incident]):
    """Incidents in memory."""

    def of(self, edition_id: str) -> tuple[Incident, ...]:
        mine = (incident for (edition, _), incident in self.items() if edition == edition_id)
        return tuple(sorted(mine, key=lambda incident: (incident.recorded_at, incident.id)))

    def find(self, edition_id: str, incident_id: str) -> Incident | None:
        return dict.get(self, (edition_id, incident_id))

    def save(self, incident: Incident) -> None:
        self[incident.edition_id, incident.id] = incident


class JobMemory:
    """Jobs in memory, with the worker that holds each and when it last spoke."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.seeds: dict[str, int] = {}
        self.held: dict[str, tuple[str, dt.datetime]] = {}

    def add(self, job: Job, seed: int) -> None:
        self.jobs[job.id] = job
        self.seeds[job.id] = seed

    def get(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise refused("unknown_job")
        return self.jobs[job_id]

    lock = get

    def of(self, edition_id: str) -> tuple[Job, ...]:
        mine = (job for job in self.jobs.values() if job.edition_id == edition_id)
        return tuple(sorted(mine, key=lambda job: job.created_at, reverse=True))

    def active(self, edition_id: str) -> bool:
        return any(job.state in ("queued", "running") for job in self.of(edition_id))

    def save(self, job: Job) -> None:
        self.jobs[job.id] = job

    def claim(self, worker: str, now: dt.datetime) -> tuple[Job, int] | None:
        queued = sorted((job for job in self.jobs.values() if job.state == "queued"), key=lambda job: job.created_at)
        if not queued:
            return None
        job = dataclasses.replace(queued[0], state="running", starts=queued[0].starts + 1)
        self.save(job)
        self.held[job.id] = (worker, now)
        return job, self.seeds[job.id]

    def hold(self, job_id: str, worker: str, now: dt.datetime) -> Job | None:
        if self.jobs[job_id].state != "running" or self.held[job_id][0] != worker:
            return None
        self.held[job_id] = (worker, now)
        return self.jobs[job_id]

    def requeue_abandoned(self, before: dt.datetime) -> int:
        return self._requeue(lambda worker, heard_at: heard_at < before)

    def release(self, worker: str) -> None:
        self._requeue(lambda holder, _: holder == worker)

    def _requeue(self, which: Callable[[str, dt.datetime], bool]) -> int:
        found = [job for job in self.jobs.values() if job.state == "running" and which(*self.held[job.id])]
        for job in found:
            self.save(dataclasses.replace(job, state="queued", phase=""))
        return len(found)


class ProposalMemory(dict[str, Proposal]):
    """Proposals in memory."""

    def add(self, proposal: Proposal) -> None:
        self[proposal.id] = proposal

    def get(self, edition_id: str, proposal_id: str) -> Proposal:  # type: ignore[override]
        if proposal_id not in self or self[proposal_id].edition_id != edition_id:
            raise refused("unknown_proposal")
        return self[proposal_id]

    def of(self, edition_id: str) -> tuple[Listed, ...]:
        mine = sorted((p for p in self.values() if p.edition_id == edition_id), key=lambda p: p.made_at, reverse=True)
        return tuple(_listed(proposal) for proposal in mine)

    def discard(self, edition_id: str, proposal_id: str, now: dt.datetime) -> None:
        if self.get(edition_id, proposal_id):
            del self[proposal_id]

    def drawn_from(self, proposal_id: str) -> str:
        drafts = [draft for draft in self.values() if draft.made_from == proposal_id]
        return max(drafts, key=lambda draft: draft.made_at).id if drafts else ""


def _listed(proposal: Proposal) -> Listed:
    points, optimal = sum(proposal.cost.values()), proposal.status == "optimal"
    about = (proposal.id, proposal.made_at, proposal.inputs, len(proposal.placements))
    return Listed(*about, points, optimal, proposal.made_from)


class PinMemory(dict[tuple[str, str], Pin]):
    """Pins in memory."""

    def of(self, edition_id: str) -> tuple[Pin, ...]:
        return tuple(pin for (edition, _), pin in sorted(self.items()) if edition == edition_id)

    def save(self, edition_id: str, pin: Pin) -> None:
        self[edition_id, pin.placement.demand_id] = pin

    def remove(self, edition_id: str, session_id: str) -> None:
        self.pop((edition_id, session_id), None)


class ReleaseMemory(list[Release]):
    """Releases in memory."""

    def add(self, release: Release) -> None:
        self.append(release)

    def get(self, edition_id: str, number: int) -> Release:
        for release in self.of(edition_id):
            if release.number == number:
                return release
        raise refused("unknown_release", release=number)

    def current(self, edition_id: str) -> Release | None:
        return next(iter(self.of(edition_id)), None)

    def made_from(self, proposal_id: str) -> Release | None:
        return next((release for release in self if release.proposal_id == proposal_id), None)

    def of(self, edition_id: str) -> tuple[Release, ...]:
        mine = (release for release in self if release.edition_id == edition_id)
        return tuple(sorted(mine, key=lambda release: release.number, reverse=True))


class AnswerMemory:
    """Answers in memory."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str, str], Answer] = {}
        self.refusals: set[tuple[str, str, str, dt.datetime]] = set()

    def refused(self, edition_id: str) -> tuple[Refusal, ...]:
        mine = {(session, start, party) for edition, session, party, start in self.refusals if edition == edition_id}
        return tuple(Refusal(*each) for each in sorted(mine))

    def of(self, edition_id: str) -> Answers:
        return Answers(answer for answer in self.answers.values() if answer.edition_id == edition_id)

    def save(self, answer: Answer) -> None:
        key = (answer.edition_id, answer.session_id, answer.party)
        known = self.answers.get(key)
        if known is None or (known.release, known.sequence) <= (answer.release, answer.sequence):
            self.answers[key] = answer
            slot = (*key, answer.start)
            (self.refusals.add if answer.answer == "declined" else self.refusals.discard)(slot)


class OutcomeMemory(dict[tuple[str, str], Outcome]):
    """Outcomes in memory."""

    def of(self, edition_id: str) -> Outcomes:
        return Outcomes(outcome for (edition, _), outcome in self.items() if edition == edition_id)

    def save(self, edition_id: str, outcome: Outcome) -> None:
        self[edition_id, outcome.session_id] = outcome


class BusyMemory:
    def __init__(self) -> None:
        self.told: dict[str, dict[str, Mapping[str, tuple[Busy, ...]]]] = {}

    def of(self, edition_id: str) -> dict[str, Mapping[str, tuple[Busy, ...]]]:
        return self.told.get(edition_id, {})

    def save(self, edition_id: str, provider_id: str, teams: Mapping[str, tuple[Busy, ...]]) -> None:
        self.told.setdefault(edition_id, {})[provider_id] = teams


class PermissionMemory:
    """Permissions in memory."""

    def __init__(self) -> None:
        self.levels: dict[str, dict[PermissionKind, PermissionLevel]] = {}
        self.given: dict[str, dict[str, tuple[GivenPermission, ...]]] = {}

    def of(self, edition_id: str) -> Permissions:
        return Permissions(self.levels.get(edition_id, {}), self.given.get(edition_id, {}))

    def set_levels(self, edition_id: str, levels: Mapping[PermissionKind, PermissionLevel]) -> None:
        self.levels[edition_id] = dict(levels)

    def set_given(self, edition_id: str, school_id: str, given: tuple[GivenPermission, ...]) -> None:
        self.given.setdefault(edition_id, {})[school_id] = given


class DisplayMemory(dict[str, Display]):
    """Displays in memory."""

    _theme = Theme()

    def of(self, edition_id: str) -> Display:
        return self.get(edition_id, Display(edition_id))

    def save(self, display: Display) -> None:
        self[display.edition_id] = display

    def theme(self) -> Theme:
        return self._theme

    def save_theme(self, theme: Theme) -> None:
        self._theme = theme


class Memory:
    """A transaction in memory. What a refused handler did is not undone: tests look at what it did not do."""

    def __init__(self) -> None:
        self.now = NOW
        self.sequence = 1
        self.editions = EditionMemory()
        self.registrations = RegistrationMemory()
        self.incidents = IncidentMemory()
        self.jobs = JobMemory()
        self.proposals = ProposalMemory()
        self.pins = PinMemory()
        self.releases = ReleaseMemory()
        self.answers = AnswerMemory()
        self.outcomes = OutcomeMemory()
        self.displays = DisplayMemory()
        self.permissions = PermissionMemory()
        self.busy_times = BusyMemory()
        self.emitted: list[Event] = []

    def emit(self, event: Event) -> None:
        self.emitted.append(event)

    @contextmanager
    def begin(self) -> Iterator[Memory]:
        yield self

    def clock(self) -> dt.datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class OpenCalendar:
    """A school calendar on which nothing is off but 11 November."""

    def days_off(self, first: dt.date, last: dt.date, zone: str) -> frozenset[dt.date]:
        return frozenset({dt.date(first.year, 11, 11)})
