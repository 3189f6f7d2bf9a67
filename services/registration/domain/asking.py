"""The calendar of asking: by when schools answer, and how long an answer may be taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from services.contracts.errors import Problem
from services.contracts.values import PARIS, PermissionKind, PermissionLevel
from services.registration.domain.answers import Slot

UNDO_WITHIN = dt.timedelta(hours=72)
"""How long a school may take back its answer."""


@dataclass(frozen=True)
class Asking:
    """How the schools of an edition are asked. ``deadline``: the last day to answer, in Paris.

    ``levels``: of the permissions that the organiser has spoken about.
    """

    deadline: dt.date | None = None
    levels: dict[PermissionKind, PermissionLevel] = field(default_factory=dict)

    @property
    def closes(self) -> dt.datetime | None:
        """The instant from which an answer is late: the end of the last day."""
        return dt.datetime.combine(self.deadline + dt.timedelta(1), dt.time(), PARIS) if self.deadline else None

    def late(self, answered_at: dt.datetime | None) -> bool:
        """Whether an answer came after the deadline; it counts all the same."""
        return bool(self.closes and answered_at and answered_at >= self.closes)


def local_day(instant: dt.datetime) -> dt.date:
    """Return the day in Paris."""
    return instant.astimezone(PARIS).date()


def undo_until(slot: Slot, release: int, now: dt.datetime) -> dt.datetime | None:
    """Return until when a school may take back its answer; None when it may not, or no longer.

    ``release``: the one in force; a later one than that of the answer was made counting on it.
    """
    if slot.answered_at is None or slot.answer == "offered" or slot.answered_on != release:
        return None
    end = slot.answered_at + UNDO_WITHIN
    return end if now < end else None


def undo_problem(slot: Slot, release: int, now: dt.datetime) -> Problem | None:
    """Return why an answer cannot be taken back; an offered slot has none to take back, which is no fault."""
    if slot.answer == "offered" or undo_until(slot, release, now):
        return None
    code = "undo_after_release" if slot.answered_on != release else "undo_too_late"
    return Problem(code, {"session": slot.session.id})


def undone(slot: Slot, pupils: int) -> Slot:
    """Return the slot offered again, with the head count known before the school gave its own."""
    offered = replace(slot, answer="offered", answered_at=None, answered_on=0, answered_by="school")
    return replace(offered, pupils=pupils, reason="")
