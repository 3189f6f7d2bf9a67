"""Invitations to register and reminders: prepared when the organiser asks, sent once the organiser has read them."""

from __future__ import annotations

from functools import partial

from services.contracts import rpc
from services.contracts.order import alphabetical
from services.contracts.values import PARIS, Edition, deliverable
from services.notifications.domain.delivery import Draft
from services.notifications.domain.entry import Party, Planned, Registered
from services.notifications.domain.reminders import Asked, Standing, Verdict, judge
from services.notifications.handlers.office import Office
from services.notifications.handlers.queries import edition_of
from services.notifications.ports import Desk, Tx


def list_reminders(request: rpc.ListReminders, tx: Tx) -> tuple[rpc.Reminder, ...]:
    """Every school by name: whether it would be asked for something now, and why or why not."""
    edition = edition_of(tx, request.edition_id)
    asked, offered = tx.mails.asked(edition.id), _offered(tx, edition.id)
    on_paper = {party for party, choice in tx.parties.choices(edition.id).items() if choice.on_paper}
    schools = sorted(tx.schools.of_edition(edition.id).values(), key=lambda one: alphabetical(one.school.name))
    return tuple(
        _reminder(
            one,
            offered.get(one.school.id, []),
            asked.get(one.school.id, Asked()),
            edition,
            Party("school", one.school.id) in on_paper,
            tx,
        )
        for one in schools
    )


def prepare_reminders(request: rpc.PrepareReminders, tx: Tx, *, desk: Desk) -> int:
    """Queue a mail for each of these schools that is due; it waits for the organiser's word. Answers how many."""
    edition_of(tx, request.edition_id)
    office = Office(tx, tx.editions.lock(request.edition_id), desk)
    registered = tx.schools.of_edition(request.edition_id)
    due = [
        reminder
        for reminder in list_reminders(rpc.ListReminders(request.edition_id), tx)
        if reminder.reason == "due" and reminder.school_id in request.school_ids
    ]
    for reminder in due:
        _post(reminder, registered[reminder.school_id], office)
    return len(due)


def thread(edition_id: str, school_id: str) -> str:
    """Return the thread of the mails that ask a school for something: only the newest ever waits."""
    return f"reminder/{edition_id}/{school_id}"


def _post(reminder: rpc.Reminder, registered: Registered, office: Office) -> None:
    edition, school, press = office.edition, registered.school, office.press
    draft = Draft(
        edition_id=edition.id,
        recipient=school.contact.email,
        kind="welcome" if reminder.need == "welcome" else "reminder",
        party=school.id,
        release=office.tx.editions.release(edition.id),
        thread=thread(edition.id, school.id),
    )
    day = office.deadline
    if reminder.need == "welcome":
        office.post(draft, partial(press.welcome, edition, school, day))
    else:
        office.post(draft, partial(press.reminder, edition, school, reminder.unanswered, day))


def _reminder(
    registered: Registered, planned: list[Planned], asked: Asked, edition: Edition, on_paper: bool, tx: Tx
) -> rpc.Reminder:
    standing = Standing(
        declared=registered.declared,
        sessions=len(planned),
        unanswered=sum(one.answer == "offered" for one in planned),
        reachable=on_paper or deliverable(registered.school.contact.email),
    )
    verdict: Verdict = judge(standing, asked, tx.now, tx.now.astimezone(PARIS).date() > edition.last_day)
    return rpc.Reminder(
        school_id=registered.school.id,
        school_name=registered.school.name,
        need=verdict.need,
        reason=verdict.reason,
        unanswered=standing.unanswered,
        reminders=asked.reminders,
        again=verdict.again,
    )


def _offered(tx: Tx, edition_id: str) -> dict[str, list[Planned]]:
    offered: dict[str, list[Planned]] = {}
    for planned in tx.sessions.of_edition(edition_id).values():
        offered.setdefault(planned.session.school_id, []).append(planned)
    return offered
