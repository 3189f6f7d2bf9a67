from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import Refused
from services.contracts.values import HalfDay
from services.registration.domain.enrolment import Enrolment, check_half_days
from services.registration.domain.groups import Choice
from tests.unit.registration.builders import a_class, a_programme, a_school, an_edition

DAYS = [dt.date(2020, 11, day) for day in (2, 3, 4)]
half_days = st.sets(st.builds(HalfDay, st.sampled_from(DAYS), st.sampled_from(["am", "pm"])), max_size=4)
MORNING = HalfDay(DAYS[0], "am")


def an_enrolment(*closed: HalfDay, pupils: int = 25) -> Enrolment:
    return Enrolment("soissons-2020", a_school(closed=closed), (a_class(pupils),))


@given(half_days, st.lists(st.tuples(st.booleans(), half_days), max_size=5))
def test_closures_are_what_was_said_last(imported: set[HalfDay], words: list[tuple[bool, set[HalfDay]]]) -> None:
    enrolment, expected = an_enrolment(*sorted(imported)), set(imported)
    for closes, said in words:
        enrolment = enrolment.close(said) if closes else enrolment.reopen(said)
        expected = expected | said if closes else expected - said
    assert enrolment.school.closed == tuple(sorted(expected))


@given(half_days, half_days)
def test_closing_or_reopening_twice_is_the_same_as_once(imported: set[HalfDay], said: set[HalfDay]) -> None:
    closed = an_enrolment(*sorted(imported)).close(said)
    assert closed.close(said) == closed
    assert closed.reopen(said).reopen(said) == closed.reopen(said)


def test_a_closure_survives_the_same_file_read_again() -> None:
    enrolment = an_enrolment().close([MORNING])
    assert enrolment.update(a_school(), (a_class(25),)) == enrolment
    assert enrolment.update(a_school(rooms=2), (a_class(25),)).school.closed == (MORNING,)


def test_settling_is_refused_when_nothing_is_to_decide() -> None:
    for class_id in ("acy/cm1", "acy/cm2"):
        with pytest.raises(Refused) as refusal:
            an_enrolment(pupils=25).settle(class_id, "quinzaine", "one_group", an_edition())
        assert [p.code for p in refusal.value.problems] == ["nothing_to_settle"]


def test_a_choice_not_on_offer_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused) as refusal:
        an_enrolment(pupils=7).settle("acy/cm1", "quinzaine", "two_groups", an_edition())
    (problem,) = refusal.value.problems
    assert (problem.code, problem.facts["choices"]) == ("choice_not_offered", "one_group, leave_out")


def test_a_second_decision_takes_the_place_of_the_first() -> None:
    edition = an_edition()
    enrolment = an_enrolment(pupils=17).settle("acy/cm1", "quinzaine", "one_group", edition)
    enrolment = enrolment.settle("acy/cm1", "quinzaine", "two_groups", edition).form_groups(edition)
    assert [(g.pupils, g.plannable) for g in enrolment.groups] == [(9, True), (8, True)]
    assert len(enrolment.decisions) == 1


SIXTEENS = tuple(a_class(16, name) for name in ("CM1", "CM2", "CE2"))
MIXING = an_edition(a_programme(mix_classes="avoid"))


def three_sixteens(*choices: tuple[str, Choice]) -> Enrolment:
    enrolment = replace(an_enrolment(), imported_classes=SIXTEENS).form_groups(MIXING)
    for class_id, choice in choices:
        enrolment = enrolment.settle(class_id, "quinzaine", choice, MIXING).form_groups(MIXING)
    return enrolment


@pytest.mark.parametrize("first", ["one_group", "two_groups", "leave_out"])
def test_a_class_decided_to_stay_apart_is_joined_by_no_other(first: Choice) -> None:
    enrolment = three_sixteens(("acy/cm1", first))
    assert {q.class_id: q.mates for q in enrolment.open_questions(MIXING)} == {"acy/cm2": ("CE2",), "acy/ce2": ("CM2",)}


def test_a_class_joined_to_another_is_joined_by_no_third() -> None:
    (asked,) = three_sixteens(("acy/cm1", "join")).open_questions(MIXING)
    assert (asked.class_id, "join" in asked.choices) == ("acy/ce2", False)


def test_what_was_decided_is_told_and_can_be_changed() -> None:
    joined = three_sixteens(("acy/cm1", "join"))
    assert [(q.class_id, q.chosen, q.mates) for q in joined.questions(MIXING)] == [
        ("acy/cm1", "join", ("CM2",)),
        ("acy/ce2", "", ()),
    ]
    apart = joined.settle("acy/cm1", "quinzaine", "one_group", MIXING, before="join").form_groups(MIXING)
    assert [(q.class_id, q.chosen) for q in apart.questions(MIXING)] == [
        ("acy/cm1", "one_group"),
        ("acy/cm2", ""),
        ("acy/ce2", ""),
    ]


@pytest.mark.parametrize(
    ("class_id", "choice", "before"),
    [("acy/cm2", "one_group", ""), ("acy/cm1", "one_group", ""), ("acy/cm1", "one_group", "two_groups")],
)
def test_a_decision_on_an_older_page_overturns_no_other(class_id: str, choice: Choice, before: str) -> None:
    joined = three_sixteens(("acy/cm1", "join"))
    with pytest.raises(Refused) as refusal:
        joined.settle(class_id, "quinzaine", choice, MIXING, before)
    assert [(p.code, p.facts) for p in refusal.value.problems] == [
        ("settled_meanwhile", {"name": class_id.removeprefix("acy/").upper()})
    ]
    assert joined.settle("acy/cm1", "quinzaine", "join", MIXING, before="") == joined  # the second of two clicks


def test_days_outside_the_edition_are_all_named() -> None:
    outside = [HalfDay(dt.date(2020, 11, 1), "am"), HalfDay(dt.date(2020, 12, 1), "pm")]
    with pytest.raises(Refused) as refusal:
        check_half_days([MORNING, *outside], an_edition())
    assert [(p.code, p.value) for p in refusal.value.problems] == [
        ("edition_day_outside", "2020-11-01"),
        ("edition_day_outside", "2020-12-01"),
    ]
