"""Answers of schools, given on their pages: confirmed or declined."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from services.contracts.events import AnswerUndone, SlotDeclined, SlotsConfirmed
from services.contracts.values import School
from services.notifications.domain.delivery import Draft, MailKind
from services.notifications.domain.entry import Entry, NotYetKnown, Party, Planned
from services.notifications.handlers.office import Office
from services.notifications.handlers.reminders import thread
from services.notifications.ports import Desk, Tx


def slots_confirmed(event: SlotsConfirmed, tx: Tx, *, desk: Desk) -> None:
    """Show the confirmation and the head counts in the calendars; give the school a receipt."""
    office = Office(tx, tx.editions.lock(event.edition_id), desk)
    confirmed = _still_offered(tx, event, event.session_ids)
    for planned in confirmed:
        pupils = event.pupils.get(planned.session.id, planned.pupils)
        tx.sessions.save(event.edition_id, replace(planned, answer="confirmed", pupils=pupils, answered=tx.sequence))
    office.keep_in_step(event.school_id)
    tx.mails.withdraw(thread(event.edition_id, event.school_id))
    if confirmed:
        _give_receipt(office, event, confirmed, reason="")
    _note(tx, event, "confirmation_shown")


def slot_declined(event: SlotDeclined, tx: Tx, *, desk: Desk) -> None:
    """Show the refusal in the calendars, give the school a receipt and tell the organiser."""
    office = Office(tx, tx.editions.lock(event.edition_id), desk)
    declined = _still_offered(tx, event, (event.session_id,))
    for planned in declined:
        tx.sessions.save(event.edition_id, replace(planned, answer="declined", answered=tx.sequence))
    office.keep_in_step(event.school_id)
    tx.mails.withdraw(thread(event.edition_id, event.school_id))
    if declined:
        _give_receipt(office, event, declined, event.reason)
        _tell_organiser(office, event, declined)
    _note(tx, event, "refusal_shown")


def answer_undone(event: AnswerUndone, tx: Tx, *, desk: Desk) -> None:
    """Show in the calendars that a session waits for the school's answer again."""
    office = Office(tx, tx.editions.lock(event.edition_id), desk)
    for planned in _still_offered(tx, event, (event.session_id,)):
        undone = replace(planned, answer="offered", pupils=None, answered=tx.sequence)
        tx.sessions.save(event.edition_id, undone)
    office.keep_in_step(event.school_id)
    _note(tx, event, "undo_shown")


def _still_offered(
    tx: Tx, event: SlotsConfirmed | SlotDeclined | AnswerUndone, session_ids: tuple[str, ...]
) -> tuple[Planned, ...]:
    """Return the sessions an answer is about, but for those that moved, or were answered again, after it."""
    if tx.editions.release(event.edition_id) < event.release:
        raise NotYetKnown(f"release {event.release} of {event.edition_id}")
    sessions = tx.sessions.of_edition(event.edition_id, event.school_id)
    answered = (sessions[id_] for id_ in session_ids if id_ in sessions)
    return tuple(planned for planned in answered if planned.since <= event.release and planned.answered < tx.sequence)


def _give_receipt(
    office: Office, event: SlotsConfirmed | SlotDeclined, answered: tuple[Planned, ...], reason: str
) -> None:
    school, entries = _school_entries(office, event.school_id, answered)
    draft = _draft(office, event, "receipt", school.contact.email)
    office.post(draft, partial(office.press.receipt, office.edition, school, entries, reason))


def _tell_organiser(office: Office, event: SlotDeclined, declined: tuple[Planned, ...]) -> None:
    school, (entry, *_) = _school_entries(office, event.school_id, declined)
    draft = _draft(office, event, "notice", office.edition.organiser.email)
    office.post(draft, partial(office.press.notice, office.edition, school, entry, event.reason))


def _draft(office: Office, event: SlotsConfirmed | SlotDeclined, kind: MailKind, recipient: str) -> Draft:
    return Draft(event.edition_id, recipient, kind, event.school_id, event.release)


def _note(tx: Tx, event: SlotsConfirmed | SlotDeclined | AnswerUndone, code: str) -> None:
    tx.history.add(event.edition_id, code, school=event.school_id, sequence=str(tx.sequence))


def _school_entries(office: Office, school_id: str, answered: tuple[Planned, ...]) -> tuple[School, tuple[Entry, ...]]:
    wanted = {planned.session.id for planned in answered}
    invitations = office.tx.invitations.latest(office.edition.id, school_id)
    entries = [
        i.revision.entry for i in invitations if i.party == Party("school", school_id) and i.session.id in wanted
    ]
    school = office.school(school_id)
    return school, tuple(sorted(entries, key=lambda entry: (entry.start, entry.summary)))
