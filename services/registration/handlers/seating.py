"""Places are given, freed and offered.

Whoever changes the claims to a programme's places holds its capacity first (``take`` and ``queue`` hold it as well), so
that no place is given twice and none stays free while someone waits. Capacities are taken in the order of programmes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.contracts import rpc
from services.contracts.events import PlaceOffered
from services.contracts.values import Edition, School
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.places import Capacity, Claim, ClaimState, counted, rank, seated
from services.registration.ports import Transaction


def seat(enrolment: Enrolment, edition: Edition, tx: Transaction, newcomer: bool) -> Enrolment:
    """Let a school's groups claim places as they come and free them as they go; mark the groups that have none.

    ``newcomer``: the school had no group before, so that nothing is claimed for it yet.
    """
    capacities, claims = tx.capacities.all(edition.id), list[Claim]()
    known = tx.claims.of_school(edition.id, enrolment.school.id) if capacities and not newcomer else ()
    for capacity in capacities:
        groups = {group.id for group in counted(enrolment.groups, capacity.programme_id, edition)}
        claims += _follow(enrolment, groups, edition, capacity, _in(capacity, known), tx)
    return replace(enrolment, groups=seated(enrolment.groups, {c.group_id for c in claims if c.state != "held"}))


def _follow(
    enrolment: Enrolment, groups: set[str], edition: Edition, capacity: Capacity, known: list[Claim], tx: Transaction
) -> list[Claim]:
    """Return the school's claims to the places of one programme once they follow its groups."""
    school, own = enrolment.school, rank(enrolment.school, edition)
    if any(claim.group_id not in groups or claim.outranked(own) for claim in known):
        tx.capacities.lock(capacity.edition_id, capacity.programme_id)
        for claim in _in(capacity, tx.claims.of_school(capacity.edition_id, school.id)):  # as it is now
            if claim.group_id not in groups:
                _let_go(claim, tx)
            elif claim.outranked(own):
                tx.claims.save(replace(claim, rank=own))
        offer_free_places(capacity, tx)
        known = _in(capacity, tx.claims.of_school(capacity.edition_id, school.id))  # an offer may have come
    new = sorted(groups - {claim.group_id for claim in known})
    return known + [claim_place(group_id, school, edition, capacity, tx) for group_id in new]


def _in(capacity: Capacity, claims: Iterable[Claim]) -> list[Claim]:
    return [claim for claim in claims if claim.programme_id == capacity.programme_id]


def _let_go(claim: Claim, tx: Transaction) -> None:
    tx.claims.remove(claim)
    if claim.takes_a_place:
        tx.capacities.free(claim.edition_id, claim.programme_id)
    note(claim, "place_withdrawn", tx)


def claim_place(group_id: str, school: School, edition: Edition, capacity: Capacity, tx: Transaction) -> Claim:
    """Take a place, or the next number of the waiting list."""
    place = (capacity.edition_id, capacity.programme_id)
    number = None
    while number is None and not tx.capacities.take(*place):
        number = tx.capacities.queue(*place)  # None: a place was freed in between
    state: ClaimState = "held" if number is None else "waiting"
    claim = Claim(*place, group_id, school.id, state, tx.now, rank(school, edition), number or 0)
    tx.claims.save(claim)
    note(claim, f"place_{claim.state}", tx)
    return claim


def give_up(claim: Claim, capacity: Capacity, code: str, tx: Transaction) -> None:
    """Take a group out of the line, or its place or offer from it. The caller holds the capacity."""
    tx.claims.save(claim.give_up())
    note(claim, code, tx)
    if claim.takes_a_place:
        tx.capacities.free(claim.edition_id, claim.programme_id)
        offer_free_places(capacity, tx)


def offer_free_places(capacity: Capacity, tx: Transaction) -> None:
    """Offer what is free to those who wait, the first first. The caller holds the capacity."""
    place = (capacity.edition_id, capacity.programme_id)
    while (first := tx.claims.first_waiting(*place)) and tx.capacities.take(*place):
        until = capacity.offer_until(tx.now)
        tx.claims.save(first.offer(until))
        note(first, "place_offered", tx)
        tx.emit(PlaceOffered(*place, first.school_id, first.group_id, until))


def note(claim: Claim, code: str, tx: Transaction) -> None:
    """Add what became of a claim to the history."""
    tx.history.add(claim.edition_id, claim.school_id, code, group=claim.group_id)


def places_of(enrolment: Enrolment, edition: Edition, tx: Transaction) -> tuple[rpc.GroupPlace, ...]:
    """Return what each of a school's groups has of a place, where places are limited."""
    claims = [claim.as_of(tx.now) for claim in tx.claims.of_school(edition.id, enrolment.school.id)]
    return tuple(shown(c, enrolment, edition, tx.claims.position(c) if c.state == "waiting" else 0) for c in claims)


def shown(claim: Claim, enrolment: Enrolment, edition: Edition, position: int) -> rpc.GroupPlace:
    """Return a claim as people see it."""
    group = next(group for group in enrolment.groups if group.id == claim.group_id)
    return rpc.GroupPlace(
        group_id=claim.group_id,
        group_name=group.name,
        pupils=group.pupils,
        school_id=claim.school_id,
        school_name=enrolment.school.name,
        programme_id=claim.programme_id,
        programme_name=edition.programme(claim.programme_id).name,
        state=claim.state,
        asked_at=claim.asked_at,
        position=position,
        until=claim.until,
        by_telephone=claim.answered_by == "organiser",
    )
