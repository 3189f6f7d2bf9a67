"""What the API takes and gives where the contracts have no such form, or hold what no software needs (links)."""

from __future__ import annotations

from dataclasses import dataclass

from services.contracts.rpc import Deadline, ImportFile, Offer, OpenException, Registration, SettleChoice
from services.contracts.values import Group, HalfDay, School, SchoolClass


@dataclass(frozen=True)
class RegisteredSchool:
    """A school with its classes, groups and open exceptions. ``answers``: sessions by answer."""

    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]
    exceptions: tuple[OpenException, ...]
    answers: dict[str, int]

    @classmethod
    def of(cls, found: Registration) -> RegisteredSchool:
        """Return a registration without the token of its link."""
        return cls(found.school, found.classes, found.groups, found.exceptions, found.answers)


@dataclass(frozen=True)
class SchoolsPage:
    """Some schools, by id. ``next``: where the following ones are, null after the last."""

    items: tuple[RegisteredSchool, ...]
    next: str | None


@dataclass(frozen=True)
class SchoolAnswers:
    """The sessions offered to a school in a release (0: none yet), and its answers to them."""

    release: int
    deadline: Deadline | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Files:
    """Schools, and classes if their file is known, as CSV text. ``preview``: say what would be done, and do nothing."""

    schools: ImportFile
    classes: ImportFile | None = None
    preview: bool = False


@dataclass(frozen=True)
class HalfDays:
    """Half-days on which a school closes or opens again."""

    half_days: tuple[HalfDay, ...]


@dataclass(frozen=True)
class DeclaredClass:
    """A class as a school declares it. ``id``: of the class it replaces, empty for a new one."""

    name: str
    pupils: int
    programmes: tuple[str, ...]
    level: str = ""
    id: str = ""


@dataclass(frozen=True)
class DeclaredClasses:
    """All classes of a school: one that is left out is no longer registered."""

    classes: tuple[DeclaredClass, ...]


@dataclass(frozen=True)
class Decision:
    """What becomes of a class that the group rule cannot cut."""

    class_id: str
    programme_id: str
    choice: SettleChoice


@dataclass(frozen=True)
class Confirmation:
    """Sessions confirmed. ``release``: the one the answer was read on; ``pupils``: expected head count by session."""

    release: int
    pupils: dict[str, int]


@dataclass(frozen=True)
class Refusal:
    """A session declined, and why. ``no_names``: the reason names no pupil, though it reads as if it did."""

    release: int
    session_id: str
    reason: str
    no_names: bool = False


@dataclass(frozen=True)
class TakenBack:
    """A session whose answer is taken back."""

    release: int
    session_id: str
