"""Large problems in territories: parted, solved side by side, joined and mended."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from services.contracts.values import Place
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.settle import solution_of
from services.scheduling.adapters.cpsat.shape import Shape, shape_of
from services.scheduling.adapters.cpsat.solve import solve_part
from services.scheduling.adapters.cpsat.territories.mend import mended
from services.scheduling.adapters.cpsat.territories.plan import ROUNDS, ByTerritories
from services.scheduling.adapters.worker_pool import WorkerPool
from services.scheduling.domain.checker import check
from services.scheduling.domain.land import Land
from services.scheduling.domain.problem import Crew, Demand, Problem
from services.scheduling.domain.score import total
from services.scheduling.domain.settlement import Settlement
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.domain.territories import (
    FEWEST_SITES,
    MOST_SITES,
    Part,
    Territory,
    joined,
    part_of,
    territories,
)
from services.scheduling.handlers.parts import PartLoop
from tests.unit.scheduling.rotations import a_chain, a_crew, a_site, days

DAYS = days(3)


def a_land(seed: int, schools: int, depots: int) -> Problem:
    """Return schools and depots by chance, some teams of each kind, two groups a school."""
    chance = random.Random(seed)
    tasks = a_chain().tasks
    sites = tuple(a_site(f"s{i}", DAYS, lat=47 + chance.random(), lon=2 + 2 * chance.random()) for i in range(schools))
    places = [Place(f"d{i}", 47 + chance.random(), 2 + 2 * chance.random()) for i in range(depots)]
    crews = tuple(
        replace(a_crew(f"{kind}{i}", kind, DAYS), depot=chance.choice(places))
        for kind in ("truck", "film")
        for i in range(chance.randint(depots, 2 * depots))
    )
    groups = [(site.id, f"{site.id}-{k}") for site in sites for k in range(2)]
    demands = [
        demand
        for home, group in groups
        for demand in (
            Demand(f"{group}-r", "robotics", group, 12, home, (home,)),
            Demand(f"{group}-v", "video", group, 12, home, (home,), (f"{group}-r",)),
        )
    ]
    return Problem(DAYS, 750, 45, tasks, sites, crews, tuple(demands))


def two_towns() -> Problem:
    """Return two towns far apart, each with as many schools as a territory needs and half of the teams."""
    problem = a_land(1, 2 * FEWEST_SITES, 2)
    sites = tuple(
        replace(site, place=Place(site.id, 47 + 2 * (i % 2), 2 + 0.001 * i)) for i, site in enumerate(problem.sites)
    )
    crews = tuple(
        replace(a_crew(f"{kind}{i}", kind, DAYS), depot=Place("", 47 + 2 * (i % 2), 2.05))
        for kind in ("truck", "film")
        for i in range(6)
    )
    return replace(problem, sites=sites, crews=crews)


def a_few(problem: Problem) -> Problem:
    """Return a problem of the first groups alone."""
    return replace(problem, demands=problem.demands[:8])


def the_shape(problem: Problem) -> Shape:
    shape = shape_of(problem)
    assert shape is not None
    return shape


def kinds(problem: Problem, territory: Territory) -> set[str]:
    return {kind for crew in territory.crews for kind in problem.crew_by_id[crew].kinds}


# Parting -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_each_school_and_each_team_is_in_one_territory(seed: int):
    problem = a_land(seed, random.Random(seed).randint(0, 700), random.Random(seed + 1).randint(1, 9))
    parts = territories(problem)
    assert sorted(site for part in parts for site in part.sites) == sorted(site.id for site in problem.sites)
    assert sorted(crew for part in parts for crew in part.crews) == sorted(crew.id for crew in problem.crews)
    assert all(kinds(problem, part) == {"truck", "film"} for part in parts)
    assert parts == territories(problem)


@pytest.mark.parametrize("seed", range(5))
def test_the_sum_of_the_parts_is_the_whole(seed: int):
    problem = a_land(seed, 300, 6)
    wholes = [part_of(problem, part) for part in territories(problem)]
    assert sorted(d.id for whole in wholes for d in whole.demands) == sorted(d.id for d in problem.demands)
    assert all(demand.home in whole.site_by_id for whole in wholes for demand in whole.demands)


def test_no_territory_is_overfull_while_there_is_room_elsewhere():
    problem = two_towns()
    near = tuple(replace(site, place=Place(site.id, 47, 2.05)) for site in problem.sites)
    problem = replace(problem, sites=near, demands=problem.demands[:100])
    loads = [len(part_of(problem, part).demands) / (12 * len(part.crews)) for part in territories(problem)]
    assert max(loads) <= 0.85


def test_a_full_depot_passes_schools_on_by_way_of_its_neighbour():
    """Of 30 schools at the western depot 16 must go; the 10 near the middle one give way to them, eastwards."""
    places = [Place("west", 47, 2.0)] * 30 + [Place("middle", 47, 2.4)] * 10
    problem, hubs = a_land(0, 40, 1), (2.0, 2.35, 2.7)
    sites = tuple(replace(site, place=place) for site, place in zip(problem.sites, places, strict=True))
    crews = tuple(
        replace(a_crew(f"{kind}{i}{hub}", kind, DAYS), depot=Place("", 47, hub))
        for hub in hubs
        for kind in ("truck", "film")
        for i in range(3)
    )
    land = Land(replace(problem, sites=sites, crews=crews))
    settled = Settlement(land, [[crew.id for crew in crews if crew.depot.lon == hub] for hub in hubs]).settled()
    at = [Counter(sites[int(site[1:])].place.name for site in own) for own in settled]
    assert at == [{"west": 14}, {"west": 14}, {"west": 2, "middle": 10}]


def test_schools_belong_to_the_near_depot():
    problem = two_towns()
    north, south = sorted(territories(problem), key=lambda part: part.sites)
    assert {problem.site_by_id[s].place.lat for s in north.sites} == {47}
    assert {problem.crew_by_id[c].depot.lat for c in north.crews} == {47}
    assert {problem.site_by_id[s].place.lat for s in south.sites} == {49}


def test_a_large_territory_is_cut_in_proportion_to_its_teams():
    problem = a_land(3, 4 * MOST_SITES, 1)
    crews = tuple(a_crew(f"{kind}{i}", kind, DAYS) for kind in ("truck", "film") for i in range(8))
    sizes = [len(part.sites) for part in territories(replace(problem, crews=crews))]
    assert len(sizes) >= 2
    assert max(sizes) - min(sizes) <= 2


def test_an_activity_with_one_team_keeps_all_together():
    problem = a_land(2, 400, 5)
    trucks = (crew for crew in problem.crews if crew.kinds == ("truck",))
    crews = (*trucks, a_crew("film", "film", DAYS))
    assert len(territories(replace(problem, crews=crews))) == 1


def test_a_team_without_an_activity_is_in_no_territory():
    problem = a_land(2, 10, 2)
    idle: Crew = a_crew("singer", "singing", DAYS)
    (part,) = territories(replace(problem, crews=(*problem.crews, idle)))
    assert "singer" not in part.crews


def test_neighbours_are_joined_where_most_is_left_out_first():
    problem = replace(
        a_chain(sites=5, groups=5),
        sites=tuple(a_site(f"school{i}", DAYS, lon=2 + x) for i, x in enumerate((0.0, 1.0, 1.9, 3.0, 3.5))),
    )
    parts = [Territory((site.id,), ()) for site in problem.sites]
    assert joined(problem, parts, [0, 0, 9, 0, 0]) == [(2, 1), (0, 3), (4,)]


# Planning ------------------------------------------------------------------------------------------------------------


def by_hand(part: Part) -> Solution | None:
    """Plan by first fit, and leave what is planned."""
    return solution_of(part.problem, part.problem.start or first_plan(part.problem), None, "insertion")


class Workers:
    """Workers who plan as a test says."""

    def __init__(self, plan: Callable[[Part], Solution | None] = by_hand) -> None:
        self.plan = plan
        self.asked: list[Part] = []

    def count(self) -> int:
        """See ports.Workers."""
        return 2

    def solve(self, parts: Sequence[Part], is_over: Callable[[], bool]) -> Iterator[tuple[int, Solution]]:
        """See ports.Workers."""
        self.asked.extend(parts)
        for i, part in reversed(list(enumerate(parts))):
            plan = self.plan(part)
            if not is_over() and plan:
                yield i, plan


def run(problem: Problem, workers: Workers, heard: Callable[[Progress], None] = lambda progress: None) -> Solution:
    """Plan by territories, in no time."""
    return ByTerritories(the_shape(problem), 30, 0, heard, lambda found: None, workers, lambda: 0.0).run()


def test_the_plans_of_territories_are_a_plan_of_the_whole():
    problem, workers = two_towns(), Workers()
    heard: list[Progress] = []
    solution = run(problem, workers, heard.append)
    assert {p for part in workers.asked[:2] for p in first_plan(part.problem)} == set(solution.placements)
    assert check(problem, solution.placements) == ()
    assert (solution.value, solution.method) == (total(problem, solution.placements), "territories")
    assert heard[-1].value == solution.value
    assert solution.bound is None or 0 < solution.bound <= solution.value
    first, then = workers.asked[:2], workers.asked[2:]
    assert sum(part.seconds for part in first) == pytest.approx(2 * 0.9 * 0.55 * 30), "the time of both workers"
    assert [len(part.problem.sites) for part in (*first, *then)] == [FEWEST_SITES] * 2 + [2 * FEWEST_SITES] * ROUNDS
    assert sorted(then[0].problem.start, key=str) == sorted(solution.placements, key=str)


def test_a_territory_without_a_plan_or_with_one_against_the_rules_gets_one_by_insertion():
    problem = two_towns()
    north, _ = sorted(territories(problem), key=lambda part: part.sites)

    def spoilt(part: Part) -> Solution | None:
        if part.problem.sites[0].id in north.sites:
            return None
        plan = by_hand(replace(part, problem=a_few(part.problem)))
        at_once = tuple(replace(p, day=DAYS[0], start=600) for p in plan.placements) if plan else ()
        return solution_of(part.problem, at_once, None, "spoilt")

    inserted = {p for part in territories(problem) for p in first_plan(part_of(problem, part))}
    assert inserted
    assert set(run(problem, Workers(spoilt)).placements) == inserted


def test_breaking_off_ends_all():
    def stop(progress: Progress) -> None:
        raise SolverCancelled

    with pytest.raises(SolverCancelled):
        run(two_towns(), Workers(), stop)


def test_mending_places_what_was_left_out():
    problem = a_chain(groups=2)
    plan = first_plan(problem)
    assert len(plan) == 4
    solution = mended(the_shape(replace(problem, start=tuple(plan[:2]))), Budget(5), 0)
    assert (solution.unplaced, check(problem, solution.placements)) == ((), ())


def test_mending_keeps_a_plan_that_is_as_good_as_can_be():
    problem = a_chain(groups=2)
    best = mended(the_shape(replace(problem, start=tuple(first_plan(problem)))), Budget(5), 0)
    again = mended(the_shape(replace(problem, start=best.placements)), Budget(5), 0)
    assert again.value == best.value


# Workers -------------------------------------------------------------------------------------------------------------


def test_processes_solve_parts_side_by_side():
    parts = [Part(a_chain(groups=n), 5.0, 0) for n in (1, 2)]
    plans = dict(WorkerPool(solve_part, 2).solve(parts, lambda: False))
    assert {i: len(plan.placements) for i, plan in plans.items()} == {0: 2, 1: 4}


def test_processes_are_left_when_it_is_over():
    assert list(WorkerPool(solve_part, 1).solve([Part(a_chain(), 60.0, 0)], lambda: True)) == []


class Desk:
    """One worker's end of the queue, in memory."""

    def __init__(self, *parts: Part) -> None:
        self.parts = list(parts)
        self.is_mine = True
        self.said: list[Solution | None] = []
        self.open = True

    def take(self) -> Part | None:
        """See ports.Parts."""
        return self.parts.pop(0) if self.parts else None

    def keep(self) -> bool:
        """See ports.Parts."""
        return self.is_mine

    def answer(self, solution: Solution | None) -> None:
        """See ports.Parts."""
        self.said.append(solution)

    def close(self) -> None:
        """See ports.Parts."""
        self.open = False


class Run:
    """A solver that ends when a test says so."""

    version, progress = "", None

    def __init__(self) -> None:
        self.outcome: Solution | SolverFailed | None = None
        self.asked: list[tuple[Problem, float, int]] = []
        self.cancelled = 0

    def start(self, problem: Problem, *, seconds: float, seed: int) -> None:
        """See ports.SolverRun."""
        self.asked.append((problem, seconds, seed))

    def cancel(self) -> None:
        """See ports.SolverRun."""
        self.cancelled += 1

    def take_outcome(self) -> Solution | SolverFailed | None:
        """See ports.SolverRun."""
        outcome, self.outcome = self.outcome, None
        return outcome


PART = Part(a_chain(), 5.0, 3)
PLAN = solution_of(PART.problem, first_plan(PART.problem), None, "insertion")


def test_a_worker_answers_with_the_plan():
    desk, solver = Desk(PART), Run()
    loop = PartLoop(desk, solver)
    assert [loop.tick(), loop.tick(), desk.said] == [True, False, []]
    solver.outcome = PLAN
    assert [loop.tick(), loop.tick()] == [True, False]
    assert (solver.asked, desk.said) == ([(PART.problem, 5.0, 3)], [PLAN])


def test_a_worker_whose_solver_fails_gives_what_it_had():
    desk, solver = Desk(PART, PART), Run()
    loop = PartLoop(desk, solver)
    for outcome in (SolverCancelled(PLAN), SolverCancelled(None)):
        loop.tick()
        solver.outcome = outcome
        loop.tick()
    assert desk.said == [PLAN, None]


def test_a_worker_stops_when_its_part_is_anothers():
    desk, solver = Desk(PART), Run()
    loop = PartLoop(desk, solver)
    loop.tick()
    desk.is_mine = False
    solver.outcome = PLAN
    assert [loop.tick(), loop.tick()] == [True, False]
    assert (solver.cancelled, desk.said) == (1, [])


def test_a_worker_that_leaves_stops_its_solver():
    desk, solver = Desk(PART), Run()
    loop = PartLoop(desk, solver)
    loop.tick()
    loop.close()
    assert (solver.cancelled, desk.open) == (1, False)


def test_each_kind_has_as_many_sessions_as_the_problem():
    problem = a_land(4, 60, 2)
    wholes = [part_of(problem, part) for part in territories(problem)]
    counted = Counter(demand.task_id for whole in wholes for demand in whole.demands)
    assert counted == Counter(demand.task_id for demand in problem.demands)
