"""What the registration service does: one function for each request and event."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict

from services.contracts import rpc
from services.contracts.codec import dumps
from services.contracts.errors import Refused, refused
from services.contracts.events import EditionOpened, PlanReleased, RegistrationSubmitted, SlotDeclined, SlotsConfirmed
from services.contracts.values import Edition, Session
from services.registration.domain.answers import ALLOWED, Slot, confirmation_problems, decline_problems
from services.registration.domain.enrolment import Enrolment, check_half_days
from services.registration.domain.imports import Entry, read_entries
from services.registration.domain.names import school_of, slug
from services.registration.ports import Transaction

# Schools register -----------------------------------------------------------------------------------------


def edition_opened(event: EditionOpened, tx: Transaction) -> None:
    """Keep a copy of the edition and form all groups anew by its rules."""
    tx.editions.save(event.edition)
    for enrolment in tx.enrolments.lock_all(event.edition.id):
        if _keep(enrolment, enrolment, event.edition, tx):
            tx.history.add(event.edition.id, enrolment.school.id, "regrouped")


def import_schools(request: rpc.ImportSchools, tx: Transaction) -> rpc.ImportReport:
    """Register the schools and classes of two files; what the organiser decided about a known school stays."""
    edition = _locked_edition(request.edition_id, tx)
    known = {enrolment.school.id: enrolment for enrolment in tx.enrolments.lock_all(edition.id)}
    schools, classes = ((file.name, file.text) for file in (request.schools, request.classes))
    entries, problems = read_entries(schools, classes, edition, (enrolment.imported for enrolment in known.values()))
    if problems:
        raise Refused(*problems)
    outcomes = [_register(entry, known.get(entry.school.id), edition, tx) for entry in entries]
    enrolments = tx.enrolments.all(edition.id)
    return rpc.ImportReport(
        created=outcomes.count("registered"),
        changed=outcomes.count("changed"),
        unchanged=outcomes.count("unchanged"),
        groups=sum(len(enrolment.groups) for enrolment in enrolments),
        open_exceptions=sum(len(enrolment.questions(edition)) for enrolment in enrolments),
    )


def _register(entry: Entry, before: Enrolment | None, edition: Edition, tx: Transaction) -> str:
    """Keep what the files say of a school; answer what that did: the code of its row in the history."""
    after = before.update(entry.school, entry.classes) if before else Enrolment(edition.id, entry.school, entry.classes)
    if not _keep(before, after, edition, tx):
        return "unchanged"
    code = "changed" if before else "registered"
    pupils = sum(school_class.pupils for school_class in entry.classes)
    tx.history.add(edition.id, entry.school.id, code, classes=str(len(entry.classes)), pupils=str(pupils))
    return code


def _keep(before: Enrolment | None, after: Enrolment, edition: Edition, tx: Transaction) -> bool:
    """Form the groups, save what is new and tell the other services what concerns them. Say whether anything was."""
    after = after.form_groups(edition)
    if after == before:
        return False
    tx.enrolments.save(after)
    tx.links.issue(edition.id, after.school.id)
    if before is None or not after.same_facts(before):
        tx.emit(RegistrationSubmitted(edition.id, after.school, after.classes, after.groups))
    return True


# The organiser decides ------------------------------------------------------------------------------------


def settle_exception(request: rpc.SettleException, tx: Transaction) -> rpc.Registration:
    """Record what becomes of a class that the group rule cannot cut."""
    edition = _locked_edition(request.edition_id, tx)
    before = tx.enrolments.lock(edition.id, school_of(request.class_id))
    if before is None:
        raise refused("nothing_to_settle", name=request.class_id)
    after = before.settle(request.class_id, request.programme_id, request.choice, edition)
    if _keep(before, after, edition, tx):
        facts = {"class_id": request.class_id, "programme_id": request.programme_id, "choice": request.choice}
        tx.history.add(edition.id, before.school.id, "settled", **facts)
    return _registration(before.school.id, edition, tx)


def close_school(request: rpc.CloseSchool, tx: Transaction) -> rpc.Registration:
    """Record half-days on which a school cannot receive anyone."""
    edition = _locked_edition(request.edition_id, tx)
    check_half_days(request.half_days, edition)
    before = _locked_enrolment(edition.id, request.school_id, tx)
    _change_closures(before, before.close(request.half_days), "closed", edition, tx)
    return _registration(request.school_id, edition, tx)


def reopen_school(request: rpc.ReopenSchool, tx: Transaction) -> rpc.Registration:
    """Take back a closure."""
    edition = _locked_edition(request.edition_id, tx)
    before = _locked_enrolment(edition.id, request.school_id, tx)
    _change_closures(before, before.reopen(request.half_days), "reopened", edition, tx)
    return _registration(request.school_id, edition, tx)


def _registration(school_id: str, edition: Edition, tx: Transaction) -> rpc.Registration:
    return _registrations([_locked_enrolment(edition.id, school_id, tx)], edition, tx)[0]


def _change_closures(before: Enrolment, after: Enrolment, code: str, edition: Edition, tx: Transaction) -> None:
    if _keep(before, after, edition, tx):
        changed = sorted(set(before.school.closed) ^ set(after.school.closed))
        half_days = ", ".join(f"{half_day.day} {half_day.half}" for half_day in changed)
        tx.history.add(edition.id, after.school.id, code, half_days=half_days)


# Sessions are offered and answered ------------------------------------------------------------------------


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


def confirm_slots(request: rpc.ConfirmSlots, tx: Transaction) -> rpc.SchoolPage:
    """Confirm sessions with the head counts that the school gives."""
    enrolment = _locked_enrolment(request.edition_id, request.school_id, tx)
    if _first_time(request, tx):
        slots = tx.slots.of_school(request.edition_id, request.school_id)
        problems = confirmation_problems(slots, request.pupils, request.release)
        if problems:
            raise Refused(*problems)
        _confirm(slots, request, tx)
    return _page(enrolment, _edition(request.edition_id, tx), tx)


def _confirm(slots: dict[str, Slot], request: rpc.ConfirmSlots, tx: Transaction) -> None:
    answers = {id_: slots[id_].confirm(pupils, tx.now) for id_, pupils in sorted(request.pupils.items())}
    news = {id_: slot for id_, slot in answers.items() if slot != slots[id_]}
    for id_, slot in news.items():
        tx.slots.save(request.edition_id, slot)
        tx.history.add(request.edition_id, request.school_id, "confirmed", session=id_, pupils=str(slot.pupils))
    if news:
        release, pupils = tx.editions.release(request.edition_id), {id_: slot.pupils for id_, slot in news.items()}
        tx.emit(SlotsConfirmed(request.edition_id, request.school_id, release, tuple(news), pupils))


def decline_slot(request: rpc.DeclineSlot, tx: Transaction) -> rpc.SchoolPage:
    """Decline a session, with the school's reason."""
    enrolment = _locked_enrolment(request.edition_id, request.school_id, tx)
    if _first_time(request, tx):
        slots = tx.slots.of_school(request.edition_id, request.school_id)
        reason = request.reason.strip()
        problems = decline_problems(slots, request.session_id, reason, request.release)
        if problems:
            raise Refused(*problems)
        _decline(slots[request.session_id], reason, request, tx)
    return _page(enrolment, _edition(request.edition_id, tx), tx)


def _decline(slot: Slot, reason: str, request: rpc.DeclineSlot, tx: Transaction) -> None:
    declined = slot.decline(reason, tx.now)
    if declined != slot:
        edition_id, school_id, release = request.edition_id, request.school_id, tx.editions.release(request.edition_id)
        tx.slots.save(edition_id, declined)
        tx.history.add(edition_id, school_id, "declined", session=slot.session.id, reason=reason)
        tx.emit(SlotDeclined(edition_id, school_id, release, slot.session.id, reason))


def _first_time(request: rpc.ConfirmSlots | rpc.DeclineSlot, tx: Transaction) -> bool:
    """Whether this answer has not taken effect yet. Raises Refused when its key came with another answer."""
    key = _hash([request.edition_id, request.school_id, request.key])
    known = tx.keys.get(key)
    if known is None:
        tx.keys.add(key, _hash(request), tx.now)
    elif known != _hash(request):
        raise refused("key_reused")
    return known is None


def _hash(value: object) -> str:
    return hashlib.sha256(dumps(value).encode()).hexdigest()


# Questions ------------------------------------------------------------------------------------------------


def list_registrations(request: rpc.ListRegistrations, tx: Transaction) -> tuple[rpc.Registration, ...]:
    """Every school of an edition, by name."""
    edition = _edition(request.edition_id, tx)
    enrolments = sorted(tx.enrolments.all(edition.id), key=lambda enrolment: slug(enrolment.school.name))
    return _registrations(enrolments, edition, tx)


def _registrations(enrolments: list[Enrolment], edition: Edition, tx: Transaction) -> tuple[rpc.Registration, ...]:
    tokens, counts = tx.links.tokens(edition.id), tx.slots.count(edition.id)
    return tuple(
        rpc.Registration(
            school=enrolment.school,
            classes=enrolment.classes,
            groups=enrolment.groups,
            exceptions=tuple(rpc.OpenException(**vars(question)) for question in enrolment.questions(edition)),
            answers={answer: counts.get(enrolment.school.id, Counter())[answer] for answer in ALLOWED},
            token=tokens.get(enrolment.school.id, ""),
        )
        for enrolment in enrolments
    )


def open_school_link(request: rpc.OpenSchoolLink, tx: Transaction) -> rpc.SchoolScope:
    """What a school's link opens."""
    scope = tx.links.open(request.token)
    if scope is None:
        raise refused("unknown_link")
    return rpc.SchoolScope(*scope)


def get_school_page(request: rpc.GetSchoolPage, tx: Transaction) -> rpc.SchoolPage:
    """Everything a school sees."""
    edition = _edition(request.edition_id, tx)
    enrolment = tx.enrolments.get(edition.id, request.school_id)
    if enrolment is None:
        raise refused("unknown_school", school=request.school_id)
    return _page(enrolment, edition, tx)


def _page(enrolment: Enrolment, edition: Edition, tx: Transaction) -> rpc.SchoolPage:
    slots = tx.slots.of_school(edition.id, enrolment.school.id).values()
    return rpc.SchoolPage(
        edition_id=edition.id,
        edition_name=edition.name,
        organiser=edition.organiser,
        noon=edition.noon,
        school=enrolment.school,
        classes=enrolment.classes,
        groups=enrolment.groups,
        release=tx.editions.release(edition.id),
        offers=tuple(_offered(slot) for slot in slots),
    )


def _offered(slot: Slot) -> rpc.Offer:
    facts = dict(vars(slot))
    return rpc.Offer(release=facts.pop("since"), **facts)


def _edition(edition_id: str, tx: Transaction) -> Edition:
    return _known_edition(edition_id, tx.editions.get(edition_id))


def _locked_edition(edition_id: str, tx: Transaction) -> Edition:
    return _known_edition(edition_id, tx.editions.lock(edition_id))


def _known_edition(edition_id: str, edition: Edition | None) -> Edition:
    if edition is None:
        raise refused("edition_not_arrived", edition=edition_id)
    return edition


def _locked_enrolment(edition_id: str, school_id: str, tx: Transaction) -> Enrolment:
    enrolment = tx.enrolments.lock(edition_id, school_id)
    if enrolment is None:
        raise refused("unknown_school", school=school_id)
    return enrolment
