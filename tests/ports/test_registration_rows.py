"""Places, wishes and how schools are asked: their ports behave the same in SQL and in the memory that tests use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.contracts.values import HalfDay
from services.kit.application import Context
from services.kit.database import Database
from services.kit.migrate import migrate
from services.registration.adapters.repository import RegistrationTransaction
from services.registration.adapters.tables import messages
from services.registration.domain.asking import Asking
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.places import Capacity, Claim, ClaimState
from services.registration.domain.wishes import Price, Wish
from services.registration.ports import Transaction
from tests.unit.registration.builders import NOW, a_programme, a_school, an_edition
from tests.unit.registration.fakes import FakeTransaction

EDITION = an_edition(a_programme(id="robots"), a_programme(id="film"))
LATER = NOW + dt.timedelta(days=3)


@pytest.fixture(params=["memory", "tables"])
def tx(request: pytest.FixtureRequest, database: Database) -> Iterator[Transaction]:
    if request.param == "memory":
        yield _with_schools(FakeTransaction())
        return
    migrate("registration", database)
    with database.begin() as connection:
        context = Context("trace")
        yield _with_schools(RegistrationTransaction(connection, messages, lambda: NOW, context, secret="x" * 32))


def _with_schools(tx: Transaction) -> Transaction:
    for edition in (EDITION, replace(EDITION, id="another")):
        tx.editions.save(edition)
        for school in ("acy", "belleu"):
            tx.enrolments.save(Enrolment(edition.id, a_school(school), ()))
    return tx


def a_capacity(programme: str = "robots", places: int = 2) -> Capacity:
    return Capacity(EDITION.id, programme, places)


def a_claim(group: str, state: ClaimState = "waiting", rank: int = 0, number: int = 0, school: str = "acy") -> Claim:
    until = LATER if state == "offered" else None
    return Claim(EDITION.id, "robots", group, school, state, NOW, rank, number, until)


# Places ---------------------------------------------------------------------------------------------------


def test_a_limit_set_anew_leaves_places_taken(tx: Transaction) -> None:
    for capacity in (a_capacity(), a_capacity("film", 0), replace(a_capacity(), edition_id="another")):
        tx.capacities.save(capacity)
    assert tx.capacities.take(EDITION.id, "robots")
    tx.capacities.save(replace(a_capacity(places=5), answer_hours=24))
    now = replace(a_capacity(places=5), taken=1, answer_hours=24)
    assert tx.capacities.all(EDITION.id) == (a_capacity("film", 0), now)
    assert tx.capacities.lock(EDITION.id, "robots") == now
    assert tx.capacities.lock(EDITION.id, "unknown") is None


def test_no_more_places_are_taken_than_there_are_and_those_given_back_are_free(tx: Transaction) -> None:
    tx.capacities.save(a_capacity(places=2))
    assert [tx.capacities.take(EDITION.id, "robots") for _ in range(4)] == [True, True, False, False]
    tx.capacities.free(EDITION.id, "robots")
    assert [tx.capacities.take(EDITION.id, "robots") for _ in range(2)] == [True, False]
    assert tx.capacities.all(EDITION.id) == (replace(a_capacity(places=2), taken=2),)


def test_numbers_of_a_waiting_list_are_given_while_nothing_is_free_and_go_on_after(tx: Transaction) -> None:
    tx.capacities.save(a_capacity(places=1))
    assert tx.capacities.queue(EDITION.id, "robots") is None
    tx.capacities.take(EDITION.id, "robots")
    assert [tx.capacities.queue(EDITION.id, "robots") for _ in range(2)] == [1, 2]
    tx.capacities.free(EDITION.id, "robots")
    assert tx.capacities.queue(EDITION.id, "robots") is None
    tx.capacities.take(EDITION.id, "robots")
    assert tx.capacities.queue(EDITION.id, "robots") == 3


def test_a_limit_lifted_takes_its_claims_and_its_numbers_with_it(tx: Transaction) -> None:
    tx.capacities.save(a_capacity(places=0))
    tx.capacities.save(a_capacity("film"))
    assert tx.capacities.queue(EDITION.id, "robots") == 1
    film = replace(a_claim("c"), programme_id="film")
    for claim in (a_claim("a"), a_claim("b", "held"), film):
        tx.claims.save(claim)
    tx.capacities.lift(EDITION.id, "robots")
    assert tx.capacities.all(EDITION.id) == (a_capacity("film"),)
    assert tx.claims.of_school(EDITION.id, "acy") == (film,)
    tx.capacities.save(a_capacity(places=0))
    assert tx.capacities.queue(EDITION.id, "robots") == 1


def test_a_claim_is_kept_in_place_of_the_one_of_its_group(tx: Transaction) -> None:
    for claim in (a_claim("a", number=1), a_claim("b", school="belleu"), a_claim("a", "offered")):
        tx.claims.save(claim)
    assert tx.claims.get(EDITION.id, "a") == a_claim("a", "offered")
    assert tx.claims.of_school(EDITION.id, "acy") == (a_claim("a", "offered"),)
    tx.claims.remove(a_claim("a"))
    assert tx.claims.get(EDITION.id, "a") is None
    assert tx.claims.of_school("another", "belleu") == ()


def test_those_on_offer_come_before_those_who_wait_by_rank_then_number(tx: Transaction) -> None:
    line = [a_claim("e", "offered"), a_claim("d", rank=-1, number=9), a_claim("b", number=1), a_claim("a", number=2)]
    for claim in (*reversed(line), a_claim("h", "held"), a_claim("g", "declined")):
        tx.claims.save(claim)
    assert tx.claims.in_line(EDITION.id, "robots") == tuple(line)
    assert tx.claims.in_line(EDITION.id, "film") == ()
    assert tx.claims.first_waiting(EDITION.id, "robots") == line[1]
    assert tx.claims.first_waiting(EDITION.id, "film") is None
    assert [tx.claims.position(claim) for claim in line[1:]] == [1, 2, 3]


def test_an_offer_is_overdue_from_the_instant_it_ends(tx: Transaction) -> None:
    for claim in (a_claim("a", "offered"), a_claim("b", "held"), a_claim("c")):
        tx.claims.save(claim)
    assert tx.claims.overdue(LATER - dt.timedelta(seconds=1)) is None
    assert tx.claims.overdue(LATER) == a_claim("a", "offered")


# Asking and wishes ------------------------------------------------------------------------------------------


def test_schools_are_asked_as_usual_until_the_organiser_says_how(tx: Transaction) -> None:
    assert tx.asking.get(EDITION.id) == Asking()
    for day in (1, 2):
        said = Asking(dt.date(2020, 10, day), {"director": "block"})
        tx.asking.save(EDITION.id, said)
        assert tx.asking.get(EDITION.id) == said
    assert tx.asking.get("another") == Asking()


def a_wish(session: str, comment: str = "le matin") -> Wish:
    half_day = HalfDay(dt.date(2020, 11, 3), "am")
    return Wish(session, half_day, NOW, "zft", Price(1, 3, 2, True), comment, NOW)


def test_the_last_wish_for_a_session_stands_until_it_is_taken_out(tx: Transaction) -> None:
    tx.wishes.save(EDITION.id, "belleu", a_wish("s3"))
    for wish in (a_wish("s2"), a_wish("s1", "l’après-midi"), a_wish("s1")):
        tx.wishes.save(EDITION.id, "acy", wish)
    tx.wishes.save("another", "acy", a_wish("s9"))
    assert tx.wishes.of_school(EDITION.id, "acy") == {"s1": a_wish("s1"), "s2": a_wish("s2")}
    everyone = [(school, wish.session_id) for school, wish in tx.wishes.of_edition(EDITION.id)]
    assert everyone == [("acy", "s1"), ("acy", "s2"), ("belleu", "s3")]
    tx.wishes.remove(EDITION.id, "acy", "s1")
    tx.wishes.remove(EDITION.id, "acy", "unknown")
    assert tx.wishes.of_school(EDITION.id, "acy") == {"s2": a_wish("s2")}
