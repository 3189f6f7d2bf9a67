"""What the handlers need from outside: a solver, a school calendar, repositories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from services.contracts.causes import Incident
from services.contracts.errors import Problem as Finding
from services.contracts.outcomes import Outcome
from services.contracts.values import Busy, Edition, GivenPermission, PermissionKind, PermissionLevel
from services.scheduling.domain.busy import BusyTeams
from services.scheduling.domain.demand import Registered
from services.scheduling.domain.outcomes import Outcomes
from services.scheduling.domain.permissions import Permissions
from services.scheduling.domain.plan import Answer, Answers, Listed, Pin, Proposal, Refusal, Release
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Progress, Solution, SolverFailed
from services.scheduling.domain.territories import Part

if TYPE_CHECKING:  # the solver starts in half the time without these
    from services.contracts.events import Event
    from services.contracts.rpc import Display, Job, Theme


def never() -> bool:
    """The answer of a caller that does not cancel."""
    return False


class Solver(Protocol):
    """Makes plans. The same problem, seed and budget of steps give the same plan."""

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
        """Return the best plan found in ``seconds``; ``report`` hears of each better plan or bound.

        ``steps``: the work that may be done, about a thousand a second; ``seconds`` then only end what takes too long.
        Raises SolverCancelled once ``cancelled`` answers True, SolverFailed when the solver dies or finds its pins
        and frozen past at odds with the rules; both carry the best plan so far.
        """
        ...


class Workers(Protocol):
    """Solve the parts of a large problem side by side: processes here, or whoever listens on the broker."""

    def count(self) -> int:
        """Return how many parts are solved at once."""
        ...

    def solve(self, parts: Sequence[Part], is_over: Callable[[], bool]) -> Iterator[tuple[int, Solution]]:
        """Yield the position of each part with its plan, as they come, until ``is_over``, which is asked often.

        A part that could not be solved has no plan. What ``is_over`` raises ends the work on all of them.
        """
        ...


class Parts(Protocol):
    """Where a worker finds parts to solve, one at a time."""

    def take(self) -> Part | None:
        """Take a part in hand; None when there is nothing to do."""
        ...

    def keep(self) -> bool:
        """Say that the part in hand is worked on; return False when it is another's by now."""
        ...

    def answer(self, solution: Solution | None) -> None:
        """Give the plan of the part in hand, None when it has none, and let go of it."""
        ...

    def close(self) -> None:
        """Leave; a part in hand goes to another."""
        ...


class Explainer(Protocol):
    """Says what a problem lacks."""

    def ways_out(self, problem: Problem) -> tuple[Finding, ...]:
        """Return what no plan can place and the cheapest ways out; empty when nothing is found in time."""
        ...


class SchoolCalendar(Protocol):
    """Knows on which days there is no school."""

    def days_off(self, first: dt.date, last: dt.date, zone: str) -> frozenset[dt.date]:
        """Return public and school holidays from ``first`` to ``last``. Raises Refused when they are not known."""
        ...


class SolverRun(Protocol):
    """One solve in the background at a time. ``version``: the solver and its version, told with each plan."""

    @property
    def version(self) -> str: ...

    @property
    def progress(self) -> Progress | None:
        """The last word of the solve under way."""
        ...

    def start(self, problem: Problem, *, seconds: float, seed: int, steps: int | None = None) -> None:
        """Begin a solve; see Solver."""
        ...

    def cancel(self) -> None:
        """Ask the solve under way to stop; its outcome then carries the best plan so far."""
        ...

    def take_outcome(self) -> Solution | SolverFailed | None:
        """Return how the solve ended, once; None while it has not."""
        ...


class Editions(Protocol):
    """Editions as last opened."""

    def get(self, edition_id: str) -> Edition:
        """Return an edition. Raises Refused (``unknown_edition``)."""
        ...

    def find(self, edition_id: str) -> Edition | None: ...

    def all(self) -> tuple[Edition, ...]:
        """Return every edition, latest first."""
        ...

    def save(self, edition: Edition) -> None: ...

    def lock(self, edition_id: str) -> None:
        """Keep other transactions from planning or releasing this edition until the end of this one."""
        ...


class Registrations(Protocol):
    """What schools registered, as last heard."""

    def of(self, edition_id: str) -> tuple[Registered, ...]:
        """Return an edition's registrations in the order of the schools' ids."""
        ...

    def save(self, edition_id: str, registered: Registered) -> None: ...


class Incidents(Protocol):
    """Why plans had to change."""

    def of(self, edition_id: str) -> tuple[Incident, ...]:
        """Return an edition's incidents in the order in which they were recorded, the withdrawn ones too."""
        ...

    def find(self, edition_id: str, incident_id: str) -> Incident | None: ...

    def save(self, incident: Incident) -> None: ...


class Jobs(Protocol):
    """Solves asked for."""

    def add(self, job: Job, seed: int) -> None: ...

    def get(self, job_id: str) -> Job:
        """Return a job. Raises Refused (``unknown_job``)."""
        ...

    def lock(self, job_id: str) -> Job:
        """Return a job, kept from other transactions until the end of this one. Raises Refused (``unknown_job``)."""
        ...

    def of(self, edition_id: str) -> tuple[Job, ...]:
        """Return an edition's jobs, latest first."""
        ...

    def active(self, edition_id: str) -> bool:
        """Whether a job of this edition is queued or running."""
        ...

    def save(self, job: Job) -> None: ...

    def claim(self, worker: str, now: dt.datetime) -> tuple[Job, int] | None:
        """Make the oldest queued job this worker's and return it, running, with its seed; None when none is queued.

        Its ``starts`` has grown by one.
        """
        ...

    def hold(self, job_id: str, worker: str, now: dt.datetime) -> Job | None:
        """Say that the worker is still at it and return the job; None when it no longer runs, or is another's."""
        ...

    def requeue_abandoned(self, before: dt.datetime) -> int:
        """Queue running jobs again of which no worker has spoken since; return how many."""
        ...

    def release(self, worker: str) -> None:
        """Queue again what this worker holds."""
        ...


class Proposals(Protocol):
    """Plans that passed the checker."""

    def add(self, proposal: Proposal) -> None: ...

    def get(self, edition_id: str, proposal_id: str) -> Proposal:
        """Return a proposal. Raises Refused (``unknown_proposal``)."""
        ...

    def of(self, edition_id: str) -> tuple[Listed, ...]:
        """Return an edition's latest proposals, latest first, without those given up."""
        ...

    def discard(self, edition_id: str, proposal_id: str, now: dt.datetime) -> None:
        """Give a proposal up: it is unknown from then on."""
        ...

    def drawn_from(self, proposal_id: str) -> str:
        """Return the id of the latest draft made by hand from a proposal, empty when there is none."""
        ...


class Pins(Protocol):
    """Sessions that the organiser fixed."""

    def of(self, edition_id: str) -> tuple[Pin, ...]:
        """Return an edition's pins in the order of the sessions' ids."""
        ...

    def save(self, edition_id: str, pin: Pin) -> None:
        """Keep a pin in place of the one its session had."""
        ...

    def remove(self, edition_id: str, session_id: str) -> None:
        """Forget a session's pin, if it has one."""
        ...


class Releases(Protocol):
    """Plans that were sent out."""

    def add(self, release: Release) -> None: ...

    def get(self, edition_id: str, number: int) -> Release:
        """Return a release. Raises Refused (``unknown_release``)."""
        ...

    def current(self, edition_id: str) -> Release | None:
        """Return the latest release."""
        ...

    def made_from(self, proposal_id: str) -> Release | None:
        """Return the release that a proposal became."""
        ...

    def of(self, edition_id: str) -> tuple[Release, ...]:
        """Return an edition's releases, latest first."""
        ...


class AnswerBook(Protocol):
    """The last answer of each party to each session, and every slot that was refused."""

    def of(self, edition_id: str) -> Answers: ...

    def refused(self, edition_id: str) -> tuple[Refusal, ...]:
        """Return the slots that someone refused and did not take since, in the order of sessions and time."""
        ...

    def save(self, answer: Answer) -> None:
        """Keep an answer; one that was given on an earlier release than the last kept is dropped."""
        ...


class OutcomeBook(Protocol):
    """What became of the sessions."""

    def of(self, edition_id: str) -> Outcomes: ...

    def save(self, edition_id: str, outcome: Outcome) -> None:
        """Keep an outcome in place of what was told of the session before."""
        ...


class PermissionBook(Protocol):
    """Permissions as registration tells them."""

    def of(self, edition_id: str) -> Permissions: ...

    def set_levels(self, edition_id: str, levels: Mapping[PermissionKind, PermissionLevel]) -> None:
        """Keep the levels in place of those told before."""
        ...

    def set_given(self, edition_id: str, school_id: str, given: tuple[GivenPermission, ...]) -> None:
        """Keep what a school has in place of what was told before."""
        ...


class BusyTimes(Protocol):
    """When teams are taken, as calendars of their providers said last."""

    def of(self, edition_id: str) -> BusyTeams:
        """Return the stretches by provider and team."""
        ...

    def save(self, edition_id: str, provider_id: str, teams: Mapping[str, tuple[Busy, ...]]) -> None:
        """Keep a provider's in place of those told before."""
        ...


class Displays(Protocol):
    """How editions are shown."""

    def of(self, edition_id: str) -> Display:
        """Return how an edition is shown; closed and plain until the organiser says otherwise."""
        ...

    def save(self, display: Display) -> None: ...

    def theme(self) -> Theme:
        """Return how all pages look; plain until someone says otherwise."""
        ...

    def save_theme(self, theme: Theme) -> None: ...


class Transaction(Protocol):
    """One unit of work of this service. ``sequence``: number of the event it handles among those of its subject."""

    now: dt.datetime
    sequence: int

    @property
    def editions(self) -> Editions: ...

    @property
    def registrations(self) -> Registrations: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def proposals(self) -> Proposals: ...

    @property
    def pins(self) -> Pins: ...

    @property
    def releases(self) -> Releases: ...

    @property
    def answers(self) -> AnswerBook: ...

    @property
    def outcomes(self) -> OutcomeBook: ...

    @property
    def displays(self) -> Displays: ...

    @property
    def permissions(self) -> PermissionBook: ...

    @property
    def busy_times(self) -> BusyTimes: ...

    def emit(self, event: Event) -> None:
        """Record a fact that leaves when the transaction has committed."""
        ...


Begin = Callable[[], AbstractContextManager[Transaction]]
"""Opens a transaction that commits at the end of the block."""
