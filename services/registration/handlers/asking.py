"""By when schools answer, and answers they take back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import Refused, refused
from services.contracts.events import AnswerDeadlineSet, AnswerUndone
from services.registration.domain.answers import Slot, refuse_overtaken, stale_problems
from services.registration.domain.asking import Asking, local_day, undo_problem, undone
from services.registration.domain.enrolment import Enrolment
from services.registration.handlers.answers import page_of
from services.registration.handlers.common import asking_of, find_edition, lock_edition, lock_enrolment
from services.registration.handlers.keys import once
from services.registration.ports import Transaction


def get_asking(request: rpc.GetAsking, tx: Transaction) -> rpc.Asking:
    """How the schools of an edition are asked."""
    return asking_of(tx.asking.get(find_edition(request.edition_id, tx).id), request.edition_id, tx)


def set_deadline(request: rpc.SetDeadline, tx: Transaction) -> rpc.Asking:
    """Set, prolong or take away the deadline, and tell the other services."""
    edition = lock_edition(request.edition_id, tx)
    asking = tx.asking.get(edition.id)
    if request.day != asking.deadline:
        if request.day is not None:
            _check_deadline(request.day, local_day(tx.now), edition.last_day)
        asking = replace(asking, deadline=request.day)
        _keep(asking, edition.id, tx)
    return asking_of(asking, edition.id, tx)


def _check_deadline(day: dt.date, today: dt.date, last: dt.date) -> None:
    if day < today:
        raise refused("deadline_over", day=day.isoformat())
    if day > last:
        raise refused("edition_day_outside", first=min(today, last).isoformat(), last=last.isoformat())


def _keep(asking: Asking, edition_id: str, tx: Transaction) -> None:
    tx.asking.save(edition_id, asking)
    tx.history.add(edition_id, "", "deadline_set", day=asking.deadline.isoformat() if asking.deadline else "")
    tx.emit(AnswerDeadlineSet(edition_id, asking.deadline))


@once
def undo_answer(request: rpc.UndoAnswer, tx: Transaction) -> rpc.SchoolPage:
    """Offer a session again that the school has just confirmed or declined."""
    enrolment = lock_enrolment(request.edition_id, request.school_id, tx)
    slots = tx.slots.of_school(request.edition_id, request.school_id)
    problems = stale_problems(slots, (request.session_id,), request.release)
    if problems:
        raise Refused(*problems)
    _undo(slots[request.session_id], enrolment, request, tx)
    return page_of(enrolment, find_edition(request.edition_id, tx), tx)


def _undo(slot: Slot, enrolment: Enrolment, request: rpc.UndoAnswer, tx: Transaction) -> None:
    edition_id, school_id, release = request.edition_id, request.school_id, tx.editions.release(request.edition_id)
    problem = undo_problem(slot, release, tx.now)
    if problem:
        raise Refused(problem)
    if slot.answer == "offered":
        return
    known = next((group.pupils for group in enrolment.groups if group.id == slot.session.group_id), slot.pupils)
    offered = undone(slot, known)
    refuse_overtaken({slot.session.id: slot}, {slot.session.id: offered}, request.seen)
    tx.slots.save(edition_id, offered)
    tx.history.add(edition_id, school_id, "undone", session=slot.session.id, answer=slot.answer, by=request.by)
    tx.emit(AnswerUndone(edition_id, school_id, release, slot.session.id))
