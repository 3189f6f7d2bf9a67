"""The ports of registration behave the same in memory and in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.kit.application import Context
from services.kit.database import Database
from services.kit.links import token_hash
from services.kit.migrate import migrate
from services.registration.adapters.repository import RegistrationTransaction
from services.registration.adapters.tables import messages
from services.registration.domain.answers import Slot
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.groups import Decision
from services.registration.ports import Transaction
from tests.unit.registration.builders import NOW, a_class, a_school, a_session, an_edition
from tests.unit.registration.fakes import FakeTransaction

EDITION = an_edition()


@pytest.fixture(params=["memory", "sqlite"])
def tx(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transaction]:
    if request.param == "memory":
        yield FakeTransaction()
        return
    database = Database(f"sqlite:///{tmp_path / 'registration'}.db")
    migrate("registration", database)
    with database.begin() as connection:
        yield RegistrationTransaction(connection, messages, lambda: NOW, Context("trace"), secret="x" * 32)
    database.close()


@pytest.fixture
def known(tx: Transaction) -> Transaction:
    tx.editions.save(EDITION)
    for school in ("belleu", "acy"):
        tx.enrolments.save(an_enrolment(school))
    return tx


def an_enrolment(school: str) -> Enrolment:
    decisions = (Decision(f"{school}/cm1", "quinzaine", 17, "two_groups"),)
    enrolment = Enrolment(EDITION.id, a_school(school), (a_class(17, school=school),), decisions=decisions)
    return enrolment.form_groups(EDITION)


def a_slot(number: int, school: str = "acy") -> Slot:
    return Slot(a_session(number, school), 1, "CM1 groupe 1", 9, "Robotique", "Ze Fab Truck")


def test_an_edition_keeps_its_release_when_it_is_saved_again(tx: Transaction) -> None:
    assert (tx.editions.get(EDITION.id), tx.editions.lock(EDITION.id), tx.editions.release(EDITION.id)) == (
        None,
        None,
        0,
    )
    tx.editions.save(EDITION)
    tx.editions.set_release(EDITION.id, 3)
    renamed = replace(EDITION, name="Autre nom")
    tx.editions.save(renamed)
    assert (tx.editions.get(EDITION.id), tx.editions.lock(EDITION.id)) == (renamed, renamed)
    assert tx.editions.release(EDITION.id) == 3


def test_schools_come_back_whole_and_by_id(known: Transaction) -> None:
    both = (an_enrolment("acy"), an_enrolment("belleu"))
    assert (known.enrolments.all(EDITION.id), known.enrolments.lock_all(EDITION.id)) == (both, both)
    assert (known.enrolments.get(EDITION.id, "acy"), known.enrolments.lock(EDITION.id, "acy")) == (both[0], both[0])
    assert known.enrolments.get(EDITION.id, "oz") is None
    assert known.enrolments.all("other") == ()


def test_a_school_saved_again_replaces_the_first(known: Transaction) -> None:
    changed = replace(an_enrolment("acy"), imported_classes=())
    known.enrolments.save(changed)
    assert known.enrolments.all(EDITION.id) == (changed, an_enrolment("belleu"))


def test_slots_come_back_in_order_of_time(known: Transaction) -> None:
    answered = a_slot(1).decline("sortie", NOW)
    for slot in (a_slot(2), answered, a_slot(3, "belleu")):
        known.slots.save(EDITION.id, slot)
    assert list(known.slots.of_school(EDITION.id, "acy").items()) == [("s1", answered), ("s2", a_slot(2))]
    assert known.slots.count(EDITION.id) == {
        "acy": Counter(offered=1, declined=1),
        "belleu": Counter(offered=1),
    }
    assert known.slots.count("other") == {}


def test_a_slot_is_replaced_and_removed(known: Transaction) -> None:
    known.slots.save(EDITION.id, a_slot(1))
    known.slots.save(EDITION.id, a_slot(1).confirm(8, NOW))
    assert known.slots.of_school(EDITION.id, "acy") == {"s1": a_slot(1).confirm(8, NOW)}
    known.slots.remove(EDITION.id, "s1")
    assert known.slots.of_school(EDITION.id, "acy") == {}


def test_a_key_is_taken_once_and_keeps_its_answer(known: Transaction) -> None:
    assert [known.keys.claim("k" * 64, print_ * 64, NOW) for print_ in "fg"] == [True, False]
    known.keys.keep("k" * 64, "[]")
    assert known.keys.get("k" * 64) == ("f" * 64, "[]")


def test_a_link_is_issued_once_and_opens_its_school(known: Transaction) -> None:
    for school in ("acy", "belleu", "acy"):
        known.links.issue(EDITION.id, school, NOW)
    tokens = known.links.tokens(EDITION.id)
    assert {school: known.links.find(token_hash(token)) for school, token in tokens.items()} == {
        "acy": (EDITION.id, "acy", NOW),
        "belleu": (EDITION.id, "belleu", NOW),
    }
    assert known.links.find("guess") is None
