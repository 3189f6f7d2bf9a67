"""What several handlers share: finding an edition or a school, keeping a school, and how both are shown."""

from __future__ import annotations

from collections import Counter

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.events import RegistrationSubmitted
from services.contracts.order import alphabetical
from services.contracts.values import Edition, permission_levels
from services.registration.domain.answers import ALLOWED
from services.registration.domain.asking import Asking, local_day
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.wishes import Wish
from services.registration.handlers.seating import seat
from services.registration.ports import Transaction


def find_edition(edition_id: str, tx: Transaction) -> Edition:
    """Return an edition. Raises Refused when it has not arrived."""
    return _known_edition(edition_id, tx.editions.get(edition_id))


def lock_edition(edition_id: str, tx: Transaction) -> Edition:
    """As ``find_edition``; no one else changes registrations of it until this work ends."""
    return _known_edition(edition_id, tx.editions.lock(edition_id))


def hold_edition(edition_id: str, tx: Transaction) -> Edition:
    """As ``find_edition``; it stays as it is until this work ends, beside others that hold it."""
    return _known_edition(edition_id, tx.editions.hold(edition_id))


def _known_edition(edition_id: str, edition: Edition | None) -> Edition:
    if edition is None:
        raise refused("edition_not_arrived", edition=edition_id)
    return edition


def lock_enrolment(edition_id: str, school_id: str, tx: Transaction) -> Enrolment:
    """Return a school; no one else answers for it until this work ends. Raises Refused (``unknown_school``)."""
    enrolment = tx.enrolments.lock(edition_id, school_id)
    if enrolment is None:
        raise refused("unknown_school", school=school_id)
    return enrolment


def by_name(edition_id: str, tx: Transaction) -> list[Enrolment]:
    """Return the schools of an edition, each where people look for its name."""
    return sorted(tx.enrolments.all(edition_id), key=lambda one: alphabetical(one.school.name))


def keep(before: Enrolment | None, after: Enrolment, edition: Edition, tx: Transaction) -> bool:
    """Form the groups, find places for them, save what is new and tell the other services what concerns them.

    Say whether anything was new.
    """
    # Who takes a place is waited for until all is kept: what can be known before is asked for before.
    link = tx.links.issue(edition.id, after.school.id, tx.now) if before else ""
    after = seat(form_groups(after, edition, tx), edition, tx, newcomer=not (before and before.groups))
    if after == before:
        return False
    tx.enrolments.save(after)
    if before is None or not after.same_facts(before):
        tell(after, link or tx.links.issue(edition.id, after.school.id, tx.now), tx)
    return True


def form_groups(enrolment: Enrolment, edition: Edition, tx: Transaction) -> Enrolment:
    """Return the school with its groups as they are now; those whose sessions are offered stay while they can."""
    formed = enrolment.form_groups(edition)
    if {group.id for group in enrolment.groups} <= {group.id for group in formed.groups}:
        return formed  # nothing to lose: the rush is spared a look at the slots
    slots = tx.slots.of_school(edition.id, enrolment.school.id).values()
    return enrolment.form_groups(edition, {slot.session.group_id for slot in slots})


def tell(enrolment: Enrolment, link: str, tx: Transaction) -> None:
    """Tell the other services what the school registers, and the seed of its link."""
    declared, facts = enrolment.declared is not None, (enrolment.school, enrolment.classes, enrolment.groups)
    tx.emit(RegistrationSubmitted(enrolment.edition_id, *facts, link, declared))


def registration_of(school_id: str, edition: Edition, tx: Transaction) -> rpc.Registration:
    """Return what the organiser sees of a school."""
    return registrations_of([lock_enrolment(edition.id, school_id, tx)], edition, tx)[0]


def registrations_of(enrolments: list[Enrolment], edition: Edition, tx: Transaction) -> tuple[rpc.Registration, ...]:
    """Return what the organiser sees of schools."""
    tokens, counts = tx.links.tokens(edition.id), tx.slots.count(edition.id)
    closes = tx.asking.get(edition.id).closes
    late = tx.slots.answered_since(edition.id, closes) if closes else {}
    return tuple(
        rpc.Registration(
            school=enrolment.school,
            classes=enrolment.classes,
            groups=enrolment.groups,
            exceptions=tuple(rpc.OpenException(**vars(asked)) for asked in enrolment.open_questions(edition)),
            decided=tuple(rpc.OpenException(**vars(asked)) for asked in enrolment.questions(edition) if asked.chosen),
            answers={answer: counts.get(enrolment.school.id, Counter())[answer] for answer in ALLOWED},
            token=tokens.get(enrolment.school.id, ""),
            late=late.get(enrolment.school.id, 0),
        )
        for enrolment in enrolments
    )


def asking_of(asking: Asking, edition_id: str, tx: Transaction) -> rpc.Asking:
    """Return how schools are asked as both sides see it today."""
    day, today, levels = asking.deadline, local_day(tx.now), permission_levels(asking.levels)
    if day is None:
        return rpc.Asking(edition_id, levels=levels)
    deadline = rpc.Deadline(day, "passed" if today > day else "open", max(0, (day - today).days))
    return rpc.Asking(edition_id, deadline, levels)


def wish_of(wish: Wish) -> rpc.Wish:
    """Return a wish as both sides see it."""
    price = vars(wish.price)
    return rpc.Wish(
        session_id=wish.session_id,
        alternative=rpc.Alternative(wish.half_day, wish.starts_at, wish.provider_id, **price),
        comment=wish.comment,
        made_at=wish.made_at,
        by_telephone=wish.made_by == "organiser",
        state=wish.state,
        words=wish.words,
    )
