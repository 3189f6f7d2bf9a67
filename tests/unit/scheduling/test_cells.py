"""The board's prices: what a cell says is what a full check of the moved plan gives, for every cell of 2020."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import HalfDay, Violation
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain.checker import check
from services.scheduling.domain.explain.places import Place, Places
from services.scheduling.domain.problem import Baseline, Placement, Problem
from services.scheduling.domain.score import cost, road, total
from services.scheduling.handlers import alternatives, board, plans
from tests.unit.scheduling.builders import MONDAY, TUESDAY, a_school, registered
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.rotations import problem_2020
from tests.unit.scheduling.test_explain import the_plan
from tests.unit.scheduling.test_handlers import EDITION, a_house, released, solved
from tests.unit.scheduling.test_handlers import the_plan as plan_of

ROBOTICS, VIDEO = "acy/1:robotics", "acy/1:video"


def told(violations: tuple[Violation, ...], ids: set[str], concerns: bool = True) -> set[tuple[str, tuple[str, ...]]]:
    """Return what of this concerns these sessions, or does not."""
    return {
        (v.rule, tuple(sorted(v.session_ids))) for v in violations if concerns is bool(ids.intersection(v.session_ids))
    }


def differs(before: Places, was: tuple[Violation, ...], place: Place) -> list[str]:
    """Return in what a cell differs from a full check of the plan with the session there. ``was``: broken before."""
    problem, old, new = before.problem, before.after(()), before.after(place.changed)
    ids, found = {p.demand_id for p in place.changed}, check(problem, new)
    same = {
        "broken": told(found, ids) == told(place.broken, ids),
        "elsewhere": told(found, ids, concerns=False) <= told(was, ids, concerns=False),
        "road": road(problem, new) - road(problem, old) == before.road(place.changed),
        "points": place.points in (None, total(problem, new) - before.price),
        "free": (place.points is None) == bool(place.broken),
    }
    return [name for name, holds in same.items() if not holds]


def faults(problem: Problem, plan: list[Placement]) -> tuple[int, int, list[tuple[str, Place, list[str]]]]:
    """Return how many cells there are, how many break a rule, and those whose price is not that of a full check."""
    places, was = Places(problem, plan), check(problem, plan)
    cells = [(id_, place) for id_ in problem.demand_by_id for place in places.everywhere(id_, problem.days)]
    compared = [(id_, place, differs(places, was, place)) for id_, place in cells]
    return len(cells), sum(bool(place.broken) for _, place in cells), [each for each in compared if each[2]]


def test_every_cell_of_2020_costs_what_a_full_check_says() -> None:
    problem, plan = problem_2020(), the_plan()
    cells, broken, wrong = faults(problem, plan)
    assert wrong == []
    half_days_but_its_own = 62 * 20 - len(plan)
    assert (cells, 0 < broken < cells) == (half_days_but_its_own, True)


def test_every_cell_of_a_plan_that_breaks_rules_costs_what_a_full_check_says() -> None:
    """Three sessions are put where they break rules, one is left out, one is pinned."""
    problem, plan = problem_2020(), the_plan()
    bad = [replace(p, start=p.start + 50) for p in plan[:3]]
    problem = replace(problem, pins=(plan[5],))
    cells, broken, wrong = faults(problem, [*bad, *plan[3:-1]])
    assert wrong == []
    assert (cells > 1000, broken > 300) == (True, True)


def test_every_cell_of_several_teams_costs_what_a_full_check_says() -> None:
    """Loads differ, schools were moved before, one session is left out: every term of the cost is at stake."""
    whole = problem_2020()
    crews = (*whole.crews, *(replace(crew, id=f"{crew.id}-2") for crew in whole.crews))
    problem = replace(whole, crews=crews, demands=whole.demands[:16], weights=replace(whole.weights, again=7))
    *plan, _ = first_plan(problem)
    before = Baseline(tuple(plan), frozenset(), None, moved_before={problem.demands[0].home: 2})
    problem = replace(problem, baseline=before)
    cells, broken, wrong = faults(problem, plan)
    assert wrong == []
    free = [
        p for id_ in problem.demand_by_id for p in Places(problem, plan).everywhere(id_, problem.days) if not p.broken
    ]
    assert (cells, len(free)) == (16 * 40 - len(plan), cells - broken)
    priced = {term for place in free[::7] for term in _terms(problem, plan, place)}
    assert priced == {"unplaced", "team_day", "visit", "drive", "pref", "gap", "fair", "end", "again"}


def test_every_other_minute_of_2020_costs_what_a_full_check_says() -> None:
    """Each session a quarter of an hour later, an hour earlier, and on the next day at the same time."""
    problem, plan = problem_2020(), the_plan()
    places, was, days = Places(problem, plan), check(problem, plan), list(problem.days)
    tried = [
        (p.demand_id, places.at_minute(p.demand_id, days[(days.index(p.day) + later) % len(days)], p.start + minutes))
        for p in plan
        for later, minutes in ((0, 15), (0, -60), (1, 0))
    ]
    assert [found for id_, place in tried if (found := (id_, differs(places, was, place)))[1]] == []
    assert (len(tried), 10 < sum(not place.broken for _, place in tried) < 170) == (186, True)
    followed = [place for _, place in tried if not place.broken and len(place.changed) > 1]
    assert len(followed) > 0


def _terms(problem: Problem, plan: list[Placement], place: Place) -> set[str]:
    """Return the terms of the cost that a cell changes."""
    old, new = cost(problem, plan), cost(problem, Places(problem, plan).after(place.changed))
    return {term for term in old if old[term] != new[term]}


# Requests -----------------------------------------------------------------------------------------------------


def a_planned_house() -> tuple[Memory, str]:
    memory = a_house(registered(), registered(a_school("belleu")))
    return memory, str(solved(memory).proposal_id)


def cells_of(memory: Memory, proposal: str, session: str = VIDEO) -> dict[tuple[str, HalfDay], rpc.Cell]:
    found = alternatives.price_cells(rpc.PriceCells(EDITION, proposal, session), memory)
    return {(cell.team_id, cell.half_day): cell for cell in found}


def broken(memory: Memory, proposal: str) -> set[str]:
    return {v.rule for cell in cells_of(memory, proposal, ROBOTICS).values() for v in cell.broken}


def moved(memory: Memory, proposal: str, cell: rpc.Cell, session: str = VIDEO) -> str:
    question = rpc.MoveSession(EDITION, session, cell.half_day, proposal, cell.team_id)
    return alternatives.move_session(question, memory)


def test_a_draft_is_the_plan_that_its_cell_priced() -> None:
    memory, proposal = a_planned_house()
    before = plan_of(memory, proposal_id=proposal)
    cell = next(cell for cell in cells_of(memory, proposal).values() if not cell.broken)
    memory.now = memory.now.replace(minute=1)
    draft = plan_of(memory, proposal_id=moved(memory, proposal, cell))
    at = {p.session.id: p.session for p in draft.sessions}
    assert (at[VIDEO].start, at[VIDEO].team_id) == (cell.starts_at, cell.team_id)
    assert sum(draft.cost.values()) - sum(before.cost.values()) == cell.points
    assert (draft.made_from, draft.moved, draft.violations, draft.release) == (proposal, VIDEO, (), None)
    assert plan_of(memory, proposal_id=proposal).made_next == draft.proposal_id
    assert memory.emitted == []


def test_a_cell_that_breaks_a_rule_makes_a_draft_that_cannot_be_released() -> None:
    memory, proposal = a_planned_house()
    cell = next(cell for cell in cells_of(memory, proposal, ROBOTICS).values() if cell.broken)
    draft = moved(memory, proposal, cell, ROBOTICS)
    shown = plan_of(memory, proposal_id=draft).violations
    assert {(v.rule, v.session_ids) for v in shown} == {(v.rule, v.session_ids) for v in cell.broken}
    assert {v.level for v in (*shown, *cell.broken)} == {"block"}
    with pytest.raises(Refused, match="proposal_breaks_rules"):
        plans.release_plan(rpc.ReleasePlan(EDITION, draft, 0), memory)


def test_a_rule_that_is_off_is_not_said() -> None:
    memory, proposal = a_planned_house()
    assert broken(memory, proposal) == {"chain", "hours"}
    memory.editions[EDITION] = replace(memory.editions[EDITION], rules={"chain": "off"})
    assert broken(memory, proposal) == {"hours"}


def test_a_session_left_out_can_be_put_in() -> None:
    memory, proposal = a_planned_house()
    kept = memory.proposals[proposal]
    without = tuple(p for p in kept.placements if p.demand_id != VIDEO)
    memory.proposals[proposal] = replace(kept, placements=without)
    cell = min(cells_of(memory, proposal).values(), key=lambda cell: (len(cell.broken), cell.points))
    assert (cell.broken, cell.points < 0) == ((), True)
    draft = plan_of(memory, proposal_id=moved(memory, proposal, cell))
    assert (len(draft.sessions), draft.unplaced) == (len(kept.placements), ())


def test_a_draft_at_a_minute_is_the_plan_that_its_price_told() -> None:
    memory = a_house()
    released(memory)
    before = plan_of(memory)
    video = next(p.session for p in before.sessions if p.session.id == VIDEO)
    later = video.start + dt.timedelta(minutes=25)
    cell = alternatives.price_time(rpc.PriceTime(EDITION, VIDEO, later), memory)
    assert (cell.broken, cell.starts_at, cell.team_id, cell.told) == ((), later, video.team_id, 2)
    draft = plan_of(memory, proposal_id=alternatives.move_to_time(rpc.MoveToTime(EDITION, VIDEO, later), memory))
    assert {p.session.start for p in draft.sessions if p.session.id == VIDEO} == {later}
    assert sum(draft.cost.values()) - sum(before.cost.values()) == cell.points
    assert (draft.made_from, draft.moved, draft.violations) == (before.proposal_id, VIDEO, ())


def test_a_minute_that_breaks_a_rule_is_told_and_refused() -> None:
    memory = a_house()
    released(memory)
    video = next(p.session for p in plan_of(memory).sessions if p.session.id == VIDEO)
    for wrong in (video.start.replace(hour=3), video.start + dt.timedelta(days=300)):
        cell = alternatives.price_time(rpc.PriceTime(EDITION, VIDEO, wrong), memory)
        assert (cell.broken != (), cell.starts_at) == (True, wrong)
        with pytest.raises(Refused, match=r"^time_gone$"):
            alternatives.move_to_time(rpc.MoveToTime(EDITION, VIDEO, wrong), memory)


def test_what_cannot_be_moved_is_refused() -> None:
    memory, proposal = a_planned_house()
    cell = next(iter(cells_of(memory, proposal).values()))
    for wrong, code in [
        (rpc.MoveSession(EDITION, "nobody:video", cell.half_day, proposal, cell.team_id), "unknown_session"),
        (rpc.MoveSession(EDITION, VIDEO, cell.half_day, proposal, "robotics-1"), "half_day_gone"),
        (rpc.MoveSession(EDITION, VIDEO, cell.half_day, "p", cell.team_id), "unknown_proposal"),
    ]:
        with pytest.raises(Refused, match=f"^{code}$"):
            alternatives.move_session(wrong, memory)
    assert len(memory.proposals) == 1


def test_an_earlier_release_is_restored_as_a_draft_that_can_be_released() -> None:
    memory = a_house()
    released(memory)
    first = plan_of(memory).sessions
    cell = next(cell for cell in cells_of(memory, plan_of(memory).proposal_id).values() if not cell.broken)
    plans.release_plan(rpc.ReleasePlan(EDITION, moved(memory, plan_of(memory).proposal_id, cell), 1), memory)
    draft = alternatives.restore_release(rpc.RestoreRelease(EDITION, 1), memory)
    assert [p.session for p in plan_of(memory, proposal_id=draft).sessions] == [p.session for p in first]
    assert plan_of(memory).release == 2
    plans.release_plan(rpc.ReleasePlan(EDITION, draft, 2), memory)
    assert [p.session for p in plan_of(memory).sessions] == [p.session for p in first]
    with pytest.raises(Refused, match=r"^unknown_release$"):
        alternatives.restore_release(rpc.RestoreRelease(EDITION, 9), memory)


# Pins ---------------------------------------------------------------------------------------------------------


def test_a_pinned_session_stays_there_until_it_is_free_again() -> None:
    memory = a_house()
    released(memory)
    proposal = plan_of(memory).proposal_id
    away = next(cell for cell in cells_of(memory, proposal).values() if not cell.broken)
    draft = moved(memory, proposal, away)
    pin = board.pin_session(rpc.PinSession(EDITION, draft, VIDEO, "Le bus est réservé"), memory)
    assert (pin.start, pin.team_id, pin.comment) == (away.starts_at, away.team_id, "Le bus est réservé")
    assert {v.rule for v in plan_of(memory).violations} == {"pins"}
    assert {v.rule for v in cells_of(memory, draft)[away.team_id, HalfDay(MONDAY, "pm")].broken} == {"pins"}
    kept = plan_of(memory, proposal_id=solved(memory).proposal_id)
    assert next(p.session.start for p in kept.sessions if p.session.id == VIDEO) == pin.start
    board.unpin_session(rpc.UnpinSession(EDITION, VIDEO), memory)
    assert (plan_of(memory).violations, board.list_pins(rpc.ListPins(EDITION), memory)) == ((), ())


def test_pinning_again_keeps_the_first_word() -> None:
    memory, proposal = a_planned_house()
    first = board.pin_session(rpc.PinSession(EDITION, proposal, VIDEO, "Le bus"), memory)
    memory.now = memory.now.replace(minute=1)
    assert board.pin_session(rpc.PinSession(EDITION, proposal, VIDEO, "Le bus"), memory) == first
    other = board.pin_session(rpc.PinSession(EDITION, proposal, VIDEO, "La salle"), memory)
    assert board.list_pins(rpc.ListPins(EDITION), memory) == (other,)
    with pytest.raises(Refused, match="unknown_session"):
        board.pin_session(rpc.PinSession(EDITION, proposal, "nobody:video"), memory)


# Stretches ----------------------------------------------------------------------------------------------------


def test_roads_set_ups_and_packings_fill_the_time_between_sessions() -> None:
    memory, proposal = a_planned_house()
    found = board.list_stretches(rpc.ListStretches(EDITION, proposal, (MONDAY,)), memory)
    team = [stretch for stretch in found if stretch.team_id == "robotics-1"]
    assert [stretch.doing for stretch in team][:3] == ["road", "setup", "packing"]
    assert [stretch.doing for stretch in team][-1] == "road"
    assert all(one.start < one.end for one in team)
    first = min(p.session.start for p in plan_of(memory, proposal_id=proposal).sessions)
    assert (team[0].end, team[1].end) == (team[1].start, first)
    assert board.list_stretches(rpc.ListStretches(EDITION, proposal, ()), memory) == ()
    assert TUESDAY not in {stretch.start.date() for stretch in found}
