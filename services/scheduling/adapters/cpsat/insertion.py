"""A first plan for any problem: each session where it adds least cost, the schools with most sessions first.

While sessions are left out, their schools go first and all begins anew (Joslin and Clements 1999, squeaky wheel).
"""

from __future__ import annotations

import datetime as dt
from collections import ChainMap, Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from services.contracts.values import Window
from services.scheduling.domain.constraints import chain, excludes, known, past, refused, right_team
from services.scheduling.domain.constraints.team_day import minutes_between
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem
from services.scheduling.domain.roads import road_minutes, team_windows
from services.scheduling.domain.score import crews_of, dislike, gap_points

Rank = Callable[[Demand], Any]

EARLY = 4
"""How strongly earlier days are liked, in points of the cost's own term for the last day."""

PASSES, TRIES = 20, 10_000
"""Plans begun at most, and team-days clocked after which none is begun anew."""

TRY = 0.1
"""Steps of a team's day clocked."""


def first_plan(problem: Problem) -> list[Placement]:
    """Return pins, the past, what of the released plan still fits, and of the rest as much as can be inserted."""
    insertion, sessions = Insertion(problem), Counter(demand.home for demand in problem.demands)
    schools = [home for home, _ in sessions.most_common()]
    best, fewest = list[Placement](), float("inf")
    for _ in range(PASSES):
        plan, left = insertion.plan(schools)
        if (price := sum(map(problem.price_of_leaving, left))) < fewest:
            best, fewest = plan, price
        late = {demand.home for demand in left}
        last, schools = schools, sorted(schools, key=lambda home: home not in late)
        if schools == last or insertion.tries > TRIES:
            break
    return best


def completed(problem: Problem, plan: Sequence[Placement]) -> list[Placement]:
    """Return a plan and of what it leaves out as much as can be inserted, later sessions moved within their days."""
    return Insertion(problem).beside(plan)


def urgent(demand: Demand) -> int:
    """Rank sessions of schools that come first before others."""
    return -demand.priority


class Place(NamedTuple):
    """Where a session may go, the better the less. ``cost``: what it adds at least; ``at``: its place in the day."""

    cost: int
    load: int
    day: dt.date
    crew: int
    site_id: str
    at: int


class Insertion:
    """Makes plans in the order of schools asked for. ``tries``: team-days clocked so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.crews = {task.id: crews_of(problem, task.provider_kind) for task in problem.tasks}
        self.number = {crew.id: number for number, crew in enumerate(problem.crews)}
        self.followers: dict[str, list[str]] = defaultdict(list)
        self.sharing: dict[str, list[str]] = defaultdict(list)
        for demand in problem.demands:
            for before in demand.after:
                self.followers[before].append(demand.id)
        for first, second in excludes.excluded_pairs(problem):
            self.sharing[first].append(second)
            self.sharing[second].append(first)
        self.windows: dict[object, tuple[Window, ...]] = {}
        self.roads: dict[tuple[str, str, str], int] = {}
        self.tries = 0
        self.kept: dict[str, Placement] = {}
        self._begin()
        self._keep()

    def plan(self, schools: Sequence[str]) -> tuple[list[Placement], list[Demand]]:
        """Return what is kept and, school after school, what can be inserted beside it; and what is left out."""
        self._begin()
        rank = {home: i for i, home in enumerate(schools)}
        task = {task.id: i for i, task in enumerate(self.problem.tasks)}
        demands = in_chain_order(self.problem, lambda d: (-d.priority, rank[d.home], task[d.task_id]))
        left = [demand for demand in demands if demand.id not in self.placed and not self._insert(demand)]
        return list(self.placed.values()), left

    def beside(self, plan: Sequence[Placement], rank: Rank = urgent) -> list[Placement]:
        """Return a plan and what can be inserted beside it, of least rank first."""
        self._begin()
        for placement in plan:
            if placement.demand_id not in self.placed:
                self._put_beside(placement)
        for demand in in_chain_order(self.problem, rank):
            if demand.id not in self.placed:
                self._insert(demand)
        return list(self.placed.values())

    def _begin(self) -> None:
        self.placed: dict[str, Placement] = {}
        self.days: dict[tuple[str, dt.date], list[Placement]] = defaultdict(list)
        self.at_site: dict[tuple[str, dt.date], list[str]] = defaultdict(list)
        for placement in self.kept.values():
            self._put_beside(placement)

    def _keep(self) -> None:
        """Keep pins and the past, and what of the released plan still fits as it was."""
        problem, old = self.problem, self.problem.baseline.placements if self.problem.baseline else ()
        facts = (*past.frozen(problem).values(), *problem.pins)
        for placement in (*facts, *sorted(old, key=lambda p: (p.day, p.start))):
            is_new = placement.demand_id in problem.demand_by_id and placement.demand_id not in self.kept
            if is_new and (placement in facts or self._can_stay(placement)):
                self._put_beside(placement)
                self.kept[placement.demand_id] = placement

    def _can_stay(self, old: Placement) -> bool:
        """Whether a session can be held as it was released, beside those already kept."""
        problem, demand = self.problem, self.problem.demand_by_id[old.demand_id]
        if any(next(rule.violations(problem, [old]), None) for rule in (known, right_team)):
            return False
        crew = problem.crew_by_id[old.crew_id]
        if self._full(crew, old.day):
            return False
        at = sum(p.start < old.start for p in self.days[old.crew_id, old.day])
        return self._clock(demand, crew, old.site_id, old.day, at, exactly=old.start) is not None

    def _full(self, crew: Crew, day: dt.date) -> bool:
        return len(self.days[crew.id, day]) >= crew.max_sessions

    def _put_beside(self, placement: Placement) -> None:
        day = [*self.days[placement.crew_id, placement.day], placement]
        self._put(sorted(day, key=lambda p: p.start), placement)

    def _put(self, stops: list[Placement], new: Placement) -> None:
        """Make ``stops`` the day of a team; one of them is new there."""
        self.days[new.crew_id, new.day] = stops
        self.placed.update((stop.demand_id, stop) for stop in stops)
        self.at_site[new.site_id, new.day].append(new.demand_id)

    def _insert(self, demand: Demand) -> bool:
        """Put a session where it adds least; return whether there is such a place."""
        found, least = None, float("inf")
        for place in sorted(self._places(demand)):
            if place.cost >= least:
                break
            crew = self.problem.crews[place.crew]
            stops = self._clock(demand, crew, place.site_id, place.day, place.at)
            if stops and (cost := place.cost + dislike(self.problem, stops[place.at])) < least:
                found, least = (stops, stops[place.at]), cost
        if found:
            self._put(*found)
        return found is not None

    def _places(self, demand: Demand) -> Iterator[Place]:
        """Yield each place between the sessions of a team's day, with what it costs at least."""
        problem, loads = self.problem, Counter(p.crew_id for p in self.placed.values())
        if any(before not in self.placed for before in demand.after):
            return
        for number, day in enumerate(problem.days):
            if (gap := self._gap(demand, day)) is None:
                continue
            base = gap + EARLY * problem.weights.end * number
            there = [crew for crew in self.crews[demand.task_id] if day in crew.available and not self._full(crew, day)]
            for crew, site_id in product(there, demand.sites):
                for at in range(len(self.days[crew.id, day]) + 1) if self._open(demand, crew, site_id, day) else ():
                    cost = base + self._detour(crew, day, site_id, at)
                    yield Place(cost, loads[crew.id], day, self.number[crew.id], site_id, at)

    def _gap(self, demand: Demand, day: dt.date) -> int | None:
        """Return what the days between cost when a session lies on this day; None when its chain forbids the day."""
        gaps = [(day - self.placed[before].day).days for before in demand.after]
        gaps += [(self.placed[after].day - day).days for after in self.followers[demand.id] if after in self.placed]
        return None if min(gaps, default=0) < 0 else sum(gap_points(self.problem.weights, gap) for gap in gaps)

    def _detour(self, crew: Crew, day: dt.date, site_id: str, at: int) -> int:
        """Return the points of road and visits, and of the team's day, that a stop adds to a day."""
        weights, stops = self.problem.weights, self.days[crew.id, day]
        before, after = (stops[i].site_id if 0 <= i < len(stops) else "" for i in (at - 1, at))
        visits = (site_id != before) + (after not in ("", site_id)) - (after not in ("", before))
        road = self._road(crew, before, site_id) + self._road(crew, site_id, after) - self._road(crew, before, after)
        return (0 if stops else weights.team_day) + weights.visit * visits + weights.drive * road

    def _road(self, crew: Crew, start: str, end: str) -> int:
        """Return the minutes between two sites; no name: the team's depot."""
        key = crew.id, start, end
        if key not in self.roads:
            places = (self.problem.site_by_id[id_].place if id_ else crew.depot for id_ in (start, end))
            self.roads[key] = road_minutes(*places)
        return self.roads[key]

    def _clock(
        self, demand: Demand, crew: Crew, site_id: str, day: dt.date, at: int, exactly: int | None = None
    ) -> list[Placement] | None:
        """Return a team's day with one session more, later ones moved only as they must; None when it cannot be."""
        self.tries += 1
        stops = self.days[crew.id, day]
        new = self._earliest(demand, crew, site_id, day, stops[at - 1] if at else None, 0, exactly)
        if new is None:
            return None
        made = [*stops[:at], new]
        for after in stops[at:]:
            if after.start >= self.problem.end_of(made[-1]) + minutes_between(self.problem, made[-1], after):
                break
            own = self.problem.demand_by_id[after.demand_id]
            later = self._earliest(own, crew, after.site_id, day, made[-1], after.start)
            if later is None or after.demand_id in self.kept:
                return None
            made.append(later)
        changed = {stop.demand_id: stop for stop in made[at:]}
        made += stops[len(made) - 1 :]
        agree = len(changed) == 1 or all(self._fits(p, ChainMap(changed, self.placed)) for p in changed.values())
        return made if agree and self._is_back(crew, made[-1]) else None

    def _earliest(
        self,
        demand: Demand,
        crew: Crew,
        site_id: str,
        day: dt.date,
        last: Placement | None,
        first: int,
        exactly: int | None = None,
    ) -> Placement | None:
        """Return a session as early as can be, from ``first``, once its team is ready; None when it finds no time."""
        problem, windows = self.problem, self._open(demand, crew, site_id, day)
        ready = self._ready(demand, crew, site_id, day, last)
        duration = problem.task_by_id[demand.task_id].duration
        times = {first, past.open_minute(problem, day), *ready, problem.noon, *self._ends(demand, site_id, day)}
        starts = {max(window.start, time) for window in windows for time in times} if exactly is None else {exactly}
        for start in sorted(starts):
            on_time = start >= max(first, ready[start >= problem.noon])
            if on_time and any(w.start <= start and start + duration <= w.end for w in windows):
                placement = Placement(demand.id, crew.id, site_id, day, start)
                if self._fits(placement, self.placed):
                    return placement
        return None

    def _open(self, demand: Demand, crew: Crew, site_id: str, day: dt.date) -> tuple[Window, ...]:
        key = demand.home, demand.task_id, crew.id, site_id, day
        if key not in self.windows:
            self.windows[key] = team_windows(self.problem, demand, crew, site_id, day)
        return self.windows[key]

    def _ready(self, demand: Demand, crew: Crew, site_id: str, day: dt.date, last: Placement | None) -> tuple[int, int]:
        """Return when the team is ready for a session of the morning, and for one of the afternoon."""
        problem = self.problem
        if last is None:
            arrives = crew.available[day].start + self._road(crew, "", site_id)
            return (arrives + problem.task_by_id[demand.task_id].setup,) * 2
        trials = (Placement(demand.id, crew.id, site_id, day, start) for start in (0, problem.noon))
        morning, afternoon = (problem.end_of(last) + minutes_between(problem, last, trial) for trial in trials)
        return morning, afternoon

    def _ends(self, demand: Demand, site_id: str, day: dt.date) -> Iterator[int]:
        """Yield when sessions of the day end that may be in the way: at the site, or of the same pupils."""
        for id_ in self.at_site[site_id, day]:
            yield self.problem.end_of(self.placed[id_])
        for id_ in (*self.sharing[demand.id], *demand.after):
            other = self.placed.get(id_)
            if other and other.day == day:
                places = (self.problem.site_by_id[site].place for site in (other.site_id, site_id))
                yield self.problem.end_of(other) + road_minutes(*places)

    def _is_back(self, crew: Crew, last: Placement) -> bool:
        packed = self.problem.end_of(last) + self.problem.task_of(last).packing
        return packed + self._road(crew, last.site_id, "") <= crew.available[last.day].end

    def _fits(self, new: Placement, placed: Mapping[str, Placement]) -> bool:
        """Whether a session is allowed where it is, beside those of other teams and of its own pupils."""
        problem, demand = self.problem, self.problem.demand_by_id[new.demand_id]
        return (
            not past.is_past(problem, new)
            and not refused.is_barred(problem, new)
            and self._has_room(new)
            and all(b in placed and chain.delay_holds(problem, placed[b], new) for b in demand.after)
            and all(chain.delay_holds(problem, new, placed[a]) for a in self.followers[demand.id] if a in placed)
            and not any(excludes.at_once(problem, new, placed[o]) for o in self.sharing[demand.id] if o in placed)
        )

    def _has_room(self, new: Placement) -> bool:
        """Whether a room is free of the other teams for the whole session."""
        problem, end = self.problem, self.problem.end_of(new)
        others = [self.placed[id_] for id_ in self.at_site[new.site_id, new.day]]
        there = [(p.start, problem.end_of(p)) for p in others if p.crew_id != new.crew_id]
        times = [new.start, *(start for start, _ in there if new.start < start < end)]
        rooms = problem.site_by_id[new.site_id].rooms
        return len(there) < rooms or all(sum(a <= time < b for a, b in there) < rooms for time in times)


def in_chain_order(problem: Problem, rank: Rank = urgent) -> list[Demand]:
    """Return the demands so that each comes after those it waits for, and of these those of least rank first."""
    done: dict[str, Demand] = {}

    def visit(demand: Demand) -> None:
        for before in demand.after:
            if before not in done and before in problem.demand_by_id:
                visit(problem.demand_by_id[before])
        done[demand.id] = demand

    for demand in sorted(problem.demands, key=rank):
        if demand.id not in done:
            visit(demand)
    return list(done.values())
