"""The best plan of a small problem by trying everything: no solver, only the rules and the score of the domain.

Times are multiples of ``GRID`` minutes. That misses nothing where all durations, roads and hours are, too: a plan's
sessions can then be moved forward to such times in their order.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Demand, Placement, Problem
from services.scheduling.domain.score import cost

GRID = 30
ALONE = {"chain", "pins", "past"}
"""Rules that cannot be judged before the whole plan is there."""

Plan = tuple[Placement, ...]


def best_plan(problem: Problem) -> tuple[int, Plan]:
    """Return the least cost and a plan of that cost."""
    return _Tries(problem).best()


def _clashes(problem: Problem, *placements: Placement) -> bool:
    """Whether these break a rule that others cannot heal; a chain is judged where both its sessions are here."""
    here = {p.demand_id for p in placements}
    return any(
        v.rule not in ALONE or (v.rule == "chain" and set(v.session_ids) <= here) for v in check(problem, placements)
    )


class _Tries:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.pins = {pin.demand_id: pin for pin in problem.pins}
        self.order = sorted(problem.demands, key=lambda d: len(self._forerunners(d)))
        self.ways = [list(self._ways(demand)) for demand in self.order]
        every = [way for ways in self.ways for way in ways]
        self.fits = {a: {b for b in every if b.demand_id != a.demand_id and not _clashes(problem, a, b)} for a in every}
        self.least = 10**12
        self.plan: Plan = ()

    def best(self) -> tuple[int, Plan]:
        """Try every demand in every way, and left out."""
        self._place(0, (), [set(ways) for ways in self.ways])
        return self.least, self.plan

    def _forerunners(self, demand: Demand) -> set[str]:
        found = set(demand.after)
        for before in demand.after:
            found |= self._forerunners(self.problem.demand_by_id[before])
        return found

    def _ways(self, demand: Demand) -> Iterator[Placement]:
        """Yield each way to hold a demand that breaks no rule by itself."""
        if demand.id in self.pins:
            yield self.pins[demand.id]
            return
        for crew in self.problem.crews:
            for site in demand.sites:
                for day in self.problem.days:
                    for start in range(0, 1440, GRID):
                        way = Placement(demand.id, crew.id, site, day, start)
                        if not _clashes(self.problem, way):
                            yield way

    def _place(self, number: int, plan: Plan, open_ways: list[set[Placement]]) -> None:
        if self._at_least(plan, number) >= self.least:
            return
        if number == len(self.order):
            self._judge(plan)
            return
        demand, placed = self.order[number], {p.demand_id for p in plan}
        if placed.issuperset(demand.after):
            for way in sorted(open_ways[number], key=lambda p: (p.day, p.start, p.crew_id, p.site_id)):
                self._place(number + 1, (*plan, way), [ways & self.fits[way] for ways in open_ways])
        if demand.id not in self.pins:
            self._place(number + 1, plan, open_ways)

    def _at_least(self, plan: Plan, decided: int) -> int:
        """What every plan that goes on from here costs: terms that only grow, and those left out for good."""
        terms = cost(self.problem, plan)
        left = self.problem.weights.unplaced * (decided - len(plan))
        return left + sum(terms[name] for name in ("team_day", "visit", "drive", "pref", "gap", "end"))

    def _judge(self, plan: Plan) -> None:
        value = sum(cost(self.problem, plan).values())
        if value < self.least and not check(self.problem, plan):
            self.least, self.plan = value, plan
