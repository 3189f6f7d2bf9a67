"""Places of programmes: the organiser sets them, schools answer offers, offers run out."""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import Problem, Refused, refused
from services.contracts.values import Edition, Group, Programme
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.places import MOST_ANSWER_HOURS, MOST_PLACES, Capacity, Claim, counted
from services.registration.handlers.common import (
    find_edition,
    hold_edition,
    keep,
    lock_edition,
    lock_enrolment,
)
from services.registration.handlers.keys import once
from services.registration.handlers.seating import claim_place, give_up, offer_free_places, places_of, shown
from services.registration.ports import Transaction

# The organiser's side -------------------------------------------------------------------------------------


def get_places(request: rpc.GetPlaces, tx: Transaction) -> tuple[rpc.ProgrammePlaces, ...]:
    """The places of each programme, with who waits."""
    return _all_places(find_edition(request.edition_id, tx), tx)


def set_places(request: rpc.SetPlaces, tx: Transaction) -> tuple[rpc.ProgrammePlaces, ...]:
    """Set how many groups a programme takes; whoever is registered before there is a limit has a place."""
    edition = lock_edition(request.edition_id, tx)
    programme = _programme(request.programme_id, edition)
    enrolments = tx.enrolments.lock_all(edition.id)
    known = tx.capacities.lock(edition.id, programme.id)
    if request.places is None:
        tx.capacities.lift(edition.id, programme.id)
    else:
        capacity = _checked(request, request.places, known, enrolments, edition)
        tx.capacities.save(capacity)
        offer_free_places(capacity, tx)
    if (known is None) != (request.places is None):
        for enrolment in enrolments:
            keep(enrolment, enrolment, edition, tx)
    return _all_places(edition, tx)


def _programme(programme_id: str, edition: Edition) -> Programme:
    try:
        return edition.programme(programme_id)
    except KeyError:
        known = ", ".join(programme.id for programme in edition.programmes)
        raise refused("programme_unknown", programme=programme_id, known=known) from None


def _checked(
    request: rpc.SetPlaces, places: int, known: Capacity | None, enrolments: tuple[Enrolment, ...], edition: Edition
) -> Capacity:
    for field, value, low, high in (
        ("places", places, 0, MOST_PLACES),
        ("answer_hours", request.answer_hours, 1, MOST_ANSWER_HOURS),
    ):
        if not low <= value <= high:
            raise Refused(Problem("number_malformed", {"low": str(low), "high": str(high)}, column=field))
    taken = known.taken if known else sum(len(counted(e.groups, request.programme_id, edition)) for e in enrolments)
    if places < taken:
        raise Refused(Problem("places_below_taken", {"taken": str(taken)}, column="places"))
    return Capacity(edition.id, request.programme_id, places, known.taken if known else 0, request.answer_hours)


def _all_places(edition: Edition, tx: Transaction) -> tuple[rpc.ProgrammePlaces, ...]:
    capacities = {capacity.programme_id: capacity for capacity in tx.capacities.all(edition.id)}
    enrolments = {enrolment.school.id: enrolment for enrolment in tx.enrolments.all(edition.id)}
    return tuple(
        _places(programme, capacities.get(programme.id), enrolments, edition, tx) for programme in edition.programmes
    )


def _places(
    programme: Programme, capacity: Capacity | None, enrolments: dict[str, Enrolment], edition: Edition, tx: Transaction
) -> rpc.ProgrammePlaces:
    if capacity is None:
        coming = sum(len(counted(enrolment.groups, programme.id, edition)) for enrolment in enrolments.values())
        return rpc.ProgrammePlaces(programme.id, programme.name, None, coming, 72, ())
    line = [claim for claim in tx.claims.in_line(edition.id, programme.id) if not claim.is_over(tx.now)]
    waiting = [claim.group_id for claim in line if claim.state == "waiting"]
    place = {group_id: position for position, group_id in enumerate(waiting, start=1)}
    queue = tuple(shown(claim, enrolments[claim.school_id], edition, place.get(claim.group_id, 0)) for claim in line)
    facts = (capacity.places, capacity.taken, capacity.answer_hours)
    return rpc.ProgrammePlaces(programme.id, programme.name, *facts, queue)


# A school's side ------------------------------------------------------------------------------------------


@once
def answer_place(request: rpc.AnswerPlace, tx: Transaction) -> tuple[rpc.GroupPlace, ...]:
    """Let a school accept, give up or ask for the place of one of its groups."""
    edition = hold_edition(request.edition_id, tx)
    enrolment = lock_enrolment(edition.id, request.school_id, tx)
    group = _group(request, enrolment)
    capacity = tx.capacities.lock(edition.id, group.programme_id)
    claim = tx.claims.get(edition.id, group.id)
    if capacity is None or claim is None:
        raise refused("no_place_to_answer", group=group.name)
    claim = _end_if_over(claim, capacity, tx)
    # What is so already is left alone.
    if request.word == "accept" and claim.state != "held":
        _accept(group, claim, tx)
    elif request.word == "give_up" and claim.state != "declined":
        give_up(claim, capacity, "place_given_up", tx)
    elif request.word == "ask" and claim.state == "declined":
        claim_place(group.id, enrolment.school, edition, capacity, tx)
    _mark(request, claim, tx)
    keep(enrolment, enrolment, edition, tx)
    return places_of(enrolment, edition, tx)


def _mark(request: rpc.AnswerPlace, before: Claim, tx: Transaction) -> None:
    after = tx.claims.get(before.edition_id, before.group_id)
    if after and after != before:
        tx.claims.save(replace(after, answered_by=request.by))
        if request.by == "organiser":
            tx.history.add(before.edition_id, before.school_id, "place_by_telephone", group=before.group_id)


def _group(request: rpc.AnswerPlace, enrolment: Enrolment) -> Group:
    for group in enrolment.groups:
        if group.id == request.group_id:
            if group.pupils != request.pupils:
                raise refused("pupils_differ", group=group.name, pupils=group.pupils)
            return group
    raise refused("no_place_to_answer", group=request.group_id)


def _accept(group: Group, claim: Claim, tx: Transaction) -> None:
    if claim.state != "offered":
        raise refused("place_not_offered", group=group.name)
    tx.claims.save(claim.hold())
    tx.history.add(claim.edition_id, claim.school_id, "place_accepted", group=claim.group_id)


# Time -----------------------------------------------------------------------------------------------------


def end_overdue_offer(tx: Transaction) -> bool:
    """End one offer whose time is over and offer the place to the next in line; say whether there was one."""
    overdue = tx.claims.overdue(tx.now)
    if overdue is None:
        return False
    capacity = tx.capacities.lock(overdue.edition_id, overdue.programme_id)
    claim = tx.claims.get(overdue.edition_id, overdue.group_id)
    if capacity and claim:
        _end_if_over(claim, capacity, tx)
    return True


def _end_if_over(claim: Claim, capacity: Capacity, tx: Transaction) -> Claim:
    """Return the claim as it stands now; an offer that has run out goes to the next in line."""
    if claim.is_over(tx.now):
        give_up(claim, capacity, "place_offer_over", tx)
    return claim.as_of(tx.now)
