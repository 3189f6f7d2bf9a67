"""Two people have the page of one school open and answer differently: who comes second is told of the first."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened, PlanReleased
from services.kit.i18n import sentence
from services.registration.handlers import answers, asking, schools
from tests.unit.registration.builders import ACY, a_session, an_edition, classes_csv, schools_csv
from tests.unit.registration.fakes import FakeTransaction

EDITION = "soissons-2020"
Answer = rpc.ConfirmSlots | rpc.DeclineSlot | rpc.UndoAnswer

CONFIRM = rpc.ConfirmSlots(EDITION, "acy", 1, {"s1": 12}, "first")
DECLINE = rpc.DeclineSlot(EDITION, "acy", 1, "s1", "travaux", "first")


@pytest.fixture
def tx() -> FakeTransaction:
    """Acy has confirmed one session of two; both people read the page then."""
    tx = FakeTransaction()
    schools.edition_opened(EditionOpened(an_edition()), tx)
    files = schools_csv(ACY), classes_csv("Acy;Acy;CM1;CM1;25;")
    schools.import_schools(rpc.ImportSchools(EDITION, *(rpc.ImportFile("f.csv", text) for text in files)), tx)
    answers.plan_released(PlanReleased(EDITION, 1, (a_session(1), a_session(2)), ()), tx)
    send(replace(CONFIRM, pupils={"s1": 13}, key="before"), tx)
    return tx


def send(answer: Answer, tx: FakeTransaction) -> list[tuple[str, int]]:
    """Let an answer come, a minute later; return what the page says then."""
    tx.now += dt.timedelta(minutes=1)
    with tx.work():
        if isinstance(answer, rpc.ConfirmSlots):
            page = answers.confirm_slots(answer, tx)
        elif isinstance(answer, rpc.DeclineSlot):
            page = answers.decline_slot(answer, tx)
        else:
            page = asking.undo_answer(answer, tx)
    return [(offer.answer, offer.pupils) for offer in page.offers]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (DECLINE, replace(CONFIRM, pupils={"s1": 12, "s2": 12}), "travaux"),
        (DECLINE, rpc.UndoAnswer(EDITION, "acy", 1, "s1", ""), "travaux"),
        (CONFIRM, replace(CONFIRM, pupils={"s1": 11, "s2": 12}), "12"),
        (CONFIRM, replace(DECLINE, reason="sortie"), "12"),
        (CONFIRM, rpc.UndoAnswer(EDITION, "acy", 1, "s1", ""), "12"),
    ],
)
def test_the_second_answer_changes_nothing_until_the_first_was_read(
    tx: FakeTransaction, first: Answer, second: Answer, said: str
) -> None:
    seen = tx.now
    after_first = send(first, tx)
    with pytest.raises(Refused) as refused:
        send(replace(second, key="second", seen=seen), tx)
    (problem,) = refused.value.problems
    assert problem.code == ("declined_meanwhile" if first is DECLINE else "confirmed_meanwhile")
    assert said in sentence(problem, "fr") and "groupe 1" in sentence(problem, "fr")
    page = answers.get_school_page(rpc.GetSchoolPage(EDITION, "acy"), tx)
    assert [(offer.answer, offer.pupils) for offer in page.offers] == after_first
    assert send(replace(second, key="third", seen=page.offers[0].answered_at), tx) != after_first


@pytest.mark.parametrize("answer", [CONFIRM, DECLINE])
def test_two_who_say_the_same_are_both_thanked(tx: FakeTransaction, answer: Answer) -> None:
    seen = tx.now
    assert send(answer, tx) == send(replace(answer, key="second", seen=seen), tx)


def test_an_answer_about_another_session_is_in_nobodys_way(tx: FakeTransaction) -> None:
    seen = tx.now
    send(DECLINE, tx)
    other = replace(CONFIRM, pupils={"s2": 11}, key="second", seen=seen)
    assert send(other, tx) == [("declined", 13), ("confirmed", 11)]
