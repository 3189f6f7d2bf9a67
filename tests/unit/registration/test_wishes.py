from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.events import WishesSettled
from services.contracts.values import HalfDay, SettledWish
from services.registration.handlers import answers, wishes
from tests.unit.registration.builders import NOW, a_session
from tests.unit.registration.fakes import FakeTransaction
from tests.unit.registration.test_handlers import EDITION, confirm, decline, do, page, refusal, release, tx

__all__ = ["tx"]

FRIDAY = dt.datetime(2020, 11, 6, 13, 0, tzinfo=dt.timezone.utc)
ALTERNATIVE = rpc.Alternative(HalfDay(FRIDAY.date(), "pm"), FRIDAY, "zft", 1, 2, -3, exact=True)


def wish(key: str = "w1", comment: str = "cantine ce jour-là", number: int = 1) -> rpc.AskForSlot:
    return rpc.AskForSlot(EDITION, "acy", number, "s1", ALTERNATIVE, comment, key)


def settle(decision: str, words: str = "") -> rpc.SettleWish:
    return rpc.SettleWish(EDITION, "acy", "s1", decision, words)  # type: ignore[arg-type]


def state(tx: FakeTransaction) -> tuple[str, str] | None:
    seen = page(tx).offers[0].wish
    return (seen.state, seen.words) if seen else None


@pytest.fixture
def wished(tx: FakeTransaction) -> FakeTransaction:
    release(tx, 1, a_session())
    do(tx, wishes.ask_for_slot, wish())
    return tx


def listed(tx: FakeTransaction) -> list[tuple[str, str]]:
    found = wishes.list_wishes(rpc.ListWishes(EDITION), tx)
    return [(one.school_name, one.wish.state) for one in found]


def test_a_wish_reaches_the_organiser_with_its_price_and_answers_nothing(wished: FakeTransaction) -> None:
    (offer,) = page(wished).offers
    assert (offer.answer, offer.wish) == ("offered", rpc.Wish("s1", ALTERNATIVE, "cantine ce jour-là", NOW))
    (one,) = wishes.list_wishes(rpc.ListWishes(EDITION), wished)
    assert one == rpc.SchoolWish("acy", "Acy", "CM1 groupe 1", "Robotics", offer.session.start, offer.wish)
    assert wished.take() == []
    facts = {"session": "s1", "half_day": "2020-11-06 pm", "words": ""}
    assert wished.history.rows[-1] == ("acy", "wished", facts)


def test_the_same_key_again_changes_nothing_and_a_later_wish_takes_the_place(wished: FakeTransaction) -> None:
    do(wished, wishes.ask_for_slot, wish())
    assert len(wished.history.rows) == 2  # offered, wished
    do(wished, wishes.ask_for_slot, wish("w2", "après la récréation"))
    assert [one.comment for one in wished.wishes.rows.values()] == ["après la récréation"]


def test_an_outdated_wish_is_refused_with_the_new_date(wished: FakeTransaction) -> None:
    moved = replace(a_session(), start=FRIDAY, end=FRIDAY + dt.timedelta(minutes=75))
    release(wished, 2, moved)
    assert refusal(wished, wishes.ask_for_slot, wish("w2")) == ["slot_moved"]
    assert refusal(wished, wishes.ask_for_slot, wish("w2", "x" * 501, number=2)) == ["reason_too_long"]


def test_a_refusal_needs_a_sentence_that_the_school_then_reads(wished: FakeTransaction) -> None:
    assert refusal(wished, wishes.settle_wish, settle("refuse", " ")) == ["wish_without_words"]
    do(wished, wishes.settle_wish, settle("refuse", "Le camion est à Belleu."))
    assert state(wished) == ("refused", "Le camion est à Belleu.")
    told = SettledWish("s1", "Robotics", "CM1 groupe 1", a_session().start, FRIDAY, False, "Le camion est à Belleu.")
    assert wished.take() == [WishesSettled(EDITION, "acy", (told,))]
    assert refusal(wished, wishes.settle_wish, settle("accept")) == ["wish_settled"]
    assert listed(wished) == [("Acy", "refused")]
    do(wished, wishes.ask_for_slot, wish("w2"))
    assert state(wished) == ("open", "")


def test_an_accepted_wish_is_granted_by_the_release_that_moves_the_session_there(wished: FakeTransaction) -> None:
    do(wished, wishes.settle_wish, settle("accept"))
    release(wished, 2, a_session(), a_session(2))
    assert state(wished) == ("accepted", "")
    release(wished, 3, replace(a_session(), start=FRIDAY, end=FRIDAY + dt.timedelta(minutes=75)))
    assert state(wished) == ("granted", "")


def test_a_wish_is_outdated_when_its_session_goes_elsewhere_or_away(wished: FakeTransaction) -> None:
    monday = dt.datetime(2020, 11, 9, 13, 0, tzinfo=dt.timezone.utc)
    release(wished, 2, replace(a_session(), start=monday, end=monday + dt.timedelta(minutes=75)))
    assert state(wished) == ("outdated", "")
    release(wished, 3)
    assert (listed(wished), page(wished).offers) == ([], ())


def test_confirming_the_slot_ends_the_wish_and_declining_keeps_it(wished: FakeTransaction) -> None:
    do(wished, answers.decline_slot, decline())
    assert state(wished) == ("open", "")
    do(wished, answers.confirm_slots, confirm("k2", s1=13))
    assert (state(wished), listed(wished)) == (None, [])


def test_wishes_that_wait_come_first_then_the_latest(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1), a_session(2), a_session(3))
    for hours, session in enumerate(("s1", "s2", "s3")):
        tx.now = NOW + dt.timedelta(hours=hours)
        do(tx, wishes.ask_for_slot, replace(wish(f"w{hours}"), session_id=session))
    do(tx, wishes.settle_wish, replace(settle("accept"), session_id="s3"))
    found = wishes.list_wishes(rpc.ListWishes(EDITION), tx)
    assert [one.wish.session_id for one in found] == ["s2", "s1", "s3"]


def test_a_wish_that_is_not_there_is_not_settled(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    assert refusal(tx, wishes.settle_wish, settle("accept")) == ["unknown_wish"]
