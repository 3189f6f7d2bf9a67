"""What the organiser decided about other slots: one mail a school, whatever the number of its wishes."""

from __future__ import annotations

from functools import partial

from services.contracts.events import WishesSettled
from services.notifications.domain.delivery import Draft
from services.notifications.domain.entry import NotYetKnown
from services.notifications.handlers.office import Office
from services.notifications.ports import Desk, Tx


def wishes_settled(event: WishesSettled, tx: Tx, *, desk: Desk) -> None:
    """Tell the school where its wishes stand. Raises NotYetKnown while its registration has not been heard of."""
    office = Office(tx, tx.editions.lock(event.edition_id), desk)
    registered = tx.schools.of_edition(event.edition_id, event.school_id).get(event.school_id)
    if registered is None:
        raise NotYetKnown(f"school {event.school_id} of {event.edition_id}")
    school, release = registered.school, tx.editions.release(event.edition_id)
    thread = f"wishes/{event.edition_id}/{school.id}"
    tx.mails.withdraw(thread)
    draft = Draft(event.edition_id, school.contact.email, "wishes", school.id, release, thread)
    office.post(draft, partial(office.press.wishes, office.edition, school, event.wishes, office.deadline))
