"""Facts that other services tell of editions and schools: kept as copies, and shown in every calendar they touch."""

from __future__ import annotations

from collections.abc import Callable

from services.contracts.events import AnswerDeadlineSet, EditionOpened, PersonErased, RegistrationSubmitted
from services.notifications.domain.entry import Party, Registered
from services.notifications.handlers.office import Office
from services.notifications.handlers.reminders import thread
from services.notifications.ports import Desk, Tx


def edition_opened(event: EditionOpened, tx: Tx, *, desk: Desk) -> None:
    """Keep the edition; names that changed show in every calendar."""
    tx.editions.save(event.edition)
    office = Office(tx, tx.editions.lock(event.edition.id), desk)
    office.keep_in_step()
    office.render_all_feeds()
    tx.history.add(event.edition.id, "edition_kept", edition=event.edition.id, sequence=str(tx.sequence))


def registration_submitted(event: RegistrationSubmitted, tx: Tx, *, desk: Desk) -> None:
    """Keep the school, its contact and groups; it may come before its edition."""
    registered = Registered(event.school, event.groups, event.link, event.declared)
    earlier = tx.schools.of_edition(event.edition_id, event.school.id).get(event.school.id)
    tx.schools.save(event.edition_id, registered.with_groups_of(earlier) if earlier else registered)
    if registered.declared:
        tx.mails.withdraw(thread(event.edition_id, event.school.id))
    if tx.editions.find(event.edition_id):
        office = Office(tx, tx.editions.lock(event.edition_id), desk)
        office.keep_in_step(event.school.id)
        office.render_feeds({Party("school", event.school.id)})
    tx.history.add(event.edition_id, "registration_kept", school=event.school.id, sequence=str(tx.sequence))


def person_erased(event: PersonErased, tx: Tx, *, erase: Callable[[PersonErased, Tx], None], desk: Desk) -> None:
    """Take a person out, also of everyone's calendars; what waited for this person never leaves."""
    erase(event, tx)
    tx.mails.drop_without_address()
    for edition_id in tx.editions.ids():
        readers = {party for party, _ in tx.links.of_edition(edition_id)}
        Office(tx, tx.editions.lock(edition_id), desk).render_feeds(readers)


def answer_deadline_set(event: AnswerDeadlineSet, tx: Tx) -> None:
    """Keep the day that mails name. Raises NotYetKnown while the edition has not been heard of."""
    tx.editions.lock(event.edition_id)
    tx.editions.set_deadline(event.edition_id, event.day)
    tx.history.add(event.edition_id, "deadline_kept", day=event.day.isoformat() if event.day else "")
