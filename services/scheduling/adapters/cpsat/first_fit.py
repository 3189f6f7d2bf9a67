"""A first plan for any problem: each session, in chain order, on the first day and in the first gap that fits."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator

from services.scheduling.domain.constraints import (
    busy,
    chain,
    class_travel,
    excludes,
    hours,
    past,
    refused,
    right_team,
    rooms,
    team_day,
)
from services.scheduling.domain.constraints.team_day import minutes_between
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem
from services.scheduling.domain.roads import road_minutes, team_windows

ALONE = (hours, class_travel, right_team, busy, refused)
"""Rules that look at one session at a time."""


class FirstFit:
    """The plan as it grows."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.placed: dict[str, Placement] = {}
        self.by_day: dict[dt.date, list[Placement]] = defaultdict(list)
        self.followers: dict[str, list[str]] = defaultdict(list)
        self.sharing: dict[str, list[str]] = defaultdict(list)
        for demand in problem.demands:
            for before in demand.after:
                self.followers[before].append(demand.id)
        for first, second in excludes.excluded_pairs(problem):
            self.sharing[first].append(second)
            self.sharing[second].append(first)

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
        """Whether the placement breaks no rule beside those already there."""
        problem, day = self.problem, self.by_day[placement.day]
        team = [p for p in day if p.crew_id == placement.crew_id]
        site = [p for p in day if p.site_id == placement.site_id]
        return not (
            any(next(rule.violations(problem, [placement]), None) for rule in ALONE)
            or next(team_day.violations(problem, [*team, placement]), None)
            or next(rooms.violations(problem, [*site, placement]), None)
            or self._meets_its_pupils(placement)
            or self._breaks_a_chain(placement)
        )

    def _meets_its_pupils(self, placement: Placement) -> bool:
        others = [self.placed[d] for d in self.sharing[placement.demand_id] if d in self.placed]
        return any(excludes.at_once(self.problem, placement, other) for other in others)

    def _breaks_a_chain(self, placement: Placement) -> bool:
        befores = self.problem.demand_by_id[placement.demand_id].after
        afters = [self.placed[d] for d in self.followers[placement.demand_id] if d in self.placed]
        return (
            any(before not in self.placed for before in befores)
            or not all(chain.delay_holds(self.problem, self.placed[before], placement) for before in befores)
            or not all(chain.delay_holds(self.problem, placement, after) for after in afters)
        )

    def _offers(self, demand: Demand) -> Iterator[Placement]:
        """Yield placements to try: early days first, teams that are out anyway before others."""
        kind = self.problem.task_by_id[demand.task_id].provider_kind
        for day in self.problem.days:
            out = Counter(p.crew_id for p in self.by_day[day])
            crews = [
                c for c in self.problem.crews if kind in c.kinds and day in c.available and out[c.id] < c.max_sessions
            ]
            crews.sort(key=lambda c: c.id not in out)
            for crew in crews:
                for site in demand.sites:
                    for start in self._starts(demand, crew, site, day):
                        yield Placement(demand.id, crew.id, site, day, start)

    def _starts(self, demand: Demand, crew: Crew, site_id: str, day: dt.date) -> list[int]:
        """Start times at which something ends or opens; no other could be the earliest that fits."""
        problem, task = self.problem, self.problem.task_by_id[demand.task_id]
        windows = team_windows(problem, demand, crew, site_id, day)
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
    """Return the demands so that each comes after those it waits for, and those of most priority first."""
    done: dict[str, Demand] = {}

    def visit(demand: Demand) -> None:
        for before in demand.after:
            if before not in done and before in problem.demand_by_id:
                visit(problem.demand_by_id[before])
        done[demand.id] = demand

    for demand in sorted(problem.demands, key=lambda demand: -demand.priority):
        if demand.id not in done:
            visit(demand)
    return list(done.values())
