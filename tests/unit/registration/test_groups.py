from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.contracts.values import Group, GroupRule
from services.registration.domain.groups import Decision, cut, form_groups, question, questions
from tests.unit.registration.builders import HALF, TEN_TO_FIFTEEN, WHOLE, a_class, a_programme, a_school, an_activity

sizes_of_classes = st.integers(1, 40)
rules = st.tuples(st.integers(1, 20), st.integers(0, 20)).map(lambda pair: GroupRule("split", pair[0], sum(pair)))


@given(sizes_of_classes, rules)
def test_a_cut_keeps_every_pupil_the_limits_and_the_balance(pupils: int, rule: GroupRule) -> None:
    sizes = cut(pupils, rule)
    assume(sizes is not None)
    assert sizes
    assert sum(sizes) == pupils
    assert all(rule.min_size <= size <= rule.max_size for size in sizes)
    assert max(sizes) - min(sizes) <= 1


@given(sizes_of_classes, rules)
def test_a_cut_makes_as_few_groups_as_any_that_fits(pupils: int, rule: GroupRule) -> None:
    possible = [k for k in range(1, pupils + 1) if k * rule.min_size <= pupils <= k * rule.max_size]
    sizes = cut(pupils, rule)
    assert (len(sizes) if sizes else None) == (possible[0] if possible else None)


def test_ten_to_fifteen_cannot_cut_1_to_9_and_16_to_19_only() -> None:
    assert [n for n in range(1, 41) if cut(n, TEN_TO_FIFTEEN) is None] == [*range(1, 10), *range(16, 20)]


@pytest.mark.parametrize(("pupils", "sizes"), [(28, (14, 14)), (29, (15, 14)), (15, (15,)), (31, (11, 10, 10))])
def test_cut_into_split_groups(pupils: int, sizes: tuple[int, ...]) -> None:
    assert cut(pupils, TEN_TO_FIFTEEN) == sizes


@pytest.mark.parametrize(("pupils", "halves"), [(25, (13, 12)), (6, (3, 3)), (1, (1,))])
def test_cut_in_halves_whatever_the_size(pupils: int, halves: tuple[int, ...]) -> None:
    assert cut(pupils, HALF) == halves


def test_groups_have_stable_ids_and_french_names() -> None:
    groups = form_groups(a_school(), (a_class(29, "CM1-CM2"), a_class(12, "CE2")), a_programme(), ())
    assert [(g.id, g.name, g.pupils, g.activities) for g in groups] == [
        ("acy/cm1-cm2/quinzaine/1", "CM1-CM2 groupe 1", 15, ("robotics", "video")),
        ("acy/cm1-cm2/quinzaine/2", "CM1-CM2 groupe 2", 14, ("robotics", "video")),
        ("acy/ce2/quinzaine/1", "CE2", 12, ("robotics", "video")),
    ]


@given(sizes_of_classes, sizes_of_classes)
def test_ids_stay_while_the_number_of_groups_does(first: int, later: int) -> None:
    before, after = (form_groups(a_school(), (a_class(n),), a_programme(), ()) for n in (first, later))
    assume(len(before) == len(after))
    assert [g.id for g in before] == [g.id for g in after]


@pytest.mark.parametrize(
    ("later", "sizes"),
    [(31, [11, 10, 10]), (30, [10, 10, 10]), (45, [15, 15, 15]), (46, [12, 12, 11, 11]), (29, [15, 14]), (16, [16])],
)
def test_groups_with_sessions_stay_while_the_rule_allows(later: int, sizes: list[int]) -> None:
    before = form_groups(a_school(), (a_class(31),), a_programme(), ())
    offered = {group.id for group in before}
    after = form_groups(a_school(), (a_class(later),), a_programme(), (), before, offered)
    assert [group.pupils for group in after] == sizes


def test_groups_nobody_was_told_of_are_as_few_as_possible() -> None:
    before = form_groups(a_school(), (a_class(31),), a_programme(), ())
    assert [g.pupils for g in form_groups(a_school(), (a_class(30),), a_programme(), (), before)] == [15, 15]


def test_rules_of_different_activities_give_groups_with_disjoint_activities() -> None:
    chain = (an_activity("officer", WHOLE), an_activity("psychologist", HALF), an_activity("quiz", WHOLE))
    groups = form_groups(a_school(), (a_class(25),), a_programme(*chain), ())
    assert [(g.id, g.name, g.pupils, g.activities) for g in groups] == [
        ("acy/cm1/quinzaine/officer/1", "CM1", 25, ("officer", "quiz")),
        ("acy/cm1/quinzaine/psychologist/1", "CM1 demi-groupe 1", 13, ("psychologist",)),
        ("acy/cm1/quinzaine/psychologist/2", "CM1 demi-groupe 2", 12, ("psychologist",)),
    ]


def test_a_class_outside_the_programme_has_no_group() -> None:
    assert form_groups(a_school(), (a_class(25, programmes=("pass",)),), a_programme(), ()) == ()


# Exceptions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pupils", "reason"), [(7, "too_small"), (17, "too_large")])
def test_a_size_that_cannot_be_cut_is_one_group_that_is_not_planned(pupils: int, reason: str) -> None:
    (group,) = form_groups(a_school(), (a_class(pupils),), a_programme(), ())
    assert (group.pupils, group.exception, group.accepted, group.plannable) == (pupils, reason, False, False)


@pytest.mark.parametrize(
    ("pupils", "choices"),
    [(7, {"one_group": (7,), "leave_out": ()}), (17, {"one_group": (17,), "two_groups": (9, 8), "leave_out": ()})],
)
def test_the_question_says_what_each_choice_gives(pupils: int, choices: dict[str, tuple[int, ...]]) -> None:
    classes = (a_class(pupils), a_class(25, "CM2"))
    groups = form_groups(a_school(), classes, a_programme(), ())
    (asked,) = questions(groups, classes, (a_programme(),))
    assert (asked.class_id, asked.programme_id, asked.pupils, asked.choices) == (
        "acy/cm1",
        "quinzaine",
        pupils,
        choices,
    )


@pytest.mark.parametrize(("choice", "sizes"), [("one_group", [17]), ("two_groups", [9, 8]), ("leave_out", [])])
def test_a_decision_makes_what_it_promised(choice: str, sizes: list[int]) -> None:
    decision = Decision("acy/cm1", "quinzaine", 17, choice)  # type: ignore[arg-type]
    groups = form_groups(a_school(), (a_class(17),), a_programme(), (decision,))
    assert [g.pupils for g in groups] == sizes
    assert all(g.plannable and g.exception for g in groups)
    assert questions(groups, (a_class(17),), (a_programme(),)) == ()


@pytest.mark.parametrize(
    ("pupils", "groups"),
    [
        (16, [(8, "too_large", True), (8, "too_large", True)]),
        (19, [(10, "too_large", True), (9, "too_large", True)]),
        (20, [(10, None, False), (10, None, False)]),
        (15, [(15, None, False)]),
        (9, [(9, "too_small", False)]),
    ],
)
def test_a_decision_holds_while_its_reason_does(pupils: int, groups: list[tuple[object, ...]]) -> None:
    decision = Decision("acy/cm1", "quinzaine", 17, "two_groups")
    formed = form_groups(a_school(), (a_class(pupils),), a_programme(), (decision,))
    assert [(g.pupils, g.exception, g.accepted) for g in formed] == groups


def test_no_question_for_a_class_every_rule_can_cut() -> None:
    assert question(a_class(25), a_programme()) is None


# Mixing ---------------------------------------------------------------------------------------------------


def _mixed(*pupils: int, mix_classes: bool = True, mixing: str = "allow") -> list[tuple[tuple[str, ...], int]]:
    classes = tuple(a_class(n, f"C{i}") for i, n in enumerate(pupils, start=1))
    programme = a_programme(mix_classes=mixing)
    groups = form_groups(a_school(mix_classes=mix_classes), classes, programme, ())
    return [(tuple(id_.rpartition("/")[2] for id_ in g.class_ids), g.pupils) for g in groups]


@pytest.mark.parametrize(("school", "mixing"), [(False, "allow"), (True, "forbid")])
def test_classes_never_mix_unless_school_and_programme_allow(school: bool, mixing: str) -> None:
    assert _mixed(7, 8, mix_classes=school, mixing=mixing) == [(("c1",), 7), (("c2",), 8)]


def test_two_classes_that_cannot_be_cut_alone_join() -> None:
    assert _mixed(7, 25, 8) == [(("c1", "c3"), 15), (("c2",), 13), (("c2",), 12)]


def test_a_class_joins_one_that_could_do_without_when_no_other_fits() -> None:
    assert _mixed(20, 5) == [(("c1", "c2"), 13), (("c1", "c2"), 12)]


def test_three_small_classes_join() -> None:
    assert _mixed(4, 4, 4) == [(("c1", "c2", "c3"), 12)]


def test_a_class_that_no_other_helps_stays_an_exception() -> None:
    assert _mixed(7) == [(("c1",), 7)]


SIXTEEN, TWENTY_FIVE = a_class(16), a_class(25, "CM2")
JOIN = Decision("acy/cm1", "quinzaine", 16, "join")
AVOID = a_programme(mix_classes="avoid")


def test_a_class_of_sixteen_may_join_another_by_decision() -> None:
    asked = question(SIXTEEN, AVOID, (SIXTEEN, TWENTY_FIVE))
    assert asked and (asked.choices["join"], asked.mates) == ((14, 14, 13), ("CM2",))
    groups = form_groups(a_school(), (SIXTEEN, TWENTY_FIVE), AVOID, (JOIN,))
    assert [(g.id, g.pupils, g.exception) for g in groups] == [
        ("acy/cm1+cm2/quinzaine/1", 14, None),
        ("acy/cm1+cm2/quinzaine/2", 14, None),
        ("acy/cm1+cm2/quinzaine/3", 13, None),
    ]


def test_joining_is_no_choice_where_it_is_forbidden_or_helps_nothing() -> None:
    for programme, classes in ((a_programme(), (SIXTEEN, TWENTY_FIVE)), (AVOID, (SIXTEEN, a_class(2, "CM2")))):
        asked = question(SIXTEEN, programme, classes)
        assert asked and ("join" in asked.choices, asked.mates) == (False, ())


def test_a_class_whose_mate_left_waits_for_a_decision_again() -> None:
    (alone,) = form_groups(a_school(), (SIXTEEN,), AVOID, (JOIN,))
    assert (alone.pupils, alone.undecided) == (16, True)


def test_classes_that_were_together_stay_together_while_they_can() -> None:
    school, programme = a_school(mix_classes=True), a_programme(mix_classes="allow")
    first = (a_class(7, "C1"), a_class(25, "C2"), a_class(8, "C3"))
    before = form_groups(school, first, programme, ())
    later = (a_class(5, "C1"), a_class(25, "C2"), a_class(10, "C3"))
    after = form_groups(school, later, programme, (), before)
    assert before[0].id == "acy/c1+c3/quinzaine/1"
    assert {g.id for g in before} <= {g.id for g in after}
    assert form_groups(school, later, programme, ()) != after


def test_joined_groups_name_both_classes() -> None:
    groups = form_groups(
        a_school(mix_classes=True), (a_class(12, "CE2"), a_class(8, "CM1")), a_programme(mix_classes="avoid"), ()
    )
    assert [(g.id, g.name) for g in groups] == [
        ("acy/ce2+cm1/quinzaine/1", "CE2 + CM1 groupe 1"),
        ("acy/ce2+cm1/quinzaine/2", "CE2 + CM1 groupe 2"),
    ]


@given(st.lists(sizes_of_classes, min_size=1, max_size=6), st.booleans())
def test_no_pupil_is_lost_or_counted_twice(pupils: list[int], mix: bool) -> None:
    classes = tuple(a_class(n, f"C{i}") for i, n in enumerate(pupils))
    groups = form_groups(a_school(mix_classes=mix), classes, a_programme(mix_classes="allow"), ())
    assert sum(g.pupils for g in groups) == sum(pupils)
    assert len({g.id for g in groups}) == len(groups)
    assert all(_fits(g) for g in groups if g.exception is None)


def _fits(group: Group) -> bool:
    return 10 <= group.pupils <= 15
