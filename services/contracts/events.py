"""Facts that services tell each other, in the past tense, and the envelope they travel in.

Add optional fields only; a new meaning is a new event. ``source`` names the service that emits it.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from services.contracts.outcomes import Outcome
from services.contracts.values import (
    Busy,
    Change,
    Edition,
    GivenPermission,
    Group,
    PermissionKind,
    PermissionLevel,
    School,
    SchoolClass,
    Session,
    SettledWish,
)


@dataclass(frozen=True)
class Event:
    """A fact. ``dataversion`` rises only when an old reader could misread a new message.

    Facts of one ``stream`` (the type, unless several types share one) about one ``subject`` are numbered in the order
    they became true. ``snapshot``: the fact tells all there is
    to know of its subject, so a reader that has applied a later one skips it.
    """

    source: ClassVar[str]
    dataversion: ClassVar[int] = 1
    snapshot: ClassVar[bool] = True
    shared_stream: ClassVar[str] = ""

    @classmethod
    def stream(cls) -> str:
        """What its numbers count."""
        return cls.shared_stream or cls.type()

    @property
    def subject(self) -> str:
        """What the fact is about."""
        raise NotImplementedError

    @classmethod
    def type(cls) -> str:
        """The name on the wire, such as ``plan_released``."""
        return snake_case(cls.__name__)


@dataclass(frozen=True)
class Envelope:
    """What surrounds an event (attribute names of CloudEvents 1.0).

    ``sequence`` counts the facts of the event's stream about ``subject``, from 1.
    ``traceid`` follows a request through every service it touches.
    """

    id: str
    source: str
    type: str
    time: dt.datetime
    dataversion: int
    traceid: str
    subject: str
    sequence: int
    data: dict[str, Any]


@dataclass(frozen=True)
class EditionOpened(Event):
    """An edition exists, or its description changed."""

    source = "scheduling"
    edition: Edition

    @property
    def subject(self) -> str:
        return self.edition.id


@dataclass(frozen=True)
class RegistrationSubmitted(Event):
    """What a school registers for an edition, whole: hours, closures, classes and the groups formed from them.

    ``link``: seed of the school's link; a token takes the secret as well. Messages from before seeds mean the first.
    ``declared``: the school registered by its own form.
    """

    source = "registration"
    edition_id: str
    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]
    link: str = "1"
    declared: bool = False

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school.id}"


@dataclass(frozen=True)
class PlanReleased(Event):
    """A plan became a release: all its sessions, and what changed since the release before.

    ``held_back``: ids of mails about it that the organiser saw beforehand and does not want to leave.
    """

    source = "scheduling"
    edition_id: str
    release: int
    sessions: tuple[Session, ...]
    changes: tuple[Change, ...]
    held_back: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.edition_id


@dataclass(frozen=True)
class OutcomeRecorded(Event):
    """It was told what became of a session: held, shortened or cancelled, and how many pupils came."""

    source = "scheduling"
    edition_id: str
    outcome: Outcome

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.outcome.session_id}"


@dataclass(frozen=True)
class SlotsConfirmed(Event):
    """A school confirmed sessions it was offered. ``pupils``: the head count it gave, by session."""

    source = "registration"
    snapshot = False
    shared_stream = "school_answers"
    edition_id: str
    school_id: str
    release: int
    session_ids: tuple[str, ...]
    pupils: dict[str, int]

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school_id}"


@dataclass(frozen=True)
class SlotDeclined(Event):
    """A school cannot take a session it was offered."""

    source = "registration"
    snapshot = False
    shared_stream = "school_answers"
    edition_id: str
    school_id: str
    release: int
    session_id: str
    reason: str

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school_id}"


@dataclass(frozen=True)
class AnswerUndone(Event):
    """A school took back its answer to a session, which waits for one again."""

    source = "registration"
    snapshot = False
    shared_stream = "school_answers"
    edition_id: str
    school_id: str
    release: int
    session_id: str

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school_id}"


@dataclass(frozen=True)
class AnswerDeadlineSet(Event):
    """By when the schools of an edition are asked to answer. ``day``: the last day, None: there is no deadline."""

    source = "registration"
    edition_id: str
    day: dt.date | None

    @property
    def subject(self) -> str:
        return self.edition_id


@dataclass(frozen=True)
class PlaceOffered(Event):
    """A place in a programme is free for a group that waited for one; its school answers before ``until``."""

    source = "registration"
    snapshot = False
    edition_id: str
    programme_id: str
    school_id: str
    group_id: str
    until: dt.datetime

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school_id}"


@dataclass(frozen=True)
class PermissionLevelsSet(Event):
    """Which permissions the organiser of an edition watches, and which are needed."""

    source = "registration"
    edition_id: str
    levels: dict[PermissionKind, PermissionLevel]

    @property
    def subject(self) -> str:
        return self.edition_id


@dataclass(frozen=True)
class PermissionsMarked(Event):
    """The permissions that a school has now."""

    source = "registration"
    edition_id: str
    school_id: str
    given: tuple[GivenPermission, ...]

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school_id}"


@dataclass(frozen=True)
class WishesSettled(Event):
    """What the organiser decided about the other slots a school wishes for: all that stands now."""

    source = "registration"
    edition_id: str
    school_id: str
    wishes: tuple[SettledWish, ...]

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.school_id}"


@dataclass(frozen=True)
class PersonErased(Event):
    """A person is to be taken out of every service. ``mark``: of the mail address, from which nobody can read it."""

    source = "registration"
    mark: str

    @property
    def subject(self) -> str:
        return self.mark


@dataclass(frozen=True)
class SignInAsked(Event):
    """A person who organises is to get a link by mail that signs in once, until ``until``.

    ``seed``: a token takes the secret as well. ``invited``: the link is the first one, on another's invitation.
    """

    source = "registration"
    snapshot = False
    account_id: str
    email: str
    name: str
    language: str
    seed: str
    until: dt.datetime
    invited: bool = False

    @property
    def subject(self) -> str:
        return self.account_id


@dataclass(frozen=True)
class InvitationAnswered(Event):
    """A provider answered an invitation from its calendar."""

    source = "notifications"
    edition_id: str
    session_id: str
    provider_id: str
    answer: Literal["accepted", "declined", "tentative"]
    comment: str = ""

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.session_id}/{self.provider_id}"


@dataclass(frozen=True)
class BusyTimeRead(Event):
    """When a provider's teams are taken, as its own calendars say now. ``teams``: by team; empty id: every team."""

    source = "notifications"
    edition_id: str
    provider_id: str
    teams: dict[str, tuple[Busy, ...]]

    @property
    def subject(self) -> str:
        return f"{self.edition_id}/{self.provider_id}"


ALL_EVENTS: tuple[type[Event], ...] = (
    EditionOpened,
    RegistrationSubmitted,
    PlanReleased,
    OutcomeRecorded,
    SlotsConfirmed,
    SlotDeclined,
    AnswerUndone,
    AnswerDeadlineSet,
    PlaceOffered,
    PermissionLevelsSet,
    PermissionsMarked,
    WishesSettled,
    PersonErased,
    SignInAsked,
    InvitationAnswered,
    BusyTimeRead,
)


@functools.cache
def snake_case(name: str) -> str:
    """Return ``PlanReleased`` as ``plan_released``."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
