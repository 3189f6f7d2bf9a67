"""Schools ask for another slot; the organiser accepts or refuses."""

from __future__ import annotations

from collections.abc import Iterator

from services.contracts import rpc
from services.contracts.errors import Problem, Refused, refused
from services.contracts.events import WishesSettled
from services.contracts.values import Edition, SettledWish
from services.registration.domain.answers import Slot, stale_problems, text_problem
from services.registration.domain.wishes import Price, Wish, settled
from services.registration.handlers.answers import page_of
from services.registration.handlers.common import find_edition, lock_enrolment, wish_of
from services.registration.handlers.keys import once
from services.registration.ports import Transaction


@once
def ask_for_slot(request: rpc.AskForSlot, tx: Transaction) -> rpc.SchoolPage:
    """Keep a school's wish for the organiser; the session stays offered as it is."""
    enrolment = lock_enrolment(request.edition_id, request.school_id, tx)
    slots = tx.slots.of_school(request.edition_id, request.school_id)
    comment = request.comment.strip()
    problems = list(stale_problems(slots, (request.session_id,), request.release))
    problems += [problem] if (problem := text_problem(comment, request.no_names)) else []
    if problems:
        raise Refused(*problems)
    _keep(_wish(request, comment, tx), request.school_id, request.edition_id, "wished", tx)
    return page_of(enrolment, find_edition(request.edition_id, tx), tx)


def _wish(request: rpc.AskForSlot, comment: str, tx: Transaction) -> Wish:
    asked = request.alternative
    return Wish(
        session_id=request.session_id,
        half_day=asked.half_day,
        starts_at=asked.starts_at,
        provider_id=asked.provider_id,
        price=Price(asked.moves, asked.told, asked.kilometres, asked.exact),
        comment=comment,
        made_at=tx.now,
        made_by=request.by,
    )


def _keep(wish: Wish, school_id: str, edition_id: str, code: str, tx: Transaction) -> None:
    tx.wishes.save(edition_id, school_id, wish)
    half_day = f"{wish.half_day.day} {wish.half_day.half}"
    tx.history.add(edition_id, school_id, code, session=wish.session_id, half_day=half_day, words=wish.words)


def settle_wish(request: rpc.SettleWish, tx: Transaction) -> rpc.Wish:
    """Accept or refuse a wish that waits."""
    lock_enrolment(request.edition_id, request.school_id, tx)
    wish = tx.wishes.of_school(request.edition_id, request.school_id).get(request.session_id)
    if wish is None:
        raise refused("unknown_wish")
    decided = settled(wish, request.decision, request.words.strip())
    if isinstance(decided, Problem):
        raise Refused(decided)
    _keep(decided, request.school_id, request.edition_id, f"wish_{decided.state}", tx)
    tx.emit(WishesSettled(request.edition_id, request.school_id, tuple(_settled(request, tx))))
    return wish_of(decided)


def _settled(request: rpc.SettleWish, tx: Transaction) -> Iterator[SettledWish]:
    slots = tx.slots.of_school(request.edition_id, request.school_id)
    for wish in tx.wishes.of_school(request.edition_id, request.school_id).values():
        slot = slots.get(wish.session_id)
        if slot and wish.state in ("accepted", "refused"):
            yield SettledWish(
                session_id=wish.session_id,
                activity_name=slot.activity_name,
                group_name=slot.group_name,
                now=slot.session.start,
                asked=wish.starts_at,
                accepted=wish.state == "accepted",
                words=wish.words,
            )


def list_wishes(request: rpc.ListWishes, tx: Transaction) -> tuple[rpc.SchoolWish, ...]:
    """What schools wish for."""
    edition = find_edition(request.edition_id, tx)
    found = [shown for one in tx.wishes.of_edition(edition.id) if (shown := _shown(*one, edition, tx))]
    latest = sorted(found, key=lambda one: one.wish.made_at, reverse=True)
    return tuple(sorted(latest, key=lambda one: one.wish.state != "open"))


def _shown(school_id: str, wish: Wish, edition: Edition, tx: Transaction) -> rpc.SchoolWish | None:
    enrolment = tx.enrolments.get(edition.id, school_id)
    slot: Slot | None = tx.slots.of_school(edition.id, school_id).get(wish.session_id)
    if enrolment is None or slot is None:  # the session is no longer held: nothing is to decide
        return None
    return rpc.SchoolWish(
        school_id=school_id,
        school_name=enrolment.school.name,
        group_name=slot.group_name,
        activity_name=slot.activity_name,
        now=slot.session.start,
        wish=wish_of(wish),
    )
