"""Requests that the portal and the command line send to a service, and what it answers.

A request names its service; its method is its class name in snake case. It either takes effect whole or is
``Refused`` with every problem found. A ``Query`` changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from services.contracts.causes import Cause, Incident
from services.contracts.errors import Problem
from services.contracts.events import snake_case
from services.contracts.values import (
    Change,
    Contact,
    Edition,
    Group,
    HalfDay,
    School,
    SchoolAnswer,
    SchoolClass,
    Session,
    Violation,
)

A_co = TypeVar("A_co", covariant=True)


class Request(Generic[A_co]):
    """A question or a command; ``answer`` is the type that comes back."""

    service: ClassVar[str]
    answer: ClassVar[Any]

    @property
    def destination(self) -> str:
        """The service that answers."""
        return self.service

    @classmethod
    def method(cls) -> str:
        """The RPC method, such as ``propose_plan``."""
        return snake_case(cls.__name__)


class Query(Request[A_co]):
    """A question: answering it changes nothing."""


# Any service -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeadLetter:
    """A message that a service could not handle, kept until someone replays or discards it."""

    id: str
    service: str
    handler: str
    event_type: str
    reason: str
    attempts: int
    first_at: dt.datetime
    last_at: dt.datetime
    body: str


@dataclass(frozen=True)
class Health:
    """State of a service. ``outbox``: events waiting to leave; ``oldest``: age of the oldest in seconds."""

    service: str
    outbox: int
    oldest: float
    retrying: int
    dead: int


class _ToAny:
    target: str

    @property
    def destination(self) -> str:
        return self.target


@dataclass(frozen=True)
class GetHealth(_ToAny, Query[Health]):
    """Ask a service how it is."""

    answer = Health
    target: str


@dataclass(frozen=True)
class ListDeadLetters(_ToAny, Query[tuple[DeadLetter, ...]]):
    """All messages this service could not handle."""

    answer = tuple[DeadLetter, ...]
    target: str


@dataclass(frozen=True)
class ReplayDeadLetter(_ToAny, Request[None]):
    """Handle the message again; replaying one that has taken effect changes nothing."""

    answer = type(None)
    target: str
    letter_id: str


@dataclass(frozen=True)
class DiscardDeadLetter(_ToAny, Request[None]):
    """Drop the message for good, with the reason in the log."""

    answer = type(None)
    target: str
    letter_id: str
    reason: str


# Scheduling ------------------------------------------------------------------------------------------------

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
    """Create or replace an edition from the text of an ``edition.toml``; the same text again changes nothing."""

    service = "scheduling"
    answer = Edition
    file: str
    text: str


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
    an earlier release had moved already. ``proved``: no plan that places as many sessions moves fewer.
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


@dataclass(frozen=True)
class Job:
    """A solve. ``value`` and ``bound`` in points of the objective, ``placed`` of ``sessions``; None until known.

    ``proposal_id`` is set once a plan is stored; ``reason`` says why a job failed, though the best plan it had found is
    kept. ``stopping``: someone asked it to end and keep its best. ``starts``: how often a worker took it up.
    When replanning, ``moved`` counts the released sessions that the best plan moves or leaves out, ``fewest_moved``
    says that no plan that places as many moves fewer, nothing changes before ``frozen_before``, and ``choices`` are
    what there is to choose from, most sessions first; with ``several``, more than one is looked for.
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


@dataclass(frozen=True)
class ProposePlan(Request[Job]):
    """Start a solve in the background. ``seconds``: time limit. Refused while one is running for the edition.

    With a current release, sessions that can stay where they are do. ``frozen_before``: the first day that may change;
    during the edition never before today, and not before tomorrow when it is not given. ``several``: look for other
    plans to choose from, which move fewer sessions and place fewer.
    """

    service = "scheduling"
    answer = Job
    edition_id: str
    seconds: float = 60.0
    seed: int = 1
    frozen_before: dt.date | None = None
    several: bool = False


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
    """A session with the names people read and the answers known so far."""

    session: Session
    school_name: str
    group_name: str
    pupils: int
    activity_name: str
    provider_name: str
    team_name: str
    school_answer: SchoolAnswer | None = None
    provider_answer: ProviderAnswer = "pending"


@dataclass(frozen=True)
class Unplaced:
    """A session no place was found for."""

    session_id: str
    school_name: str
    group_name: str
    activity_name: str


@dataclass(frozen=True)
class Plan:
    """A proposal or a release. ``cost``: points by term of the objective; ``violations`` by the independent checker.

    ``outdated``: the inputs have changed since it was made; such a proposal cannot be released. ``made_by``: the solver
    and its version, ``seed`` and ``question`` (hash of all it was asked): the same three give the same plan.
    ``refused``: ids of sessions that a proposal puts on a half-day which someone refused for them.
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
    question: str = ""
    refused: tuple[str, ...] = ()


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
    """Why a plan leaves sessions out. ``reasons``: one for each of them, in their order; ``ways``: what can be done."""

    reasons: tuple[Problem, ...]
    ways: tuple[Problem, ...]


@dataclass(frozen=True)
class ExplainPlan(Query[Explanation]):
    """Why a proposal leaves sessions out, and the cheapest ways to place them. It may take some seconds."""

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
class Release:
    """A plan that was sent out, numbered from 1."""

    edition_id: str
    number: int
    proposal_id: str
    released_at: dt.datetime
    sessions: int
    changes: dict[str, int]


@dataclass(frozen=True)
class ReleasePlan(Request[Release]):
    """Make a proposal the next release. ``after``: the release the organiser was looking at (0: none).

    Refused when the proposal is outdated, breaks a rule, or when another release came in between. Releasing the same
    proposal twice answers with the first release.
    """

    service = "scheduling"
    answer = Release
    edition_id: str
    proposal_id: str
    after: int


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


# Registration ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportFile:
    """A file as text, with the name the person knows it by.

    ``columns``: our column -> the header it stands under, where the person chose; then other headers do not matter.
    """

    name: str
    text: str
    columns: dict[str, str] | None = None


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    created: int
    changed: int
    unchanged: int
    groups: int
    open_exceptions: int


@dataclass(frozen=True)
class ImportSchools(Request[ImportReport]):
    """Register schools and classes from two CSV files. A fault anywhere: all faults are listed, nothing changes.

    ``preview``: say what the import would do, and do nothing.
    """

    service = "registration"
    answer = ImportReport
    edition_id: str
    schools: ImportFile
    classes: ImportFile
    preview: bool = False


@dataclass(frozen=True)
class ColumnChoice:
    """A column that an import reads, and the header it most likely stands under; empty: none is like it."""

    name: str
    required: bool
    header: str


@dataclass(frozen=True)
class FileColumns:
    """The headers of a file and where each of our columns is. ``certain``: every header is ours, none is missing."""

    headers: tuple[str, ...]
    columns: tuple[ColumnChoice, ...]
    certain: bool


@dataclass(frozen=True)
class ImportColumns:
    """The columns of both files of an import."""

    schools: FileColumns
    classes: FileColumns


@dataclass(frozen=True)
class ReadColumns(Query[ImportColumns]):
    """Recognise the columns of the files of an import: as they were chosen last time, else by their headers."""

    service = "registration"
    answer = ImportColumns
    schools: ImportFile
    classes: ImportFile


SettleChoice = Literal["one_group", "two_groups", "leave_out"]


@dataclass(frozen=True)
class OpenException:
    """A class the group rule cannot cut: why, and what the organiser may choose, with the sizes it would give."""

    class_id: str
    programme_id: str
    pupils: int
    reason: Literal["too_small", "too_large"]
    choices: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Registration:
    """A school's registration as the organiser sees it. ``answers``: sessions by answer in the current release."""

    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]
    exceptions: tuple[OpenException, ...]
    answers: dict[str, int]
    token: str


@dataclass(frozen=True)
class ListRegistrations(Query[tuple[Registration, ...]]):
    """Every school of an edition with its classes, groups and answers, by name. ``token``: of the school's link."""

    service = "registration"
    answer = tuple[Registration, ...]
    edition_id: str


@dataclass(frozen=True)
class SettleException(Request[Registration]):
    """Decide what becomes of a class that the group rule cannot cut."""

    service = "registration"
    answer = Registration
    edition_id: str
    class_id: str
    programme_id: str
    choice: SettleChoice


@dataclass(frozen=True)
class CloseSchool(Request[Registration]):
    """Record half-days on which a school cannot receive anyone. Closing what is closed changes nothing."""

    service = "registration"
    answer = Registration
    edition_id: str
    school_id: str
    half_days: tuple[HalfDay, ...]


@dataclass(frozen=True)
class ReopenSchool(Request[Registration]):
    """Take back a closure."""

    service = "registration"
    answer = Registration
    edition_id: str
    school_id: str
    half_days: tuple[HalfDay, ...]


@dataclass(frozen=True)
class SchoolScope:
    """What a school's link opens."""

    edition_id: str
    school_id: str


@dataclass(frozen=True)
class OpenSchoolLink(Query[SchoolScope]):
    """Say what a link opens. Refused when it is unknown or revoked. Changes nothing: mail scanners open links."""

    service = "registration"
    answer = SchoolScope
    token: str


AnsweredBy = Literal["school", "organiser"]
"""Who typed a school's answer: the school on its page, or the organiser who had it on the telephone."""


@dataclass(frozen=True)
class Offer:
    """A session offered to a school and what became of it. ``changed``: moved since the school last answered."""

    session: Session
    release: int
    group_name: str
    pupils: int
    activity_name: str
    provider_name: str
    answer: SchoolAnswer
    answered_at: dt.datetime | None
    reason: str = ""
    changed: bool = False
    answered_by: AnsweredBy = "school"


@dataclass(frozen=True)
class SchoolPage:
    """Everything a school sees on its page. ``release`` 0: nothing offered yet."""

    edition_id: str
    edition_name: str
    organiser: Contact
    noon: int
    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]
    release: int
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class GetSchoolPage(Query[SchoolPage]):
    """A school's page."""

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str


@dataclass(frozen=True)
class RegistrationForm:
    """A school's registration as its form shows it: ``fields`` by name, those of the draft where there is one.

    ``days``: the edition's action days; ``programmes``: id -> name; ``declared``: the school has sent the form before.
    """

    edition_id: str
    edition_name: str
    organiser: Contact
    school_id: str
    school_name: str
    days: tuple[dt.date, ...]
    programmes: dict[str, str]
    fields: dict[str, str]
    declared: bool
    drafted_at: dt.datetime | None = None


@dataclass(frozen=True)
class GetRegistrationForm(Query[RegistrationForm]):
    """A school's registration form."""

    service = "registration"
    answer = RegistrationForm
    edition_id: str
    school_id: str


@dataclass(frozen=True)
class SaveDraft(Request[RegistrationForm]):
    """Keep what a school has typed so far. Nothing is checked and nobody is told."""

    service = "registration"
    answer = RegistrationForm
    edition_id: str
    school_id: str
    fields: dict[str, str]


@dataclass(frozen=True)
class RegisterSchool(Request[RegistrationForm]):
    """Register a school by its own word. Raises Refused with a problem for each field at fault (``column``)."""

    service = "registration"
    answer = RegistrationForm
    edition_id: str
    school_id: str
    fields: dict[str, str]
    key: str


@dataclass(frozen=True)
class ConfirmSlots(Request[SchoolPage]):
    """Confirm offered sessions. ``pupils``: expected head count by session id, which a person types.

    ``release`` is the one the answer was read on: refused with the new dates when outdated. The same ``key`` again
    answers the same and changes nothing.
    """

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str
    release: int
    pupils: dict[str, int]
    key: str
    by: AnsweredBy = "school"


@dataclass(frozen=True)
class DeclineSlot(Request[SchoolPage]):
    """Decline an offered session, with a reason."""

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str
    release: int
    session_id: str
    reason: str
    key: str
    by: AnsweredBy = "school"


# Notifications ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProviderScope:
    """What a provider's link opens."""

    edition_id: str
    provider_id: str


@dataclass(frozen=True)
class OpenProviderLink(Query[ProviderScope]):
    """Say what a link opens. Refused when unknown or revoked. Changes nothing."""

    service = "notifications"
    answer = ProviderScope
    token: str


@dataclass(frozen=True)
class ProviderSession:
    """A session as its provider sees it. ``cancelled`` ones stay visible."""

    session: Session
    activity_name: str
    school_name: str
    school_contact: Contact
    group_name: str
    pupils: int
    answer: ProviderAnswer
    school_confirmed: bool
    cancelled: bool = False


@dataclass(frozen=True)
class ProviderPage:
    """Everything a provider sees on its page. ``feed_token``: last part of its feed's address."""

    edition_id: str
    edition_name: str
    organiser: Contact
    provider_name: str
    sessions: tuple[ProviderSession, ...]
    feed_token: str


@dataclass(frozen=True)
class GetProviderPage(Query[ProviderPage]):
    """A provider's page."""

    service = "notifications"
    answer = ProviderPage
    edition_id: str
    provider_id: str


PartyKind = Literal["provider", "school"]
Style = Literal["both", "feed", "invitations"]
"""How a party wants its calendar: an address to subscribe to, invitations by mail, or both."""


@dataclass(frozen=True)
class Party:
    """Someone who receives calendars: a provider or a school. ``page_token``: of a provider's page, else empty.

    ``style``: how it wants them.
    """

    kind: PartyKind
    id: str
    name: str
    email: str
    feed_token: str
    page_token: str = ""
    style: Style = "both"


@dataclass(frozen=True)
class ListParties(Query[tuple[Party, ...]]):
    """Providers and schools of an edition with their feeds."""

    service = "notifications"
    answer = tuple[Party, ...]
    edition_id: str


@dataclass(frozen=True)
class ChooseStyle(Request[Party]):
    """Choose how a party gets its calendar. Whoever was invited to a session still hears what becomes of it."""

    service = "notifications"
    answer = Party
    edition_id: str
    kind: PartyKind
    id: str
    style: Style


@dataclass(frozen=True)
class RotateFeed(Request[Party]):
    """Give a party's feed a new address; the old one is unknown from then on, the other parties' stay."""

    service = "notifications"
    answer = Party
    edition_id: str
    kind: PartyKind
    id: str


@dataclass(frozen=True)
class Feed:
    """A calendar as bytes in UTF-8. ``body`` None: unchanged since ``etag``."""

    etag: str
    last_modified: dt.datetime
    body: str | None


@dataclass(frozen=True)
class GetFeed(Query[Feed]):
    """A feed by its token. ``known_etag``: what the client has. Refused with ``unknown_link``."""

    service = "notifications"
    answer = Feed
    token: str
    known_etag: str = ""
    known_since: dt.datetime | None = None


MailState = Literal["waiting", "sent", "superseded", "failed"]


@dataclass(frozen=True)
class MailSummary:
    """A mail in a list. ``kind``: invitation, cancellation, digest, receipt, notice.

    ``session_id``: of the session an invitation or cancellation is about, else empty.
    ``leaves_at``: when one that waits leaves at the earliest.
    """

    id: str
    recipient: str
    party: str
    kind: str
    subject: str
    state: MailState
    created_at: dt.datetime
    sent_at: dt.datetime | None
    attempts: int
    release: int
    error: str = ""
    session_id: str = ""
    leaves_at: dt.datetime | None = None


@dataclass(frozen=True)
class ListMails(Query[tuple[MailSummary, ...]]):
    """Mails of an edition, latest first."""

    service = "notifications"
    answer = tuple[MailSummary, ...]
    edition_id: str
    state: MailState | None = None


@dataclass(frozen=True)
class SendNow(Request[int]):
    """End the quiet period of the mails that wait: those named, or all of the edition. Answers how many there were."""

    service = "notifications"
    answer = int
    edition_id: str
    mail_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class WithholdMails(Request[int]):
    """Do not send these mails that wait; the next change is told by what was really sent. Answers how many."""

    service = "notifications"
    answer = int
    edition_id: str
    mail_ids: tuple[str, ...]


@dataclass(frozen=True)
class Mail:
    """A mail whole: its raw form in base64."""

    summary: MailSummary
    raw: str


@dataclass(frozen=True)
class GetMail(Query[Mail]):
    """One mail."""

    service = "notifications"
    answer = Mail
    mail_id: str


ReceivedOutcome = Literal[
    "applied", "duplicate", "stale", "ignored", "for_a_person", "to_confirm", "countered", "resent", "bounced"
]


@dataclass(frozen=True)
class Received:
    """What became of an incoming mail, and why (``note``)."""

    outcome: ReceivedOutcome
    note: str = ""
    session_id: str = ""


@dataclass(frozen=True)
class ReceiveMail(Request[Received]):
    """Hand over a mail that came in for the answer address: raw form in base64. The same mail twice counts once."""

    service = "notifications"
    answer = Received
    raw: str
    sender: str = ""


@dataclass(frozen=True)
class IncomingMail:
    """An incoming mail kept for the organiser.

    ``proposed``: start and end that it proposes instead. ``settled``: what the organiser decided, empty until then.
    """

    id: str
    received_at: dt.datetime
    sender: str
    subject: str
    outcome: str
    note: str = ""
    session_id: str = ""
    proposed: tuple[dt.datetime, dt.datetime] | None = None
    settled: str = ""


@dataclass(frozen=True)
class SettleIncoming(Request[IncomingMail]):
    """Decide what becomes of an incoming mail.

    ``apply``: count an answer that waits for confirmation. ``refuse``: say no to a proposed time, in ``words``.
    ``dismiss``: it needs nothing more. Settling what is settled is refused.
    """

    service = "notifications"
    answer = IncomingMail
    mail_id: str
    decision: Literal["apply", "refuse", "dismiss"]
    words: str = ""


@dataclass(frozen=True)
class ListIncoming(Query[tuple[IncomingMail, ...]]):
    """Mails that came in, latest first."""

    service = "notifications"
    answer = tuple[IncomingMail, ...]
    limit: int = field(default=200)
