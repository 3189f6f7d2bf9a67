from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import Refused
from services.contracts.values import HalfDay
from services.registration.domain.enrolment import Enrolment, check_half_days
from tests.unit.registration.builders import a_class, a_school, an_edition

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


def test_days_outside_the_edition_are_all_named() -> None:
    outside = [HalfDay(dt.date(2020, 11, 1), "am"), HalfDay(dt.date(2020, 12, 1), "pm")]
    with pytest.raises(Refused) as refusal:
        check_half_days([MORNING, *outside], an_edition())
    assert [(p.code, p.value) for p in refusal.value.problems] == [
        ("edition_day_outside", "2020-11-01"),
        ("edition_day_outside", "2020-12-01"),
    ]
