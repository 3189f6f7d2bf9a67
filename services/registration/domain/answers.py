"""Sessions offered to a school and what it may answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.contracts.errors import Problem, Refused
from services.contracts.values import MOST_PUPILS, PARIS, AnsweredBy, SchoolAnswer, Session
from services.registration.domain.pupils import looks_like_names

MAX_REASON = 500

ALLOWED: dict[SchoolAnswer, tuple[SchoolAnswer, ...]] = {
    "offered": ("confirmed", "declined"),
    "confirmed": ("confirmed", "declined"),
    "declined": ("confirmed",),
}
"""What a school may answer from each state: confirm again to correct a head count, change its mind either way.

Only a release that moves the session leads back to ``offered``.
"""


@dataclass(frozen=True)
class Slot:
    """A session offered to a school. ``since``: the release that gave it its present time and place.

    ``pupils``: the group's count until the school gives its own. ``changed``: moved since the school last answered.
    ``answered_on``: the release in force when it was answered, 0 before.
    """

    session: Session
    since: int
    group_name: str
    pupils: int
    activity_name: str
    provider_name: str
    answer: SchoolAnswer = "offered"
    answered_at: dt.datetime | None = None
    reason: str = ""
    changed: bool = False
    answered_by: AnsweredBy = "school"
    answered_on: int = 0

    def moved_from(self, before: Slot) -> bool:
        """Whether time or place differ from ``before``: what a school's answer depends on."""
        return _time_and_place(self.session) != _time_and_place(before.session)

    def succeed(self, before: Slot) -> Slot:
        """Return this newly released slot with what remains of the one it replaces: the answer, unless it moved."""
        if self.moved_from(before):
            return replace(self, changed=True)
        return replace(
            self,
            since=before.since,
            pupils=before.pupils if before.answer == "confirmed" else self.pupils,
            answer=before.answer,
            answered_at=before.answered_at,
            reason=before.reason,
            changed=before.changed,
            answered_by=before.answered_by,
            answered_on=before.answered_on,
        )

    def answered_after(self, seen: dt.datetime | None) -> bool:
        """Whether the slot got its answer after an instant; not when there is none to compare with."""
        return seen is not None and self.answered_at is not None and self.answered_at > seen

    def confirm(self, pupils: int, now: dt.datetime, by: AnsweredBy = "school", release: int = 0) -> Slot:
        """Return the slot confirmed for ``pupils``; the same slot when that is what it was."""
        if (self.answer, self.pupils) == ("confirmed", pupils):
            return self
        given = replace(self, answer="confirmed", pupils=pupils, reason="")
        return replace(given, answered_at=now, answered_by=by, answered_on=release, changed=False)

    def decline(self, reason: str, now: dt.datetime, by: AnsweredBy = "school", release: int = 0) -> Slot:
        """Return the slot declined; the same slot when it was."""
        if "declined" not in ALLOWED[self.answer]:
            return self
        given = replace(self, answer="declined", reason=reason, changed=False)
        return replace(given, answered_at=now, answered_by=by, answered_on=release)


def confirmation_problems(slots: dict[str, Slot], pupils: dict[str, int], release: int) -> tuple[Problem, ...]:
    """Return what forbids to confirm these sessions with these head counts, all at once."""
    if not pupils:
        return (Problem("nothing_to_confirm"),)
    counted = [
        Problem("pupils_out_of_range", {"session": id_, "low": "1", "high": str(MOST_PUPILS)}, value=str(count))
        for id_, count in pupils.items()
        if not 1 <= count <= MOST_PUPILS
    ]
    return (*stale_problems(slots, tuple(pupils), release), *counted)


def decline_problems(
    slots: dict[str, Slot], session_id: str, reason: str, release: int, no_names: bool = False
) -> tuple[Problem, ...]:
    """Return what forbids to decline this session for this reason. ``no_names``: as for ``text_problem``."""
    problems = stale_problems(slots, (session_id,), release)
    wrong = text_problem(reason, no_names) if reason else Problem("reason_missing")
    return (*problems, replace(wrong, facts={**wrong.facts, "session": session_id})) if wrong else problems


def text_problem(text: str, no_names: bool) -> Problem | None:
    """Return what is wrong with a few words. ``no_names``: who typed them says that they name no pupil."""
    if len(text) > MAX_REASON:
        return Problem("reason_too_long", {"longest": str(MAX_REASON)})
    return Problem("looks_like_names") if looks_like_names(text) and not no_names else None


def stale_problems(slots: dict[str, Slot], session_ids: tuple[str, ...], release: int) -> tuple[Problem, ...]:
    """Return one problem for each session that is no longer as it was in ``release``, with its new time.

    A session that later releases left alone may still be answered on an older page.
    """
    problems = []
    for id_ in session_ids:
        slot = slots.get(id_)
        if slot is None:
            problems.append(Problem("slot_withdrawn", {"session": id_}))
        elif release < slot.since:
            problems.append(Problem("slot_moved", _new_time(slot)))
    return tuple(problems)


def refuse_overtaken(slots: dict[str, Slot], answered: dict[str, Slot], seen: dt.datetime | None) -> None:
    """Raise Refused, naming every session that somebody answered otherwise after ``seen``, the latest answer read.

    ``answered``: the slots as this answer would leave them.
    """
    overtaken = [slots[id_] for id_, new in answered.items() if new != slots[id_] and slots[id_].answered_after(seen)]
    if overtaken:
        raise Refused(*(Problem(f"{slot.answer}_meanwhile", _answer_there_is(slot)) for slot in overtaken))


def _answer_there_is(slot: Slot) -> dict[str, str]:
    names = {"session": slot.session.id, "group": slot.group_name, "activity": slot.activity_name}
    return {**names, "pupils": str(slot.pupils), "reason": slot.reason}


def _new_time(slot: Slot) -> dict[str, str]:
    start = slot.session.start.astimezone(PARIS)
    names = {"session": slot.session.id, "group": slot.group_name, "activity": slot.activity_name}
    return {**names, "day": start.date().isoformat(), "hour": f"{start:%H:%M}", "place": slot.session.place.name}


def _time_and_place(session: Session) -> tuple[object, ...]:
    # At the school itself a corrected address moves nothing.
    return session.start, session.end, session.venue_id, session.place if session.venue_id else None
