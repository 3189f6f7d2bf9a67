"""Places of programmes that became free: their schools are told at once."""

from __future__ import annotations

from functools import partial

from services.contracts.events import PlaceOffered
from services.notifications.domain.delivery import Draft
from services.notifications.domain.entry import NotYetKnown
from services.notifications.handlers.office import Office
from services.notifications.ports import Desk, Tx


def place_offered(event: PlaceOffered, tx: Tx, *, desk: Desk) -> None:
    """Tell the school of a group that waited. Raises NotYetKnown while its registration has not been heard of."""
    office = Office(tx, tx.editions.lock(event.edition_id), desk)
    registered = tx.schools.of_edition(event.edition_id, event.school_id).get(event.school_id)
    groups = {group.id: group for group in registered.groups} if registered else {}
    if registered is None or event.group_id not in groups:
        raise NotYetKnown(f"group {event.group_id} of {event.edition_id}")
    school, group = registered.school, groups[event.group_id].name
    programme = office.edition.programme(event.programme_id).name
    draft = Draft(event.edition_id, school.contact.email, "place", school.id, tx.editions.release(event.edition_id))
    office.post(draft, partial(office.press.place, office.edition, school, programme, group, event.until))
    tx.history.add(event.edition_id, "place_told", school=school.id, group=event.group_id)
