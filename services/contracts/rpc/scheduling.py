"""What scheduling is asked: editions, demand, jobs, plans, incidents, releases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from services.contracts.causes import Cause, Incident
from services.contracts.errors import Problem
from services.contracts.outcomes import Outcome
from services.contracts.rpc.request import Query, Request
from services.contracts.values import (
    Change,
    Edition,
    HalfDay,
    PermissionKind,
    PermissionLevel,
    Priority,
    SchoolAnswer,
    Session,
    Violation,
)

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class EditionSummary:
    """An edition in a list. ``release``: number of the current release, 0 when none."""

    id: str
    name: str
    first_day: dt.date
    last_day: dt.date
    release: int


@dataclass(frozen=True)
class OpenEdition(Request[Edition]):
    """Create or replace an edition from the text of an ``edition.toml``; the same text again changes nothing.

    A text that names no priorities leaves those that were set.
    """

    service = "scheduling"
    answer = Edition
    file: str
    text: str


@dataclass(frozen=True)
class SetPriorities(Request[Edition]):
    """Say which schools come first on waiting lists and in plans, the most important priority first."""

    service = "scheduling"
    answer = Edition
    edition_id: str
    priorities: tuple[Priority, ...]


@dataclass(frozen=True)
class ListEditions(Query[tuple[EditionSummary, ...]]):
    """All editions, latest first."""

    service = "scheduling"
    answer = tuple[EditionSummary, ...]


@dataclass(frozen=True)
class GetEdition(Query[Edition]):
    """The whole description of an edition."""

    service = "scheduling"
    answer = Edition
    edition_id: str


@dataclass(frozen=True)
class Demand:
    """What scheduling has to place. ``open_exceptions``: groups that wait for the organiser's decision.

    ``inputs``: hash of everything a plan depends on; a proposal made on another hash is outdated.
    """

    edition_id: str
    schools: int
    groups: int
    sessions: int
    pupils: int
    open_exceptions: int
    inputs: str


@dataclass(frozen=True)
class GetDemand(Query[Demand]):
    """What scheduling knows it has to place."""

    service = "scheduling"
    answer = Demand
    edition_id: str


@dataclass(frozen=True)
class Choice:
    """One way to replan, kept as a proposal that passed the checker.

    Of the sessions released before, ``moved`` change half-day or place (``confirmed`` of them were confirmed) and
    ``dropped`` are left out. ``told``: schools and providers that hear of a change. ``again``: schools moved now that
    an earlier release had moved already. ``proved``: no plan that places as many sessions moves fewer. ``gone``:
    sessions released before that are no longer asked for, as those of a group that has become too large.
    """

    proposal_id: str
    placed: int
    moved: int
    confirmed: int
    dropped: int
    told: int
    kilometres: int
    proved: bool = False
    again: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Point:
    """How far a solve was after so many ``seconds``: a point of its curve."""

    seconds: float
    placed: int | None
    value: float | None
    bound: float | None
    moved: int | None = None


@dataclass(frozen=True)
class Tried:
    """Where a solve holds a session to learn what that costs. ``points``: what the plan it is compared with costs."""

    proposal_id: str
    session_id: str
    team_id: str
    site_id: str
    half_day: HalfDay
    start: dt.datetime
    points: int


@dataclass(frozen=True)
class Job:
    """A solve. ``value`` and ``bound`` in points of the objective, ``placed`` of ``sessions``; None until known.

    ``proposal_id`` is set once a plan is stored; ``reason`` says why a job failed, though the best plan it had found is
    kept. ``stopping``: someone asked it to end and keep its best. ``starts``: how often a worker took it up.
    When replanning, ``moved`` counts the released sessions that the best plan moves or leaves out, ``fewest_moved``
    says that no plan that places as many moves fewer, nothing changes before ``frozen_before``, and ``choices`` are
    what there is to choose from, most sessions first; with ``several``, more than one is looked for. ``curve``: how the
    first plan came about, a point for each step forward. ``tried``: the place it holds a session at, if it does.
    ``steps``: the work it may do, None when time alone limits it.
    """

    id: str
    edition_id: str
    state: JobState
    created_at: dt.datetime
    seconds: float
    elapsed: float
    sessions: int
    placed: int | None = None
    value: float | None = None
    bound: float | None = None
    phase: str = ""
    proposal_id: str | None = None
    reason: Problem | None = None
    stopping: bool = False
    starts: int = 0
    several: bool = False
    frozen_before: dt.date | None = None
    moved: int | None = None
    fewest_moved: bool = False
    choices: tuple[Choice, ...] = ()
    curve: tuple[Point, ...] = ()
    tried: Tried | None = None
    steps: int | None = None


@dataclass(frozen=True)
class ProposePlan(Request[Job]):
    """Start a solve in the background. ``seconds``: time limit. Refused while one is running for the edition.

    With a current release, sessions that can stay where they are do. ``frozen_before``: the first day that may change;
    during the edition never before today, and not before tomorrow when it is not given. ``several``: look for other
    plans to choose from, which move fewer sessions and place fewer. ``steps``: the work that may be done, about a
    thousand a second, so that the plan can be made again; ``seconds`` then only end what takes too long.
    """

    service = "scheduling"
    answer = Job
    edition_id: str
    seconds: float = 60.0
    seed: int = 1
    frozen_before: dt.date | None = None
    several: bool = False
    steps: int | None = None


@dataclass(frozen=True)
class GetJob(Query[Job]):
    """State and progress of a solve."""

    service = "scheduling"
    answer = Job
    job_id: str


@dataclass(frozen=True)
class ListJobs(Query[tuple[Job, ...]]):
    """Solves of an edition, latest first."""

    service = "scheduling"
    answer = tuple[Job, ...]
    edition_id: str


@dataclass(frozen=True)
class CancelJob(Request[Job]):
    """Stop a solve; nothing more is kept of it."""

    service = "scheduling"
    answer = Job
    job_id: str


@dataclass(frozen=True)
class StopJob(Request[Job]):
    """End a solve early and keep the best plan it has found. Refused before there is one."""

    service = "scheduling"
    answer = Job
    job_id: str


@dataclass(frozen=True)
class ReportIncident(Request[Incident]):
    """Record why plans have to change. ``key`` becomes the incident's id: the same again changes nothing."""

    service = "scheduling"
    answer = Incident
    edition_id: str
    cause: Cause
    by: str
    why: str
    key: str


@dataclass(frozen=True)
class WithdrawIncident(Request[Incident]):
    """Say that an incident no longer counts: it was a mistake, or is over. Withdrawing twice changes nothing."""

    service = "scheduling"
    answer = Incident
    edition_id: str
    incident_id: str


@dataclass(frozen=True)
class ListIncidents(Query[tuple[Incident, ...]]):
    """Incidents of an edition, latest first, the withdrawn ones too."""

    service = "scheduling"
    answer = tuple[Incident, ...]
    edition_id: str


ProviderAnswer = Literal["pending", "accepted", "declined", "tentative"]


@dataclass(frozen=True)
class PlannedSession:
    """A session with the names people read, the answers known so far, and what became of it once it was told."""

    session: Session
    school_name: str
    group_name: str
    pupils: int
    activity_name: str
    provider_name: str
    team_name: str
    school_answer: SchoolAnswer | None = None
    provider_answer: ProviderAnswer = "pending"
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Unplaced:
    """A session to place, or one that no place was found for."""

    session_id: str
    school_name: str
    group_name: str
    activity_name: str
    school_id: str = ""


@dataclass(frozen=True)
class ListDemand(Query[tuple[Unplaced, ...]]):
    """Every session there is to place, those with a place in a plan among them."""

    service = "scheduling"
    answer = tuple[Unplaced, ...]
    edition_id: str


@dataclass(frozen=True)
class LackingPermission:
    """A permission that a school has not got for sessions to come. ``level`` ``block``: they cannot be released."""

    kind: PermissionKind
    level: PermissionLevel
    school_id: str
    school_name: str
    programme_name: str
    session_ids: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A proposal or a release. ``cost``: points by term of the objective; ``violations`` by the independent checker.

    ``outdated``: the inputs have changed since it was made; such a proposal cannot be released. ``made_by``: the solver
    and its version, ``seed``, ``steps`` and ``question`` (hash of all it was asked): the same four give the same plan;
    without ``steps`` it depends on the time it took.
    ``refused``: ids of sessions that a proposal puts on a half-day which someone refused for them. ``made_from``: the
    plan that was changed by hand to make this draft, empty for a plan of the solver; ``moved``: the session that was;
    ``made_next``: the latest draft made from this plan. ``lacking``: permissions missing for sessions to come.
    ``changed``: what changed since an outdated one was made; ``superseded``: a later calculation or release came, so
    that it is no longer released as it is. ``kilometres``: how far all teams drive.
    """

    edition_id: str
    proposal_id: str
    release: int | None
    made_at: dt.datetime
    status: Literal["optimal", "feasible"]
    sessions: tuple[PlannedSession, ...]
    unplaced: tuple[Unplaced, ...]
    cost: dict[str, int]
    bound: float | None
    violations: tuple[Violation, ...]
    outdated: bool
    made_by: str = ""
    seed: int = 0
    steps: int | None = None
    question: str = ""
    refused: tuple[str, ...] = ()
    made_from: str = ""
    moved: str = ""
    made_next: str = ""
    lacking: tuple[LackingPermission, ...] = ()
    changed: tuple[Problem, ...] = ()
    superseded: bool = False
    kilometres: int = 0


@dataclass(frozen=True)
class GetPlan(Query[Plan]):
    """A plan: the proposal or release named, else the current release."""

    service = "scheduling"
    answer = Plan
    edition_id: str
    proposal_id: str | None = None
    release: int | None = None


@dataclass(frozen=True)
class Explanation:
    """Why a plan leaves sessions out. ``reasons``: one for each of them, in their order; ``ways``: what can be done.

    ``standing``: how good the plan is; ``loads``: how full its teams are; ``serving``: single things that would give
    sessions left out a place, the most useful first; ``smallest``: the smallest of them for each session left out, None
    where it was not looked for.
    """

    reasons: tuple[Problem, ...]
    ways: tuple[Problem, ...]
    standing: tuple[Problem, ...] = ()
    loads: tuple[Problem, ...] = ()
    serving: tuple[Problem, ...] = ()
    smallest: tuple[Problem | None, ...] = ()


@dataclass(frozen=True)
class ExplainPlan(Query[Explanation]):
    """How good a proposal is, why it leaves sessions out and what would place them. It may take some seconds."""

    service = "scheduling"
    answer = Explanation
    edition_id: str
    proposal_id: str


@dataclass(frozen=True)
class OtherPlace:
    """Another half-day for a session: a sentence, and the rules it would break. ``points``: more than now, or None."""

    half_day: HalfDay
    sentence: Problem
    points: int | None
    broken: tuple[Violation, ...]


@dataclass(frozen=True)
class SessionExplanation:
    """Why a session is where it is, and what each other half-day would cost or break."""

    why: tuple[Problem, ...]
    others: tuple[OtherPlace, ...]


@dataclass(frozen=True)
class ExplainSession(Query[SessionExplanation]):
    """Why a session of a proposal is where it is, or has no place, and why not elsewhere. Refused when unknown."""

    service = "scheduling"
    answer = SessionExplanation
    edition_id: str
    proposal_id: str
    session_id: str


@dataclass(frozen=True)
class Alternative:
    """Another half-day that a released session could have, from ``starts_at`` on, and what that would take.

    ``moves``: released sessions that would change half-day or place, this one included; ``told``: schools and providers
    that would hear of a change; ``kilometres``: more than now, for all teams. ``exact``: no plan that puts the session
    there, leaving out no more, moves fewer; otherwise this is a checked estimate.
    """

    half_day: HalfDay
    starts_at: dt.datetime
    provider_id: str
    moves: int
    told: int
    kilometres: int
    exact: bool = False


@dataclass(frozen=True)
class PriceAlternatives(Query[tuple[Alternative, ...]]):
    """Where else a session of the current release could be held, by today's inputs, the least trouble first.

    Half-days that are over or that its school refused for it are left out. Refused when nothing was released, or the
    session is not in the release or no longer to be held.
    """

    service = "scheduling"
    answer = tuple[Alternative, ...]
    edition_id: str
    session_id: str


@dataclass(frozen=True)
class MoveSession(Request[str]):
    """Keep the plan behind the price of an alternative or a cell as a proposal, and answer with its id.

    Nothing is released. ``proposal_id``: the plan to change, else the release in force; ``team_id``: the cell's team.
    Refused when that half-day can no longer be had. A cell that breaks rules may be had: such a draft is no release.
    """

    service = "scheduling"
    answer = str
    edition_id: str
    session_id: str
    half_day: HalfDay
    proposal_id: str = ""
    team_id: str = ""


@dataclass(frozen=True)
class PriceExactly(Request[Job]):
    """Start a solve that holds a session in a cell at one time, and everything else free.

    The time is that of ``PriceCells`` or, where rules forbid that beside the other sessions, the first one of a team
    with nothing else to do. What it finds less what the plan costs is the price; its bound less that is the least it
    can be. Refused like ``ProposePlan``, and when the cell breaks a rule beside what is fixed.
    """

    service = "scheduling"
    answer = Job
    edition_id: str
    proposal_id: str
    session_id: str
    half_day: HalfDay
    team_id: str
    seconds: float = 60.0


@dataclass(frozen=True)
class Release:
    """A plan that was sent out, numbered from 1. ``again``: it was before it was asked for."""

    edition_id: str
    number: int
    proposal_id: str
    released_at: dt.datetime
    sessions: int
    changes: dict[str, int]
    again: bool = False


@dataclass(frozen=True)
class ReleasePlan(Request[Release]):
    """Make a proposal the next release. ``after``: the release the organiser was looking at (0: none).

    Refused when the proposal is outdated, breaks a rule, or when another release came in between. Releasing the same
    proposal twice answers with the first release. ``held_back``: ids of mails of its preview that are not to leave.
    """

    service = "scheduling"
    answer = Release
    edition_id: str
    proposal_id: str
    after: int
    held_back: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListReleases(Query[tuple[Release, ...]]):
    """Releases of an edition, latest first."""

    service = "scheduling"
    answer = tuple[Release, ...]
    edition_id: str


@dataclass(frozen=True)
class NamedChange:
    """A change with the names people read."""

    change: Change
    school_name: str
    group_name: str
    activity_name: str
    provider_before: str
    provider_after: str


@dataclass(frozen=True)
class CompareReleases(Query[tuple[NamedChange, ...]]):
    """What changed between two releases; ``proposal_id`` in place of ``after`` compares with a proposal.

    Release 0 is the empty plan.
    """

    service = "scheduling"
    answer = tuple[NamedChange, ...]
    edition_id: str
    before: int
    after: int | None = None
    proposal_id: str | None = None


@dataclass(frozen=True)
class RotationFiles:
    """A plan and its problem in the rotation-1 format, as JSON objects."""

    instance: dict[str, Any]
    solution: dict[str, Any]


@dataclass(frozen=True)
class ExportRotation(Query[RotationFiles]):
    """A release (the current one by default) in the rotation-1 format."""

    service = "scheduling"
    answer = RotationFiles
    edition_id: str
    release: int | None = None
