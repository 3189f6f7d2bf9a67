"""Replans against brute force on small problems, and on the 2020 edition: what must move, and what is proved of it."""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.columns import Columns, columns_of
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.replans.fewest import CountModel
from services.scheduling.adapters.cpsat.replans.half_days import HalfDays, half_days_of
from services.scheduling.adapters.cpsat.replans.replan import freeze
from services.scheduling.adapters.cpsat.replans.replanning import Replanning
from services.scheduling.adapters.cpsat.shape import Shape, shape_of
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints.past import frozen, is_past
from services.scheduling.domain.constraints.refused import is_barred
from services.scheduling.domain.moves import Moves, frontier
from services.scheduling.domain.problem import Barred, Baseline, Placement, Problem
from services.scheduling.domain.score import moved
from services.scheduling.domain.solution import Progress, Solution
from tests.unit.scheduling.rotations import a_chain, closed, problem_2020

ONE_EACH = (Window(510, 585), Window(810, 885))
"""Hours that hold one session each, so that a half-day says all."""

Pair = tuple[int | None, int | None]


def the_shape(problem: Problem) -> Shape:
    shape = shape_of(problem)
    assert shape is not None
    return shape


def replanned(problem: Problem, seconds: float = 300) -> tuple[Solution, list[Progress]]:
    heard: list[Progress] = []
    best = Best(problem, Budget(seconds), heard.append, lambda found: None, first_plan(problem))
    Replanning(the_shape(problem), best, 1).run()
    assert check(problem, best.placements) == ()
    return best.solution, heard


def a_small_case(seed: int) -> Problem:
    """Return a released chain of two activities after some half-days closed, some of it confirmed, past, limited."""
    chance = random.Random(seed)
    problem = a_chain(groups=chance.randint(2, 4), sites=chance.randint(1, 3), length=chance.randint(2, 3))
    sites = tuple(replace(site, windows=dict.fromkeys(problem.days, ONE_EACH)) for site in problem.sites)
    crews = tuple(replace(crew, max_sessions=chance.randint(1, 2)) for crew in problem.crews)
    whole = replace(problem, sites=sites, crews=crews)
    released = tuple(scattered(whole, chance))
    confirmed = frozenset(p.demand_id for p in released if chance.random() < 0.5)
    shut = tuple(
        replace(site, windows={day: tuple(w for w in ONE_EACH if chance.random() < 0.8) for day in problem.days})
        for site in sites
    )
    frozen = chance.choice([None, None, problem.days[1]])
    if frozen:
        shut = tuple(replace(s, windows={**s.windows, problem.days[0]: ONE_EACH}) for s in shut)
    limit = chance.choice([None, None, 0, 1, 2, 3])
    return replace(whole, sites=shut, baseline=Baseline(released, confirmed, frozen, limit))


def with_refusals(problem: Problem, chance: random.Random) -> Problem:
    """Return the case with half-days refused for some sessions; a released session there is free to move."""
    days = [day for day in problem.days if not is_frozen(problem, day)]
    every = [Barred(day, half, by) for day in days for half in (0, 1) for by in ("", "truck-org", "film-org")]
    demands = tuple(
        replace(demand, barred=tuple(sorted(chance.sample(every, min(len(every), chance.choice([0, 0, 1, 2, 3]))))))
        for demand in problem.demands
    )
    refused = replace(problem, demands=demands)
    assert problem.baseline is not None
    kept = tuple(p for p in problem.baseline.placements if not is_barred(refused, p))
    return replace(refused, baseline=replace(problem.baseline, placements=kept))


def is_frozen(problem: Problem, day: dt.date) -> bool:
    before = problem.baseline.frozen_before if problem.baseline else None
    return before is not None and day < before


def scattered(problem: Problem, chance: random.Random) -> list[Placement]:
    """Return a valid plan that does not always take the first half-day."""
    groups = list(the_groups(problem))
    plan: dict[str, Pair] = {}
    for group, _ in chance.sample(groups, len(groups)):
        free = [pair for pair in pairs(problem) if fits(problem, groups, {**plan, group: pair})]
        plan[group] = chance.choice([p for p in free if p[1] is not None] or free)
    return placed(problem, plan)


def the_groups(problem: Problem) -> Iterator[tuple[str, str]]:
    return ((d.group_id, d.home) for d in problem.demands if d.task_id == "robotics")


def pairs(problem: Problem) -> list[Pair]:
    halves = range(2 * len(problem.days))
    both: list[Pair] = [(a, b) for a in halves for b in halves if a < b]
    return [*both, *((a, None) for a in halves), (None, None)]


def fits(problem: Problem, groups: list[tuple[str, str]], plan: dict[str, Pair]) -> bool:
    """Whether teams and rooms hold one session for each half-day, teams their number a day, and schools are open."""
    home = dict(groups)
    teams = [(task, half) for pair in plan.values() for task, half in enumerate(pair) if half is not None]
    rooms = [(home[group], half) for group, pair in plan.items() for half in pair if half is not None]
    days = [(task, half // 2) for task, half in teams]
    return (
        len(set(teams)) == len(teams)
        and len(set(rooms)) == len(rooms)
        and all(days.count((task, day)) <= problem.crews[task].max_sessions for task, day in days)
        and all(is_open(problem, site, half) for site, half in rooms)
    )


def is_open(problem: Problem, site: str, half: int) -> bool:
    return ONE_EACH[half % 2] in problem.site_by_id[site].windows[problem.days[half // 2]]


def placed(problem: Problem, plan: dict[str, Pair]) -> list[Placement]:
    home = dict(the_groups(problem))
    return [
        Placement(
            f"{group}-{('robotics', 'video')[task]}",
            problem.crews[task].id,
            home[group],
            problem.days[half // 2],
            ONE_EACH[half % 2].start,
        )
        for group, pair in plan.items()
        for task, half in enumerate(pair)
        if half is not None
    ]


def best_by_force(problem: Problem) -> tuple[int, ...]:
    """Try every plan, group by group; return the best values of the four aims."""
    groups, best = list(the_groups(problem)), [(99,) * 4]

    def extend(plan: dict[str, Pair]) -> None:
        if len(plan) == len(groups):
            best[0] = min(best[0], aims(problem, placed(problem, plan)))
            return
        group = groups[len(plan)][0]
        for pair in pairs(problem):
            longer = {**plan, group: pair}
            refused = any(is_barred(problem, p) for p in placed(problem, {group: pair}))
            kept = keeps_the_past(problem, group, pair) and keeps_the_pins(problem, group, pair)
            if not refused and kept and fits(problem, groups, longer):
                extend(longer)

    extend({})
    return best[0]


def keeps_the_past(problem: Problem, group: str, pair: Pair) -> bool:
    now = {p for p in placed(problem, {group: pair}) if is_past(problem, p)}
    return now == {p for id_, p in frozen(problem).items() if id_.startswith(f"{group}-")}


def keeps_the_pins(problem: Problem, group: str, pair: Pair) -> bool:
    return {pin for pin in problem.pins if pin.demand_id.startswith(f"{group}-")} <= {*placed(problem, {group: pair})}


def with_pins(problem: Problem, chance: random.Random) -> Problem:
    """Return the case with one or two sessions fixed somewhere that is open."""
    groups, plan = list(the_groups(problem)), dict[str, Pair]()
    for group, _ in chance.sample(groups, min(len(groups), 2)):
        halves = [half for half in range(2 * len(problem.days)) if not is_frozen(problem, problem.days[half // 2])]
        task, half = chance.randint(0, 1), chance.choice(halves)
        pair = (None, half) if task else (half, None)
        if fits(problem, groups, {**plan, group: pair}) and f"{group}-{task}" not in frozen(problem):
            plan[group] = pair
    return replace(problem, pins=tuple(placed(problem, plan)))


def aims(problem: Problem, plan: list[Placement] | tuple[Placement, ...]) -> tuple[int, int, int, int]:
    assert problem.baseline is not None
    changes, most = moved(problem, plan), problem.baseline.most_moved
    confirmed, offered = len(changes["confirmed"]), len(changes["offered"])
    beyond = 0 if most is None else max(0, confirmed + offered - most)
    return beyond, len(problem.demands) - len(plan), confirmed, offered


@pytest.mark.parametrize("seed", range(60))
def test_a_replan_moves_as_few_as_brute_force(seed):
    problem = a_small_case(seed)
    solution, _ = replanned(problem)
    assert solution.moves is not None
    assert aims(problem, solution.placements) == best_by_force(problem)
    assert solution.moves.proved == 4


def within_a_day(seed: int) -> Problem:
    """Return a case at noon of a day: its morning stays, its afternoon may change."""
    chance, problem = random.Random(seed), a_small_case(seed)
    assert problem.baseline is not None
    today = chance.choice(problem.days)
    held = {*problem.days[: problem.days.index(today)]}
    hours = [{day: ONE_EACH if day in held else site.windows[day] for day in problem.days} for site in problem.sites]
    begun = {p.site_id for p in problem.baseline.placements if p.day == today and p.start < problem.noon}
    for site, windows in zip(problem.sites, hours, strict=True):
        windows[today] = (*{ONE_EACH[0], *windows[today]},) if site.id in begun else windows[today]
    sites = tuple(replace(site, windows=windows) for site, windows in zip(problem.sites, hours, strict=True))
    now = replace(problem.baseline, frozen_before=today, frozen_minute=problem.noon)
    return replace(problem, sites=sites, baseline=now)


def test_a_replan_at_noon_leaves_the_morning_and_moves_as_few_as_brute_force():
    mornings = 0
    for seed in range(200, 240):
        problem = within_a_day(seed)
        solution, _ = replanned(problem)
        assert problem.baseline is not None and solution.moves is not None
        begun = [p for p in frozen(problem).values() if p.day == problem.baseline.frozen_before]
        assert set(begun) <= set(solution.placements)
        assert aims(problem, solution.placements) == best_by_force(problem)
        assert solution.moves.proved == 4
        mornings += len(begun) > 0
    assert mornings > 10


def test_replans_around_refusals_are_mostly_the_best_and_never_claim_more():
    best = 0
    for seed in range(100, 140):
        problem = with_refusals(a_small_case(seed), random.Random(seed))
        solution, _ = replanned(problem)
        assert solution.moves is not None
        least, reached, proved = best_by_force(problem), aims(problem, solution.placements), solution.moves.proved
        assert reached[:proved] == least[:proved]
        best += reached == least
    assert best >= 36  # counts do not say who refused what; names then leave a session out


def test_replans_around_pins_are_mostly_the_best_and_never_claim_more():
    best = tried = 0
    for seed in range(300, 345):
        problem = with_pins(a_small_case(seed), random.Random(seed))
        least = best_by_force(problem)
        if not problem.pins or least[0] == 99:
            continue
        solution, _ = replanned(problem)
        assert solution.moves is not None
        assert {*problem.pins} <= {*solution.placements}
        reached, proved = aims(problem, solution.placements), solution.moves.proved
        assert reached[:proved] == least[:proved]
        tried, best = tried + 1, best + (reached == least and proved == 4)
    assert tried > 20
    assert best >= 0.7 * tried  # counts do not say which group of a school a pin is of


@pytest.mark.parametrize("before", [{"school0": 1}, {"school1": 1}, {"school0": 2, "school1": 1}])
@pytest.mark.parametrize("form", ["fast", "general"])
def test_who_was_moved_before_is_spared(before, form):
    """Two schools had robotics on one day; the team now holds one session a day, so one of them must move."""
    problem = a_chain(groups=2, sites=2)
    tasks = (problem.tasks[0], replace(problem.tasks[1], min_days=1 if form == "general" else 0))
    truck, film = problem.crews
    demands = tuple(demand for demand in problem.demands if demand.task_id == "robotics")
    released = tuple(Placement(d.id, "truck", d.home, problem.days[0], 510 + 300 * i) for i, d in enumerate(demands))
    problem = replace(problem, tasks=tasks, crews=(replace(truck, max_sessions=1), film))
    problem = replace(problem, baseline=Baseline(released, moved_before=before))
    assert (shape_of(problem) is None) == (form == "general")
    solution = CpSat().solve(problem, seconds=20, seed=1, report=lambda _: None)
    assert solution.moves is not None
    assert solution.moves.total == 1
    (gone,) = moved(problem, solution.placements)["offered"]
    spared = max(before, key=lambda school: before[school])
    assert problem.demand_by_id[gone].home != spared
    if form == "fast":
        assert (solution.status, solution.bound) == ("optimal", solution.value)


@functools.cache
def released_2020() -> tuple[Placement, ...]:
    return tuple(first_plan(problem_2020()))


def after_a_closure() -> Problem:
    """The 2020 edition by first fit, half of it confirmed, Belleu closed on two days; the days before stay."""
    whole, released = problem_2020(), released_2020()
    belleu = next(site.id for site in whole.sites if site.place.name == "Belleu")
    when = sorted({p.day for p in released if p.site_id == belleu})[-2:]
    confirmed = frozenset(sorted(p.demand_id for p in released)[::2])
    return replace(closed(whole, belleu, *when), baseline=Baseline(released, confirmed, when[0]))


def test_an_illness_in_2020_is_replanned_to_the_proof():
    whole, released = problem_2020(), released_2020()
    first, second = whole.days[6:8]
    film = whole.crews[1]
    away = replace(film, available={d: w for d, w in film.available.items() if d not in (first, second)})
    hit = [p for p in released if p.crew_id == film.id and p.day in (first, second)]
    problem = replace(whole, crews=(whole.crews[0], away), baseline=Baseline(released, frozenset(), first))
    solution, heard = replanned(problem)
    assert solution.moves is not None
    assert (solution.status, solution.moves.proved) == ("optimal", 4)
    assert solution.moves.total >= len(hit) > 0
    assert [progress.moves for progress in heard][-1] == solution.moves
    assert heard[0].moves is not None
    assert heard[0].moves.proved == 0
    assert [key(p) for p in heard] == sorted((key(p) for p in heard), reverse=True)


@pytest.mark.parametrize("form", ["fast", "general"])
def test_who_falls_ill_at_ten_has_held_what_was_begun(form):
    """The video team goes home for two days in the middle of a morning."""
    whole, released = problem_2020(), released_2020()
    today, tomorrow = whole.days[6:8]
    film = whole.crews[1]
    begun = {p for p in released if p.day == today and p.start <= 600}
    hit = {p for p in released if p.crew_id == film.id and p.day in (today, tomorrow)} - begun
    away = replace(film, available={d: w for d, w in film.available.items() if d not in (today, tomorrow)})
    baseline = Baseline(released, frozenset(), today, frozen_minute=601)
    tasks = (whole.tasks[0], replace(whole.tasks[1], max_days=60 if form == "general" else None))
    problem = replace(whole, tasks=tasks, crews=(whole.crews[0], away), baseline=baseline)
    assert (shape_of(problem) is None) == (form == "general")
    solution = CpSat().solve(problem, seconds=60 if form == "fast" else 1, seed=1, report=lambda _: None)
    assert check(problem, solution.placements) == ()
    past = {p for p in released if p.day < today} | begun
    assert {p.crew_id for p in begun} == {crew.id for crew in whole.crews}
    assert past == set(solution.placements) & {p for p in released if (p.day, p.start) <= (today, 600)}
    assert {p for p in solution.placements if (p.day, p.start) <= (today, 600)} == past
    assert hit and not hit & set(solution.placements)
    assert solution.moves is not None and solution.moves.total >= len(hit)
    assert solution.moves.proved == (4 if form == "fast" else 0)


def key(progress: Progress) -> tuple[float | None, ...]:
    assert progress.moves is not None
    return progress.moves.unplaced, progress.moves.confirmed, progress.moves.offered, progress.value


def test_half_days_of_2020_go_together_as_in_its_days():
    columns = columns_of(the_shape(problem_2020()))
    of_a_day = np.flatnonzero((columns.crew == 0) & (columns.day == 0))
    halves = half_days_of(columns, of_a_day)[0, 0]
    days = {counts.tobytes() for counts in columns.counts[of_a_day]}
    for i, morning in enumerate(halves.parts[0]):
        for j, afternoon in enumerate(halves.parts[1]):
            assert (np.stack([morning, afternoon]).tobytes() in days) is not bool(halves.apart[i, j])
    assert all(is_within(columns, number, halves) for number in of_a_day)


def is_within(columns: Columns, number: int, halves: HalfDays) -> bool:
    """Whether some morning and afternoon that go together hold at least what this column holds."""
    (mornings, afternoons), (am, pm) = halves.parts, columns.counts[number]
    first, second = (mornings >= am).all(axis=1), (afternoons >= pm).all(axis=1)
    together = bool((~halves.apart[np.ix_(first, second)]).any())
    return together or (not am.any() and bool(second.any())) or (not pm.any() and bool(first.any()))


def test_the_frontier_keeps_what_is_worth_choosing_from():
    whole, fewer, between, same = Moves(0, 3, 12), Moves(3, 4, 6), Moves(1, 5, 12), Moves(3, 4, 6, proved=4)
    assert frontier([fewer, whole, between, same]) == (whole, same)


def test_a_limit_lets_sessions_go_rather_than_move_more():
    problem = after_a_closure()
    assert problem.baseline is not None
    few = replace(problem, baseline=replace(problem.baseline, most_moved=0))
    columns, fixed = freeze(columns_of(the_shape(few)))
    strict = CountModel(columns, fixed).solve(300, 0, Budget(300))
    columns, fixed = freeze(columns_of(the_shape(problem)))
    free = CountModel(columns, fixed).solve(300, 0, Budget(300))
    assert (strict.proved, free.proved) == (4, 4)
    assert sum(strict.aims[2:]) == strict.aims[0] <= sum(free.aims[2:])
    assert strict.aims[1] >= free.aims[1]
