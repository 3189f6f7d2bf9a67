"""A release: every calendar follows, each school concerned hears of it once."""

from __future__ import annotations

from functools import partial

from services.contracts.events import PlanReleased
from services.contracts.values import School
from services.notifications.domain.delivery import Draft
from services.notifications.domain.digest import Item, compare, concerns
from services.notifications.domain.entry import Entry, carry_over, gather
from services.notifications.domain.invitation import Invitation
from services.notifications.handlers import texts
from services.notifications.handlers.office import Office
from services.notifications.handlers.reminders import thread
from services.notifications.ports import Desk, Tx


def plan_released(event: PlanReleased, tx: Tx, *, desk: Desk) -> None:
    """Invite, move and cancel providers; send each school concerned one summary.

    Raises NotYetKnown while the edition or a school has not been heard of.
    """
    office = Office(tx, tx.editions.lock(event.edition_id), desk)
    registered = tx.schools.of_edition(event.edition_id)
    planned = carry_over(tx.sessions.of_edition(event.edition_id), event.sessions, registered, event.release)
    for session in planned:
        gather(office.edition, registered, session)
    tx.sessions.replace(event.edition_id, planned)
    tx.editions.set_release(event.edition_id, event.release)
    shown = texts.shown(office)
    office.keep_in_step()
    _tell_schools(office, event.release)
    texts.tell_changes(office, shown)
    tx.mails.withhold(event.edition_id, event.held_back)
    tx.history.add(event.edition_id, "release_followed", release=str(event.release))


def _tell_schools(office: Office, release: int) -> None:
    now = _entries_by_school(office.tx.invitations.latest(office.edition.id))
    registered = office.tx.schools.of_edition(office.edition.id)
    for school_id in sorted(now):
        told = office.tx.mails.digest_told(office.edition.id, school_id)
        _tell(office, registered[school_id].school, release, now[school_id], compare(told, now[school_id]))


def _tell(office: Office, school: School, release: int, now: dict[str, Entry], items: tuple[Item, ...]) -> None:
    draft = office.addressed(
        Draft(
            edition_id=office.edition.id,
            thread=f"digest/{office.edition.id}/{school.id}",
            recipient=school.contact.email,
            kind="digest",
            party=school.id,
            release=release,
            told=now,
        )
    )
    if office.tx.mails.awaits(draft):
        return
    office.tx.mails.withdraw(draft.thread)
    if concerns(items):
        office.tx.mails.withdraw(thread(office.edition.id, school.id))
        letter = partial(office.press.digest, office.edition, school, release, items, office.deadline)
        office.post(draft, letter)


def _entries_by_school(invitations: tuple[Invitation, ...]) -> dict[str, dict[str, Entry]]:
    """Return the live entries of each school; a school whose sessions are all gone keeps its place."""
    schools: dict[str, dict[str, Entry]] = {}
    for invitation in invitations:
        if invitation.party.kind == "school":
            entries = schools.setdefault(invitation.party.id, {})
            if invitation.live:
                entries[invitation.session.id] = invitation.revision.entry
    return schools
