"""A first plan for any problem: each session, in chain order, on the first day and in the first gap that fits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from services.scheduling.domain.constraints import (
    chain,
    class_travel,
    excludes,
    hours,
    past,
    right_team,
    rooms,
    team_day,
)
from services.scheduling.domain.constraints.team_day import minutes_between
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem
from services.scheduling.domain.roads import open_windows, road_minutes

ON_THE_DAY = (hours, class_travel, right_team, rooms, team_day, excludes)


class FirstFit:
    """The plan as it grows."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.placed: dict[str, Placement] = {}
        self.by_day: dict[dt.date, list[Placement]] = defaultdict(list)

    def plan(self) -> list[Placement]:
        """Return pins, the past, what of the released plan still fits, and then everything else that fits."""
        problem = self.problem
        for placement in (*past.frozen(problem).values(), *problem.pins):
            if placement.demand_id in problem.demand_by_id and placement.demand_id not in self.placed:
                self._put(placement)
        old = problem.baseline.placements if problem.baseline else ()
        for placement in sorted(old, key=lambda p: (p.day, p.start)):
            if placement.demand_id in problem.demand_by_id and placement.demand_id not in self.placed:
                self._put_if_it_fits(placement)
        for demand in in_chain_order(problem):
            if demand.id not in self.placed:
                next((p for p in self._offers(demand) if self._put_if_it_fits(p)), None)
        return list(self.placed.values())

    def _put(self, placement: Placement) -> None:
        self.placed[placement.demand_id] = placement
        self.by_day[placement.day].append(placement)

    def _put_if_it_fits(self, placement: Placement) -> bool:
        fits = not past.is_past(self.problem, placement) and self._fits(placement)
        if fits:
            self._put(placement)
        return fits

    def _fits(self, placement: Placement) -> bool:
        day = [*self.by_day[placement.day], placement]
        if any(next(rule.violations(self.problem, day), None) for rule in ON_THE_DAY):
            return False
        demand = self.problem.demand_by_id[placement.demand_id]
        around = [self.placed[a] for a in demand.after if a in self.placed]
        after = [p for p in self.placed.values() if demand.id in self.problem.demand_by_id[p.demand_id].after]
        mine = {placement.demand_id, *(p.demand_id for p in after)}
        broken = chain.violations(self.problem, [*around, placement, *after])
        return not any(v.session_ids[0] == placement.demand_id or v.session_ids[1] in mine for v in broken)

    def _offers(self, demand: Demand) -> Iterator[Placement]:
        """Yield placements to try: early days first, teams that are out anyway before others."""
        kind = self.problem.task_by_id[demand.task_id].provider_kind
        for day in self.problem.days:
            crews = [c for c in self.problem.crews if kind in c.kinds and day in c.available]
            crews.sort(key=lambda c, d=day: not any(p.crew_id == c.id for p in self.by_day[d]))
            for crew in crews:
                for site in demand.sites:
                    for start in self._starts(demand, crew, site, day):
                        yield Placement(demand.id, crew.id, site, day, start)

    def _starts(self, demand: Demand, crew: Crew, site_id: str, day: dt.date) -> list[int]:
        """Start times at which something ends or opens; no other could be the earliest that fits."""
        problem, task = self.problem, self.problem.task_by_id[demand.task_id]
        windows = open_windows(problem, demand, site_id, day)
        road = road_minutes(crew.depot, problem.site_by_id[site_id].place)
        ready = {crew.available[day].start + road + task.setup, problem.noon}
        for other in self.by_day[day]:
            ready.add(problem.end_of(other))
            if other.crew_id == crew.id:
                trial = Placement(demand.id, crew.id, site_id, day, max(problem.end_of(other), problem.noon))
                ready.add(problem.end_of(other) + minutes_between(problem, other, trial))
                trial = Placement(demand.id, crew.id, site_id, day, problem.end_of(other))
                ready.add(problem.end_of(other) + minutes_between(problem, other, trial))
        starts = {max(w.start, r) for w in windows for r in ready}
        return sorted(s for s in starts if any(w.start <= s and s + task.duration <= w.end for w in windows))


def in_chain_order(problem: Problem) -> list[Demand]:
    """Return the demands so that each comes after those it waits for."""
    done: dict[str, Demand] = {}

    def visit(demand: Demand) -> None:
        for before in demand.after:
            if before not in done and before in problem.demand_by_id:
                visit(problem.demand_by_id[before])
        done[demand.id] = demand

    for demand in problem.demands:
        if demand.id not in done:
            visit(demand)
    return list(done.values())
