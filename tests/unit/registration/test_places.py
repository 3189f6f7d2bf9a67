"""A programme takes fewer groups than want to come: who holds a place, who waits, who is offered one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened, Event, PlaceOffered, RegistrationSubmitted
from services.contracts.values import AnsweredBy, Priority
from services.registration.handlers import forms, places, schools
from services.registration.handlers.answers import get_school_page
from tests.unit.registration.builders import (
    NOW,
    WHOLE,
    a_programme,
    a_school,
    an_activity,
    an_edition,
    classes_csv,
    schools_csv,
)
from tests.unit.registration.fakes import FakeTransaction

EDITION, PROGRAMME = "soissons-2020", "quinzaine"
NAMES = ("acy", "belleu", "cuffies", "daix")


def a_house(limit: int | None = 2, rows: str = "") -> FakeTransaction:
    """Four schools on file, none with a class yet."""
    tx = FakeTransaction()
    schools.edition_opened(EditionOpened(an_edition()), tx)
    files = [f"{name.title()};{name.title()};;49.3;3.4;Direction;d@{name}.example;09:00-12:00;1;;" for name in NAMES]
    classes = [f"{name.title()};{name.title()};CM1;CM1;12;" for name in rows.split()]
    imported = rpc.ImportFile("s.csv", schools_csv(*files)), rpc.ImportFile("c.csv", classes_csv(*classes))
    schools.import_schools(rpc.ImportSchools(EDITION, *imported), tx)
    if limit is not None:
        set_places(tx, limit)
    tx.take()
    tx.history.rows.clear()
    return tx


def set_places(tx: FakeTransaction, limit: int | None, hours: int = 72) -> Any:
    with tx.work():
        return places.set_places(rpc.SetPlaces(EDITION, PROGRAMME, limit, hours), tx)


def set_priorities(tx: FakeTransaction, *order: Priority) -> None:
    schools.edition_opened(EditionOpened(replace(an_edition(), priorities=order)), tx)


def register(tx: FakeTransaction, school: str, *pupils: int) -> None:
    """Send the school's form with a class for each head count."""
    kept = forms.get_registration_form(rpc.GetRegistrationForm(EDITION, school), tx)
    fields = {name: text for name, text in kept.fields.items() if not name.startswith("class-")}
    for i, count in enumerate(pupils):
        fields |= {f"class-{i}-name": f"CM{i + 1}", f"class-{i}-pupils": str(count), f"class-{i}-in-{PROGRAMME}": "on"}
    with tx.work():
        forms.register_school(rpc.RegisterSchool(EDITION, school, fields, f"{school}-{len(tx.keys.rows)}"), tx)


def answer(
    tx: FakeTransaction, school: str, word: Any, pupils: int = 12, key: str = "", by: AnsweredBy = "school"
) -> tuple[rpc.GroupPlace, ...]:
    key = key or f"{word}{len(tx.keys.rows)}"
    asked = rpc.AnswerPlace(EDITION, school, f"{school}/cm1/{PROGRAMME}/1", word, pupils, key, by)
    with tx.work():
        return places.answer_place(asked, tx)


def states(tx: FakeTransaction) -> dict[str, str]:
    """Return what each group has, with its position where it waits."""
    claims = sorted(tx.claims.rows.values(), key=lambda claim: claim.group_id)
    return {
        claim.group_id.replace(f"/{PROGRAMME}/", " "): claim.state
        if claim.state != "waiting"
        else f"waiting {tx.claims.position(claim)}"
        for claim in claims
    }


def taken(tx: FakeTransaction) -> int:
    return tx.capacities.rows[EDITION, PROGRAMME].taken


def offers(events: list[Event]) -> list[tuple[str, dt.datetime]]:
    return [(event.school_id, event.until) for event in events if isinstance(event, PlaceOffered)]


def refusal(work: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refused) as caught:
        work()
    return [problem.code for problem in caught.value.problems]


def submitted(tx: FakeTransaction) -> dict[str, list[bool]]:
    """Return for each school told of since the last call whether its groups lack a place."""
    told = [event for event in tx.take() if isinstance(event, RegistrationSubmitted)]
    return {event.school.id: [group.without_place for group in event.groups] for event in told}


# Taking ---------------------------------------------------------------------------------------------------


def test_without_a_limit_every_group_comes() -> None:
    tx = a_house(limit=None)
    register(tx, "acy", 25, 12)
    assert (states(tx), submitted(tx)) == ({}, {"acy": [False, False, False]})


def test_first_come_first_served_then_the_waiting_list() -> None:
    tx = a_house(limit=2)
    for school in ("cuffies", "acy", "daix", "belleu"):
        register(tx, school, 12)
    assert states(tx) == {
        "acy/cm1 1": "held",
        "belleu/cm1 1": "waiting 2",
        "cuffies/cm1 1": "held",
        "daix/cm1 1": "waiting 1",
    }
    assert submitted(tx) == {"cuffies": [False], "acy": [False], "daix": [True], "belleu": [True]}


def test_the_groups_of_one_class_are_served_one_by_one() -> None:
    tx = a_house(limit=1)
    register(tx, "acy", 25)
    assert states(tx) == {"acy/cm1 1": "held", "acy/cm1 2": "waiting 1"}
    assert submitted(tx) == {"acy": [False, True]}


def test_a_form_sent_again_claims_nothing_more() -> None:
    tx = a_house(limit=2)
    register(tx, "acy", 12)
    register(tx, "acy", 13)
    assert (states(tx), taken(tx)) == ({"acy/cm1 1": "held"}, 1)


def test_groups_cut_in_another_way_follow_those_of_their_class() -> None:
    tx = a_house(limit=None)
    chain = (an_activity("robotics"), an_activity("video"), an_activity("show", WHOLE))
    schools.edition_opened(EditionOpened(an_edition(a_programme(*chain))), tx)
    set_places(tx, 3)
    register(tx, "acy", 25)
    register(tx, "belleu", 25)
    assert taken(tx) == 3
    told = submitted(tx)
    assert (told["acy"], told["belleu"]) == ([False, False, False], [False, True, True])


# Freeing --------------------------------------------------------------------------------------------------


@pytest.fixture
def full() -> FakeTransaction:
    """Acy and Belleu hold the two places, Cuffies and Daix wait."""
    tx = a_house(limit=2)
    for school in NAMES:
        register(tx, school, 12)
    tx.take()
    return tx


def test_a_class_that_leaves_frees_its_place_for_the_first_in_line(full: FakeTransaction) -> None:
    register(full, "acy", 12, 12)
    register(full, "belleu", 30)  # three groups: one keeps the place, two wait
    assert states(full)["belleu/cm1 1"] == "held"
    full.take()
    forms_before = states(full)
    register(full, "belleu", 12)
    assert forms_before["belleu/cm1 2"].startswith("waiting")
    assert "belleu/cm1 2" not in states(full)
    assert offers(full.take()) == []
    schools_without_class = an_edition(a_programme(id="other"))
    schools.edition_opened(EditionOpened(schools_without_class), full)
    assert taken(full) == 0


def test_a_head_count_that_falls_frees_a_place() -> None:
    tx = a_house(limit=2)
    register(tx, "acy", 25)
    register(tx, "belleu", 12)
    tx.take()
    register(tx, "acy", 14)
    assert states(tx) == {"acy/cm1 1": "held", "belleu/cm1 1": "offered"}
    assert offers(tx.take()) == [("belleu", NOW + dt.timedelta(hours=72))]


def test_an_offer_accepted_gives_the_place(full: FakeTransaction) -> None:
    answer(full, "acy", "give_up")
    assert states(full) == {
        "acy/cm1 1": "declined",
        "belleu/cm1 1": "held",
        "cuffies/cm1 1": "offered",
        "daix/cm1 1": "waiting 1",
    }
    assert submitted(full) == {"acy": [True]}
    (place,) = answer(full, "cuffies", "accept")
    assert (place.state, place.until, taken(full), submitted(full)) == ("held", None, 2, {"cuffies": [False]})


def test_an_offer_given_up_goes_to_the_next(full: FakeTransaction) -> None:
    answer(full, "acy", "give_up")
    answer(full, "cuffies", "give_up")
    assert (states(full)["cuffies/cm1 1"], states(full)["daix/cm1 1"], taken(full)) == ("declined", "offered", 2)


def test_an_offer_ends_in_time_and_goes_to_the_next(full: FakeTransaction) -> None:
    answer(full, "acy", "give_up")
    full.take()
    full.now = NOW + dt.timedelta(hours=72) - dt.timedelta(seconds=1)
    assert not places.end_overdue_offer(full)
    full.now = NOW + dt.timedelta(hours=72)
    assert refusal(lambda: answer(full, "cuffies", "accept")) == ["place_not_offered"]
    assert [places.end_overdue_offer(full), places.end_overdue_offer(full)] == [True, False]
    assert (states(full)["cuffies/cm1 1"], states(full)["daix/cm1 1"]) == ("declined", "offered")
    assert offers(full.take()) == [("daix", NOW + dt.timedelta(hours=144))]


def seen(tx: FakeTransaction) -> tuple[str, list[str]]:
    """What the school of Cuffies sees of its place, and whom the organiser sees in line."""
    (own,) = get_school_page(rpc.GetSchoolPage(EDITION, "cuffies"), tx).places
    (programme,) = places.get_places(rpc.GetPlaces(EDITION), tx)
    return own.state, [place.school_id for place in programme.queue]


def test_an_offer_that_has_run_out_is_seen_as_such_before_it_is_ended(full: FakeTransaction) -> None:
    answer(full, "acy", "give_up")
    assert seen(full) == ("offered", ["cuffies", "daix"])
    full.now = NOW + dt.timedelta(hours=72)
    assert seen(full) == ("declined", ["daix"])
    answer(full, "cuffies", "ask")
    assert seen(full) == ("waiting", ["daix", "cuffies"])
    assert (states(full)["daix/cm1 1"], states(full)["cuffies/cm1 1"]) == ("offered", "waiting 1")


def test_who_gave_up_may_ask_again_and_comes_last(full: FakeTransaction) -> None:
    answer(full, "cuffies", "give_up")
    answer(full, "cuffies", "ask")
    assert (states(full)["daix/cm1 1"], states(full)["cuffies/cm1 1"]) == ("waiting 1", "waiting 2")


def test_an_answer_of_the_telephone_is_marked_until_the_school_answers_itself(full: FakeTransaction) -> None:
    answer(full, "acy", "give_up")
    (place,) = answer(full, "cuffies", "accept", by="organiser")
    assert (place.state, place.by_telephone) == ("held", True)
    assert full.history.codes()[-2:] == [("cuffies", "place_accepted"), ("cuffies", "place_by_telephone")]
    (place,) = answer(full, "cuffies", "give_up")
    assert (place.state, place.by_telephone) == ("declined", False)


def test_an_answer_needs_the_head_count_that_is_known(full: FakeTransaction) -> None:
    answer(full, "acy", "give_up")
    assert refusal(lambda: answer(full, "cuffies", "accept", pupils=13)) == ["pupils_differ"]
    assert states(full)["cuffies/cm1 1"] == "offered"


def test_what_was_not_offered_cannot_be_accepted(full: FakeTransaction) -> None:
    assert refusal(lambda: answer(full, "daix", "accept")) == ["place_not_offered"]
    unlimited = a_house(limit=None, rows="acy")
    assert refusal(lambda: answer(unlimited, "acy", "accept")) == ["no_place_to_answer"]


@pytest.mark.parametrize("word", ["give_up", "accept", "ask"])
def test_an_answer_given_twice_counts_once(full: FakeTransaction, word: str) -> None:
    answer(full, "acy", "give_up", key="first")
    school = {"give_up": "acy", "accept": "cuffies", "ask": "acy"}[word]
    answered = [answer(full, school, word, key="again") for _ in range(3)]
    told = len(full.history.rows)
    answered.append(answer(full, school, word, key="another"))
    assert answered == [answered[0]] * 4
    assert len(full.history.rows) == told


# The organiser's side -------------------------------------------------------------------------------------


def test_more_places_are_offered_in_line(full: FakeTransaction) -> None:
    (shown,) = set_places(full, 3, hours=24)
    assert [(place.school_id, place.state, place.position) for place in shown.queue] == [
        ("cuffies", "offered", 0),
        ("daix", "waiting", 1),
    ]
    assert (shown.places, shown.taken) == (3, 3)
    assert offers(full.take()) == [("cuffies", NOW + dt.timedelta(hours=24))]


def test_places_cannot_fall_below_those_taken(full: FakeTransaction) -> None:
    assert refusal(lambda: set_places(full, 1)) == ["places_below_taken"]
    assert refusal(lambda: set_places(a_house(limit=None, rows="acy belleu"), 1)) == ["places_below_taken"]


@pytest.mark.parametrize(("limit", "hours"), [(-1, 72), (10_001, 72), (2, 0), (2, 721)])
def test_a_limit_out_of_range_is_refused(full: FakeTransaction, limit: int, hours: int) -> None:
    assert refusal(lambda: set_places(full, limit, hours=hours)) == ["number_malformed"]


def test_who_was_registered_before_the_limit_has_a_place() -> None:
    tx = a_house(limit=None, rows="acy belleu")
    set_places(tx, 2)
    register(tx, "cuffies", 12)
    assert states(tx) == {"acy/cm1 1": "held", "belleu/cm1 1": "held", "cuffies/cm1 1": "waiting 1"}


def test_no_limit_any_more_lets_everyone_come(full: FakeTransaction) -> None:
    (shown,) = set_places(full, None)
    assert (shown.places, shown.taken, states(full)) == (None, 4, {})
    assert submitted(full) == {"cuffies": [False], "daix": [False]}


def test_the_order_of_priority_comes_before_the_order_of_asking() -> None:
    tx = a_house(limit=0)
    for school in NAMES:
        enrolment = tx.enrolments.get(EDITION, school)
        assert enrolment
        facts = {"never_served": school in ("cuffies", "daix"), "rural": school in ("belleu", "daix")}
        tx.enrolments.save(replace(enrolment, imported=replace(enrolment.imported, **facts)))
        register(tx, school, 12)
    assert [claim.school_id for claim in tx.claims.in_line(EDITION, PROGRAMME)] == list(NAMES)
    set_priorities(tx, "never_served", "rural")
    (shown,) = places.get_places(rpc.GetPlaces(EDITION), tx)
    assert [place.school_id for place in shown.queue] == ["daix", "cuffies", "belleu", "acy"]
    set_priorities(tx, "rural", "never_served")
    (shown,) = set_places(tx, 1)
    assert [(place.school_id, place.state) for place in shown.queue][:2] == [("daix", "offered"), ("belleu", "waiting")]


def test_an_earlier_priority_weighs_more_than_all_later_ones() -> None:
    order: tuple[Priority, ...] = ("never_served", "rural", "qpv")
    marks = [(new, rural, qpv) for new in (True, False) for rural in (True, False) for qpv in (True, False)]
    weights = [a_school(never_served=n, rural=r, priority_district=q).precedence(order) for n, r, q in marks]
    assert weights == list(range(7, -1, -1))
    assert a_school().precedence(()) == 0
