"""Short texts to who asked for them: what changes today or tomorrow, and a reminder the day before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import PARIS, Contact
from services.notifications.domain import texting
from services.notifications.domain.delivery import Draft, Letter
from services.notifications.domain.entry import Entry, Party
from services.notifications.domain.texting import Texted
from services.notifications.handlers.office import Office
from services.notifications.handlers.queries import edition_of, parties_of
from services.notifications.ports import Desk, Tx

Calendars = Mapping[Party, Mapping[str, Entry]]
"""What each party's calendar says, by session."""


def set_texts(request: rpc.SetTexts, tx: Tx, *, desk: Desk) -> None:
    """Send texts to a number from now on, or to none."""
    edition, party = edition_of(tx, request.edition_id), Party(request.kind, request.id)
    known = {Party(one.kind, one.id): one.email for one in parties_of(tx, edition, desk.names)}
    if party not in known:
        raise refused("unknown_party", party=request.id)
    if desk.numbers is None:
        raise refused("no_texts_here")
    phone = desk.numbers.e164(request.phone) if request.phone.strip() else ""
    if phone is None:
        raise refused("phone_for_texts")
    tx.parties.set_number(edition.id, party, Texted(known[party], phone) if phone else None)
    if not phone:
        tx.mails.withdraw(texting.thread(edition.id, party))
    tx.history.add(edition.id, "texts_set", party=party.id, wanted=str(bool(phone)))


def shown(office: Office) -> Calendars:
    """Return what calendars say of each session, where anybody asked for texts."""
    if not office.tx.parties.numbers(office.edition.id):
        return {}
    found: dict[Party, dict[str, Entry]] = {}
    for invitation in office.tx.invitations.latest(office.edition.id):
        if invitation.live:
            found.setdefault(invitation.party, {})[invitation.session.id] = invitation.revision.entry
    return found


def tell_changes(office: Office, before: Calendars) -> None:
    """Text what a release changed at short notice. ``before``: what calendars said until now."""
    now = shown(office)
    for party, texted in sorted(office.tx.parties.numbers(office.edition.id).items()):
        if before.get(party, {}) != now.get(party, {}):
            _tell(office, party, texted, before.get(party, {}), now.get(party, {}))


def _tell(office: Office, party: Party, texted: Texted, before: Mapping[str, Entry], now: Mapping[str, Entry]) -> None:
    tx, thread = office.tx, texting.thread(office.edition.id, party)
    told = tx.mails.waiting_told(thread) or before
    tx.mails.withdraw(thread)
    items = texting.news(told, now, tx.now)
    contact = _contact(office, party)
    if not items or contact.email != texted.email:
        return
    tx.mails.withdraw(texting.reminder_thread(office.edition.id, party, tx.now.astimezone(PARIS).date()))
    begins = texting.first_of(items, tx.now)
    draft = _draft(office, party, texted, thread, begins, told)
    _post(office, draft, partial(office.press.text_changes, office.edition, contact.language, items))


class Reminding:
    """Texts the sessions of the next weekday, once a day; forgets the numbers of editions that are over."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Tx]], desk: Desk) -> None:
        self._begin, self._desk = begin, desk

    def tick(self) -> bool:
        """Remind whom it is time to remind."""
        with self._begin() as tx:
            tx.parties.forget_numbers(tx.now)
            remind(tx, self._desk)
        return False


def remind(tx: Tx, desk: Desk) -> None:
    """Text who asked for it the sessions of the next weekday, unless it was done today."""
    here = tx.now.astimezone(PARIS)
    if not texting.REMINDS_FROM <= here.time() < texting.QUIET_FROM:
        return
    for edition_id in tx.editions.ids():
        numbers = tx.parties.numbers(edition_id)
        if numbers:
            _remind(Office(tx, tx.editions.lock(edition_id), desk), numbers, here.date())


def _remind(office: Office, numbers: Mapping[Party, Texted], today: dt.date) -> None:
    tx, edition = office.tx, office.edition
    told = shown(office)
    declined = {id_ for id_, one in tx.sessions.of_edition(edition.id).items() if one.answer == "declined"}
    for party, texted in sorted(numbers.items()):
        held = (entry for id_, entry in told.get(party, {}).items() if id_ not in declined)
        entries = tuple(
            sorted((e for e in held if texting.eve(e.start.astimezone(PARIS).date()) == today), key=_by_start)
        )
        thread, contact = texting.reminder_thread(edition.id, party, today), _contact(office, party)
        reminded = tx.mails.last_queued(thread, texted.recipient(party.id))
        if entries and not reminded and contact.email == texted.email:
            draft = _draft(office, party, texted, thread, entries[0].start)
            _post(office, draft, partial(office.press.text_reminder, edition, contact.language, entries))


def _by_start(entry: Entry) -> tuple[dt.datetime, str]:
    return entry.start, entry.summary


def _draft(
    office: Office,
    party: Party,
    texted: Texted,
    thread: str,
    begins: dt.datetime,
    told: Mapping[str, Entry] | None = None,
) -> Draft:
    return Draft(
        edition_id=office.edition.id,
        recipient=texted.recipient(party.id),
        kind="text",
        party=party.id,
        release=office.tx.editions.release(office.edition.id),
        thread=thread,
        told=told,
        leaves_at=texting.leaves_at(office.tx.now + office.desk.quiet, begins),
        until=begins,
    )


def _post(office: Office, draft: Draft, compose: Callable[[], Letter]) -> None:
    """Queue a text; hold it back when its recipient got as many as one person may."""
    full = office.tx.mails.texted_since(draft.recipient, office.tx.now - dt.timedelta(days=1)) >= texting.MOST
    text_id = office.post(draft, lambda _mark: compose())
    if full:
        office.tx.mails.withhold(draft.edition_id, (text_id,))


def _contact(office: Office, party: Party) -> Contact:
    if party.kind == "provider":
        contacts = {provider.id: provider.contact for provider in office.edition.providers}
        return contacts.get(party.id, Contact("", ""))  # one who left the edition is no longer texted
    return office.school(party.id).contact
