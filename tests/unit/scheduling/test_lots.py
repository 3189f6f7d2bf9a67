"""What the general form in counts makes of a problem: lots, spots, outings."""

from __future__ import annotations

from dataclasses import replace

from services.scheduling.adapters.cpsat.insertion import completed, first_plan
from services.scheduling.adapters.cpsat.lots.days import TimedDay, standing
from services.scheduling.adapters.cpsat.lots.lot import lots_of
from services.scheduling.adapters.cpsat.lots.outings import TeamDay
from services.scheduling.adapters.cpsat.lots.spots import forms_of
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Placement
from tests.unit.scheduling.rotations import MONDAY, a_chain, a_pass


def shapes(problem):
    return [
        [(step.task.id, step.each, len(step.demands), step.before) for step in lot.steps] for lot in lots_of(problem)
    ]


def test_halves_are_twins_and_share_a_step():
    chain = [("meet", 1, 1, ()), ("talk", 2, 1, (0,)), ("quiz", 1, 1, (1,))]
    assert shapes(a_pass(classes=2)) == [chain, chain]


def test_groups_of_one_school_are_one_lot():
    assert shapes(a_chain(groups=4, sites=2)) == [[("robotics", 1, 2, ()), ("video", 1, 2, (0,))]] * 2


def test_a_pinned_group_keeps_its_name():
    pin = Placement("g0-robotics", "truck", "school0", MONDAY, 510)
    found = shapes(replace(a_chain(groups=3, sites=1), pins=(pin,)))
    assert sorted(members for steps in found for _, _, members, _ in steps) == [1, 1, 2, 2]


def test_what_a_class_cannot_live_on_one_day_no_team_holds_on_one_day():
    problem = a_pass(classes=1)
    officer = next(crew for crew in problem.crews if "officer" in crew.kinds)
    forms = forms_of(problem)
    at_school = forms.spot_of["school0", "officer"]
    assert forms.spots[at_school].most == (1, 1)
    outings = TeamDay(forms, officer, MONDAY).outings()
    held = [sorted(cell // 2 for cell in cells if cell != outings.nothing) for cells in outings.cells]
    assert [at_school] in held
    assert [at_school, at_school] not in held


def test_of_two_ways_to_hold_the_same_sessions_the_shorter_one_is_kept():
    problem = a_chain(groups=3, sites=3)
    truck = problem.crews[0]
    outings = TeamDay(forms_of(problem), truck, MONDAY).outings()
    cells = [tuple(row) for row in outings.cells]
    assert len(cells) == len(set(cells))


def by_day(problem, plan):
    """Return a plan as days that were timed."""
    return [
        TimedDay(i, tuple(p for p in plan if p.day == day), 0)
        for i, day in enumerate(problem.days)
        if any(p.day == day for p in plan)
    ]


def test_of_a_plan_with_a_day_that_cannot_be_timed_the_rest_stands_and_is_completed():
    problem = a_pass(classes=2)
    plan = first_plan(problem)
    first, *later = by_day(problem, plan)
    assert sorted(p.demand_id for p in standing(problem, [first, *later])) == sorted(p.demand_id for p in plan)
    kept = standing(problem, [replace(first, placements=None), *later])
    gone = {p.demand_id for p in first.placements}
    followers = {d.id for d in problem.demands if gone & set(d.after)}
    assert followers
    assert not {p.demand_id for p in kept} & (gone | followers)
    assert check(problem, kept) == check(problem, completed(problem, kept)) == ()
