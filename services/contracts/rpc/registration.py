"""What registration is asked: imports, schools, forms, answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.asking import Deadline
from services.contracts.rpc.permissions import Permission
from services.contracts.rpc.places import GroupPlace
from services.contracts.rpc.request import Query, Request
from services.contracts.rpc.scheduling import Alternative
from services.contracts.rpc.wishes import Wish
from services.contracts.values import (
    AnsweredBy,
    Contact,
    Group,
    HalfDay,
    School,
    SchoolAnswer,
    SchoolClass,
    Session,
)


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
    """Register schools and classes from CSV files. A fault anywhere: all faults are listed, nothing changes.

    ``classes`` None: schools keep the classes they have and say theirs in their own form.
    ``preview``: say what the import would do, and do nothing.
    """

    service = "registration"
    answer = ImportReport
    edition_id: str
    schools: ImportFile
    classes: ImportFile | None = None
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
    """The columns of the files of an import."""

    schools: FileColumns
    classes: FileColumns | None = None


@dataclass(frozen=True)
class ReadColumns(Query[ImportColumns]):
    """Recognise the columns of the files of an import: as they were chosen last time, else by their headers."""

    service = "registration"
    answer = ImportColumns
    schools: ImportFile
    classes: ImportFile | None = None


SettleChoice = Literal["one_group", "two_groups", "join", "leave_out"]


@dataclass(frozen=True)
class OpenException:
    """A class the group rule cannot cut: why, and what the organiser may choose, with the sizes it would give.

    ``mates``: names of the classes it would join. ``low``, ``high``: pupils of a group by the rule.
    ``chosen``: what was decided; empty while it waits.
    """

    class_id: str
    programme_id: str
    pupils: int
    reason: Literal["too_small", "too_large"]
    choices: dict[str, tuple[int, ...]]
    mates: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    chosen: SettleChoice | Literal[""] = ""


@dataclass(frozen=True)
class Registration:
    """A school's registration as the organiser sees it. ``answers``: sessions by answer in the current release.

    ``late``: how many of them were answered after the deadline. ``decided``: exceptions that wait no longer.
    """

    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]
    exceptions: tuple[OpenException, ...]
    answers: dict[str, int]
    token: str
    late: int = 0
    decided: tuple[OpenException, ...] = ()


@dataclass(frozen=True)
class ListRegistrations(Query[tuple[Registration, ...]]):
    """Every school of an edition with its classes, groups and answers, by name. ``token``: of the school's link."""

    service = "registration"
    answer = tuple[Registration, ...]
    edition_id: str


@dataclass(frozen=True)
class SettleException(Request[Registration]):
    """Decide what becomes of a class that the group rule cannot cut.

    ``before``: what was decided when it was read, empty for nothing, None for whatever it was.
    """

    service = "registration"
    answer = Registration
    edition_id: str
    class_id: str
    programme_id: str
    choice: SettleChoice
    before: str | None = None


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
    """Say what a link opens. Refused when it is unknown, revoked or expired. Changes nothing: mail scanners open links.

    ``link``: SHA-256 of its token, so that no message holds one.
    """

    service = "registration"
    answer = SchoolScope
    link: str


@dataclass(frozen=True)
class RevokeSchoolLink(Request[Registration]):
    """Close a school's link at once, wherever it is open; ``renew``: a new one takes its place."""

    service = "registration"
    answer = Registration
    edition_id: str
    school_id: str
    renew: bool


@dataclass(frozen=True)
class Offer:
    """A session offered to a school and what became of it. ``changed``: moved since the school last answered.

    ``undo_until``: until when the answer may be taken back, None when it may not. ``late``: it came after the deadline.
    """

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
    undo_until: dt.datetime | None = None
    late: bool = False
    wish: Wish | None = None


@dataclass(frozen=True)
class SchoolPage:
    """Everything a school sees on its page. ``release`` 0: nothing offered yet.

    ``places``: of its groups, in programmes that do not take everyone.
    """

    edition_id: str
    edition_name: str
    organiser: Contact
    noon: int
    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]
    release: int
    offers: tuple[Offer, ...]
    deadline: Deadline | None = None
    permissions: tuple[Permission, ...] = ()
    places: tuple[GroupPlace, ...] = ()


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
    ``without_class``: half-days outside the hours that the form gives. ``version``: of what is registered.
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
    without_class: tuple[HalfDay, ...] = ()
    version: str = ""


@dataclass(frozen=True)
class GetRegistrationForm(Query[RegistrationForm]):
    """A school's registration form."""

    service = "registration"
    answer = RegistrationForm
    edition_id: str
    school_id: str


@dataclass(frozen=True)
class SaveDraft(Request[None]):
    """Keep what a school has typed so far. Nothing is checked and nobody is told."""

    service = "registration"
    answer = type(None)
    edition_id: str
    school_id: str
    fields: dict[str, str]


@dataclass(frozen=True)
class RegisterSchool(Request[SchoolScope]):
    """Register a school by its own word. Raises Refused with a problem for each field at fault (``column``).

    Answered in a word, since the answer is kept with the ``key``: the school's page says what became of it.
    ``before``: the version that was read; refused when there is another since. None: whatever there was.
    """

    service = "registration"
    answer = SchoolScope
    edition_id: str
    school_id: str
    fields: dict[str, str]
    key: str
    before: str | None = None


@dataclass(frozen=True)
class ConfirmSlots(Request[SchoolPage]):
    """Confirm offered sessions. ``pupils``: expected head count by session id, which a person types.

    ``release`` is the one the answer was read on: refused with the new dates when outdated. ``seen``: the latest answer
    that was read then; refused when somebody has answered otherwise since. None: whatever there was. The same ``key``
    again answers the same and changes nothing.
    """

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str
    release: int
    pupils: dict[str, int]
    key: str
    by: AnsweredBy = "school"
    seen: dt.datetime | None = None


@dataclass(frozen=True)
class DeclineSlot(Request[SchoolPage]):
    """Decline an offered session, with a reason. ``no_names``: it names no pupil, says a person, though it seems to.

    ``seen``: as in ``ConfirmSlots``.
    """

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str
    release: int
    session_id: str
    reason: str
    key: str
    by: AnsweredBy = "school"
    no_names: bool = False
    seen: dt.datetime | None = None


@dataclass(frozen=True)
class UndoAnswer(Request[SchoolPage]):
    """Take back an answer within 72 hours, as long as no release came after it: the session waits for one again.

    ``seen``: as in ``ConfirmSlots``.
    """

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str
    release: int
    session_id: str
    key: str
    by: AnsweredBy = "school"
    seen: dt.datetime | None = None


@dataclass(frozen=True)
class AskForSlot(Request[SchoolPage]):
    """Wish for another slot, one of those scheduling offers, at the price it said. A later wish takes its place.

    ``no_names``: the comment names no pupil, says a person, though it seems to.
    """

    service = "registration"
    answer = SchoolPage
    edition_id: str
    school_id: str
    release: int
    session_id: str
    alternative: Alternative
    comment: str
    key: str
    by: AnsweredBy = "school"
    no_names: bool = False
