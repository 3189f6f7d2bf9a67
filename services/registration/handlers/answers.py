"""Sessions are offered to a school, and the school answers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from services.contracts import rpc
from services.contracts.errors import Refused, refused
from services.contracts.events import PlanReleased, SlotDeclined, SlotsConfirmed
from services.contracts.values import Edition, Session
from services.registration.domain.answers import Slot, confirmation_problems, decline_problems, refuse_overtaken
from services.registration.domain.asking import Asking, undo_until
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.permissions import blocking
from services.registration.domain.wishes import Wish
from services.registration.handlers.common import asking_of, find_edition, lock_enrolment, wish_of
from services.registration.handlers.keys import once
from services.registration.handlers.permissions import permissions_of
from services.registration.handlers.seating import places_of
from services.registration.ports import Transaction


def plan_released(event: PlanReleased, tx: Transaction) -> None:
    """Offer each school its sessions of the release; answers stand where time and place stay the same.

    Raises LookupError while the edition, or a school of it, has not arrived yet: the message is tried again later.
    """
    edition = tx.editions.lock(event.edition_id)
    if edition is None:
        raise LookupError(f"edition {event.edition_id} has not arrived yet")
    enrolments = {enrolment.school.id: enrolment for enrolment in tx.enrolments.lock_all(edition.id)}
    sessions = defaultdict(list)
    for session in event.sessions:
        sessions[session.school_id].append(session)
    missing = sorted(sessions.keys() - enrolments.keys())
    if missing:
        raise LookupError(f"schools of release {event.release} are not registered: {', '.join(missing)}")
    tx.editions.set_release(edition.id, event.release)
    for school_id, enrolment in enrolments.items():
        slots = {session.id: _slot(session, event.release, enrolment, edition) for session in sessions[school_id]}
        _offer(slots, enrolment, tx)
        _follow_wishes(enrolment, event.release, edition.noon, tx)


def _slot(session: Session, release: int, enrolment: Enrolment, edition: Edition) -> Slot:
    group = next((group for group in enrolment.groups if group.id == session.group_id), None)
    return Slot(
        session=session,
        since=release,
        group_name=group.name if group else session.group_id,
        pupils=group.pupils if group else 0,
        activity_name=edition.programme(session.programme_id).activity(session.activity_id).name,
        provider_name=edition.provider(session.provider_id).name,
    )


def _offer(released: dict[str, Slot], enrolment: Enrolment, tx: Transaction) -> None:
    edition_id, school_id = enrolment.edition_id, enrolment.school.id
    before = tx.slots.of_school(edition_id, school_id)
    for session_id in before.keys() - released.keys():
        tx.slots.remove(edition_id, session_id)
        tx.history.add(edition_id, school_id, "withdrawn", session=session_id)
    for session_id, slot in released.items():
        old = before.get(session_id)
        new = slot.succeed(old) if old else slot
        if new != old:
            tx.slots.save(edition_id, new)
        if new.since == slot.since:
            facts = {"session": session_id, "release": str(slot.since), "start": slot.session.start.isoformat()}
            tx.history.add(edition_id, school_id, "moved" if old else "offered", **facts)


def _follow_wishes(enrolment: Enrolment, release: int, noon: int, tx: Transaction) -> None:
    slots = tx.slots.of_school(enrolment.edition_id, enrolment.school.id)
    for wish in tx.wishes.of_school(enrolment.edition_id, enrolment.school.id).values():
        slot = slots.get(wish.session_id)
        after = wish.after(slot.session if slot else None, slot is not None and slot.since == release, noon)
        if after != wish:
            tx.wishes.save(enrolment.edition_id, enrolment.school.id, after)


@once
def confirm_slots(request: rpc.ConfirmSlots, tx: Transaction) -> rpc.SchoolPage:
    """Confirm sessions with the head counts that the school gives."""
    enrolment = lock_enrolment(request.edition_id, request.school_id, tx)
    slots = tx.slots.of_school(request.edition_id, request.school_id)
    problems = confirmation_problems(slots, request.pupils, request.release)
    if not problems:
        confirmed = [slots[id_] for id_ in request.pupils]
        problems = blocking(confirmed, enrolment.permissions, tx.asking.get(request.edition_id).levels)
    if problems:
        raise Refused(*problems)
    _confirm(slots, request, tx)
    return page_of(enrolment, find_edition(request.edition_id, tx), tx)


def _confirm(slots: dict[str, Slot], request: rpc.ConfirmSlots, tx: Transaction) -> None:
    release = tx.editions.release(request.edition_id)
    typed = sorted(request.pupils.items())
    answers = {id_: slots[id_].confirm(pupils, tx.now, request.by, release) for id_, pupils in typed}
    refuse_overtaken(slots, answers, request.seen)
    news = {id_: slot for id_, slot in answers.items() if slot != slots[id_]}
    for id_, slot in news.items():
        tx.slots.save(request.edition_id, slot)
        tx.wishes.remove(request.edition_id, request.school_id, id_)
        tx.history.add(
            request.edition_id, request.school_id, "confirmed", session=id_, pupils=str(slot.pupils), by=request.by
        )
    if news:
        pupils = {id_: slot.pupils for id_, slot in news.items()}
        tx.emit(SlotsConfirmed(request.edition_id, request.school_id, release, tuple(news), pupils))


@once
def decline_slot(request: rpc.DeclineSlot, tx: Transaction) -> rpc.SchoolPage:
    """Decline a session, with the school's reason."""
    enrolment = lock_enrolment(request.edition_id, request.school_id, tx)
    slots = tx.slots.of_school(request.edition_id, request.school_id)
    reason = request.reason.strip()
    problems = decline_problems(slots, request.session_id, reason, request.release, request.no_names)
    if problems:
        raise Refused(*problems)
    _decline(slots[request.session_id], reason, request, tx)
    return page_of(enrolment, find_edition(request.edition_id, tx), tx)


def _decline(slot: Slot, reason: str, request: rpc.DeclineSlot, tx: Transaction) -> None:
    edition_id, school_id, release = request.edition_id, request.school_id, tx.editions.release(request.edition_id)
    declined = slot.decline(reason, tx.now, request.by, release)
    refuse_overtaken({slot.session.id: slot}, {slot.session.id: declined}, request.seen)
    if declined != slot:
        tx.slots.save(edition_id, declined)
        tx.history.add(edition_id, school_id, "declined", session=slot.session.id, reason=reason, by=request.by)
        tx.emit(SlotDeclined(edition_id, school_id, release, slot.session.id, reason))


def get_school_page(request: rpc.GetSchoolPage, tx: Transaction) -> rpc.SchoolPage:
    """Everything a school sees."""
    edition = find_edition(request.edition_id, tx)
    enrolment = tx.enrolments.get(edition.id, request.school_id)
    if enrolment is None:
        raise refused("unknown_school", school=request.school_id)
    return page_of(enrolment, edition, tx)


def page_of(enrolment: Enrolment, edition: Edition, tx: Transaction) -> rpc.SchoolPage:
    slots = tx.slots.of_school(edition.id, enrolment.school.id).values()
    release, asking = tx.editions.release(edition.id), tx.asking.get(edition.id)
    wishes = tx.wishes.of_school(edition.id, enrolment.school.id)
    return rpc.SchoolPage(
        edition_id=edition.id,
        edition_name=edition.name,
        organiser=edition.organiser,
        noon=edition.noon,
        school=enrolment.school,
        classes=enrolment.classes,
        groups=enrolment.groups,
        release=release,
        offers=tuple(_offered(slot, wishes.get(slot.session.id), release, asking, tx.now) for slot in slots),
        deadline=asking_of(asking, edition.id, tx).deadline,
        permissions=permissions_of(enrolment, edition, tx),
        places=places_of(enrolment, edition, tx),
    )


def _offered(slot: Slot, wish: Wish | None, release: int, asking: Asking, now: dt.datetime) -> rpc.Offer:
    facts = {name: value for name, value in vars(slot).items() if name not in ("since", "answered_on")}
    return rpc.Offer(
        release=slot.since,
        undo_until=undo_until(slot, release, now),
        late=asking.late(slot.answered_at),
        wish=wish_of(wish) if wish else None,
        **facts,
    )
