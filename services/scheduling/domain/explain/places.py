"""Why a session stands where it does, why not elsewhere and at what price.

A price is an estimate: the session is put there, the teams' days concerned are timed anew, the other sessions stay;
the rules judge the plan so changed, the price counts it. Planning everything anew may find it cheaper.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.contracts.errors import Problem as Finding
from services.contracts.values import Violation
from services.scheduling.domain.constraints import RULES
from services.scheduling.domain.constraints.past import frozen, is_past
from services.scheduling.domain.constraints.team_day import minutes_between
from services.scheduling.domain.explain.before import Slack, said, slack
from services.scheduling.domain.explain.capacity import Capacity, HalfDay
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem
from services.scheduling.domain.roads import road_minutes, team_windows
from services.scheduling.domain.score import crews_of, loads, near_cost, road, spreads, total

ByDay = defaultdict[tuple[str, dt.date], list[Placement]]


@dataclass(frozen=True)
class Place:
    """A place a session could have. ``points``: what the plan would cost more, None when it breaks rules (``broken``).

    ``exchange``: id of the session that takes the present place in return, empty when none must. ``changed``: the
    sessions as they would be then, those of the same team and day included, which are timed anew.
    """

    crew_id: str
    day: dt.date
    half: int
    points: int | None
    start: int = 0
    exchange: str = ""
    broken: tuple[Violation, ...] = ()
    changed: tuple[Placement, ...] = ()


class Places:
    """Questions about the places of one plan."""

    def __init__(self, problem: Problem, placements: Sequence[Placement]) -> None:
        self.problem = problem
        self.placed = {placement.demand_id: placement for placement in placements}
        self.followers: dict[str, list[str]] = {}
        for demand in problem.demands:
            for before in demand.after:
                self.followers.setdefault(before, []).append(demand.id)

    @cached_property
    def price(self) -> int:
        """What the plan costs."""
        return total(self.problem, list(self.placed.values()))

    def at(self, demand_id: str, day: dt.date, half: int, crew_id: str | None = None) -> Place | None:
        """Return the best the session could have on a half-day: free first, then in exchange, then the least broken.

        None when no team could give it then, or the half-day is its present one with this team.
        """
        demand, now = self.problem.demand_by_id[demand_id], self.placed.get(demand_id)
        kind = self.problem.task_by_id[demand.task_id].provider_kind
        crews = [c for c in crews_of(self.problem, kind) if day in c.available and crew_id in (None, c.id)]
        if now and (now.day, self.problem.half_of(now)) == (day, half):
            crews = [crew for crew in crews if crew.id != now.crew_id]
        tried = [place for crew in crews for place in self._tries(demand, crew, day, half)]
        return min(tried, key=_order, default=None)

    def at_minute(self, demand_id: str, day: dt.date, start: int) -> Place:
        """Return a placed session at another minute with its present team.

        Nothing else changes where no rule is broken so; else the team's later sessions of that day follow as soon as
        they can, if that breaks less.
        """
        demand, session = self.problem.demand_by_id[demand_id], replace(self.placed[demand_id], day=day, start=start)
        crew = self.problem.crew_by_id[session.crew_id]
        rest = [p for p in self.sessions_of(crew.id, day) if p.demand_id != demand_id]
        tried = [[session]]
        if day in crew.available:
            before, later = ([p for p in rest if (p.start > start) is after] for after in (False, True))
            tried.append(self._timed(crew, later, (*before, session)))
        return min((self.judged(demand, crew, changed) for changed in tried), key=lambda place: len(place.broken))

    def others(self, demand_id: str) -> list[Place]:
        """Return the valid places of other half-days, cheapest first."""
        found = [
            place
            for day, half in self.capacity.half_days
            if (place := self.at(demand_id, day, half)) and not place.broken
        ]
        return sorted(found, key=_order)

    def everywhere(self, demand_id: str, days: Container[dt.date]) -> Iterator[Place]:
        """Yield what the session could have in each half-day of each team on some days, but where it is."""
        kind = self.problem.task_by_id[self.problem.demand_by_id[demand_id].task_id].provider_kind
        for crew in crews_of(self.problem, kind):
            for day in (day for day in self.problem.days if day in days and day in crew.available):
                found = (self.at(demand_id, day, half, crew.id) for half in (0, 1))
                yield from (place for place in found if place)

    def after(self, changed: Iterable[Placement]) -> tuple[Placement, ...]:
        """Return the plan with these sessions changed."""
        return tuple({**self.placed, **{p.demand_id: p for p in changed}}.values())

    def points(self, changed: Sequence[Placement]) -> int:
        """Return what the plan so changed costs more: only the days and chains of these sessions are looked at."""
        demands = [self.problem.demand_by_id[p.demand_id] for p in changed]
        placed = sum(self.problem.price_of_leaving(demand) for demand in demands if demand.id not in self.placed)
        before, after = (sum(near_cost(self.problem, side).values()) for side in self._sides(changed))
        return after - before + self._spread(changed) + self._end(changed) - placed

    def road(self, changed: Sequence[Placement]) -> int:
        """Return how many minutes more all teams drive in the plan so changed: only their days are looked at."""
        before, after = (road(self.problem, side) for side in self._sides(changed))
        return after - before

    def _sides(self, changed: Sequence[Placement]) -> tuple[list[Placement], list[Placement]]:
        """Return the sessions of the days and chains that these are in, before and after."""
        was = self._were(changed)
        days = {(p.crew_id, p.day) for p in (*changed, *was)}
        around = [p for day in days for p in self._with[day]] + self._akin(changed)
        before = {p.demand_id: p for p in around}
        return list(before.values()), list({**before, **{p.demand_id: p for p in changed}}.values())

    def _spread(self, changed: Sequence[Placement]) -> int:
        """Return what less even loads of the teams cost more."""
        now = self._loads.copy()
        now.update(loads(self.problem, changed))
        now.subtract(loads(self.problem, self._were(changed)))
        before, after = (sum(n for _, n in spreads(self.problem, load)) for load in (self._loads, now))
        return self.problem.weights.fair * (after - before)

    def _end(self, changed: Sequence[Placement]) -> int:
        """Return what a later last day costs more."""
        now = self._days.copy()
        now.update(p.day for p in changed)
        now.subtract(p.day for p in self._were(changed))
        before, after = (max((d for d in n if n[d]), default=self.problem.days[0]) for n in (self._days, now))
        return self.problem.weights.end * (self._rank(after) - self._rank(before))

    def _rank(self, day: dt.date) -> int:
        """Return how many days of the edition come before; the day itself need not be one."""
        return bisect_left(self.problem.days, day)

    def _were(self, changed: Iterable[Placement]) -> list[Placement]:
        return [self.placed[p.demand_id] for p in changed if p.demand_id in self.placed]

    def _akin(self, changed: Iterable[Placement]) -> list[Placement]:
        """Return the sessions before and after these in their chains, and of the same pupils."""
        kin = (d for p in changed for d in (*self._kin(p.demand_id), *self.followers.get(p.demand_id, ())))
        return [self.placed[id_] for id_ in kin if id_ in self.placed]

    @cached_property
    def _loads(self) -> Counter[tuple[str, str]]:
        return loads(self.problem, self.placed.values())

    @cached_property
    def _days(self) -> Counter[dt.date]:
        return Counter(p.day for p in self.placed.values())

    def why_here(self, demand_id: str) -> tuple[Finding, ...]:
        """Return why a placed session stands where it does."""
        placement = self.placed[demand_id]
        held = self._held_fast(placement)
        if held:
            return (self._finding(held, placement),)
        return (*self._company(placement), self._against_others(placement))

    @cached_property
    def capacity(self) -> Capacity:
        """What half-days can hold."""
        return Capacity(self.problem)

    @cached_property
    def slack(self) -> tuple[Slack, ...]:
        """Places and sessions by kind of provider."""
        return slack(self.problem)

    def told(self, demand_id: str, place: Place) -> Finding:
        """Return a place as a sentence; the sentences of what it breaks are beside."""
        demand = self.problem.demand_by_id[demand_id]
        facts = {"group": demand.group_id, "activity": demand.task_id, "team": place.crew_id}
        facts["half_day"] = said([(place.day, place.half)])
        if place.points is None:
            return Finding("explain_not_there", facts)
        facts |= {"points": str(abs(place.points)), "start": f"{place.start // 60:02d}:{place.start % 60:02d}"}
        if place.exchange:
            return Finding("explain_exchange" + _sign(place), {**facts, "other": self._group(place.exchange)})
        return Finding("explain_there" + _sign(place), facts)

    def _tries(self, demand: Demand, crew: Crew, day: dt.date, half: int) -> Iterator[Place]:
        inserted = list(self._inserted(demand, crew, day, half))
        yield from inserted
        if all(place.broken for place in inserted):
            yield from self._exchanged(demand, crew, day, half)

    def _inserted(self, demand: Demand, crew: Crew, day: dt.date, half: int) -> Iterator[Place]:
        """Try the session at each position of the team's day, everything in it as early as it can be."""
        rest = [p for p in self.sessions_of(crew.id, day) if p.demand_id != demand.id]
        for site_id in demand.sites:
            session = Placement(demand.id, crew.id, site_id, day, self.problem.noon if half else 0)
            for position in range(len(rest) + 1):
                stops = [*rest[:position], session, *rest[position:]]
                if [self.problem.half_of(p) for p in stops] == sorted(self.problem.half_of(p) for p in stops):
                    yield self.judged(demand, crew, self._timed(crew, stops))

    def _exchanged(self, demand: Demand, crew: Crew, day: dt.date, half: int) -> Iterator[Place]:
        """Try the places of sessions of the same activity there, each in exchange for the present place."""
        now = self.placed.get(demand.id)
        for other in self.sessions_of(crew.id, day) if now else ():
            its = self.problem.demand_by_id[other.demand_id]
            if now is None or its.task_id != demand.task_id or self.problem.half_of(other) != half:
                continue
            if (other.crew_id, other.day) == (now.crew_id, now.day) or its.home == demand.home:
                continue
            here = replace(other, demand_id=demand.id, site_id=demand.sites[0])
            there = replace(now, demand_id=other.demand_id, site_id=its.sites[0])
            days = [
                self._timed(crew, [here if p == other else p for p in self.sessions_of(crew.id, day)]),
                self._timed(
                    self.problem.crew_by_id[now.crew_id],
                    [there if p == now else p for p in self.sessions_of(now.crew_id, now.day)],
                ),
            ]
            yield self.judged(demand, crew, [p for stops in days for p in stops], other.demand_id)

    def sessions_of(self, crew_id: str, day: dt.date) -> list[Placement]:
        """Return the sessions of a team on a day, in order."""
        return sorted(self._with[crew_id, day], key=lambda p: (p.start, p.demand_id))

    @cached_property
    def _with(self) -> ByDay:
        """The sessions of each team by day."""
        return _by_day((p.crew_id, p) for p in self.placed.values())

    @cached_property
    def _there(self) -> ByDay:
        """The sessions at each site by day."""
        return _by_day((p.site_id, p) for p in self.placed.values())

    def _timed(self, crew: Crew, stops: Sequence[Placement], fixed: Sequence[Placement] = ()) -> list[Placement]:
        """Return stops of a day in this order, each as early as it can be in its half, after those that are fixed."""
        timed = list(fixed)
        for stop in stops:
            task = self.problem.task_of(stop)
            road = road_minutes(crew.depot, self.problem.site_by_id[stop.site_id].place)
            ready = crew.available[stop.day].start + road + task.setup
            if timed:
                last = timed[-1]
                late = replace(stop, start=max(self.problem.end_of(last), self._opens(stop)))
                ready = self.problem.end_of(last) + minutes_between(self.problem, last, late)
            timed.append(replace(stop, start=self._first_start(stop, ready)))
        return timed

    def _opens(self, stop: Placement) -> int:
        return self.problem.noon if self.problem.half_of(stop) else 0

    def _first_start(self, stop: Placement, ready: int) -> int:
        """Return the first start from ``ready`` in an opening of the site and in the same half of the day.

        When there is none: ``ready``, or the last minute of the morning; the rules then say what is wrong with it.
        """
        duration, half = self.problem.task_of(stop).duration, self.problem.half_of(stop)
        ready, latest = max(ready, self._opens(stop)), 24 * 60 if half else self.problem.noon - 1
        demand = self.problem.demand_by_id[stop.demand_id]
        crew = self.problem.crew_by_id[stop.crew_id]
        for window in sorted(team_windows(self.problem, demand, crew, stop.site_id, stop.day)):
            start = max(window.start, ready)
            if start <= latest and start + duration <= window.end:
                return start
        return min(ready, latest)

    def judged(self, demand: Demand, crew: Crew, changed: Sequence[Placement], exchange: str = "") -> Place:
        """Return the place with what the plan so changed breaks, or costs more."""
        own = next(p for p in changed if p.demand_id == demand.id)
        half = self.problem.half_of(own)
        broken = self._broken(changed)
        if broken:
            return Place(crew.id, own.day, half, None, own.start, exchange, broken, tuple(changed))
        return Place(crew.id, own.day, half, self.points(changed), own.start, exchange, changed=tuple(changed))

    def _broken(self, changed: Sequence[Placement]) -> tuple[Violation, ...]:
        """Return what changed sessions break; only those of their pupils, teams' days and sites' days are looked at."""
        ids = {p.demand_id for p in changed}
        beside = (o for p in changed for o in (*self._with[p.crew_id, p.day], *self._there[p.site_id, p.day]))
        others = {p.demand_id: p for p in (*self._akin(changed), *beside) if p.demand_id not in ids}
        near = [*others.values(), *changed]
        found = (replace(v, sentence=v.sentence or r.sentence) for r in RULES for v in r.violations(self.problem, near))
        told = [v for v in found if ids.intersection(v.session_ids)]
        return tuple(v for i, v in enumerate(told) if (v.rule, v.session_ids) not in _keys(told[:i]))

    def _kin(self, demand_id: str) -> tuple[str, ...]:
        demand = self.problem.demand_by_id[demand_id]
        return (*demand.after, *demand.excludes)

    def _held_fast(self, placement: Placement) -> str:
        if placement in self.problem.pins:
            return "explain_pinned"
        if is_past(self.problem, placement):
            return "explain_past"
        old = {p.demand_id: p for p in self.problem.baseline.placements} if self.problem.baseline else {}
        was = old.get(placement.demand_id)
        if (
            was
            and placement.demand_id not in frozen(self.problem)
            and _half_day(self.problem, was) == _half_day(self.problem, placement)
        ):
            return "explain_kept"
        return ""

    def _company(self, placement: Placement) -> Iterator[Finding]:
        day = self.sessions_of(placement.crew_id, placement.day)
        beside = [p for p in day if p.site_id == placement.site_id and p != placement]
        if beside:
            yield self._finding("explain_together", placement, count=str(len(beside)))
        elif len(day) > 1:
            yield self._finding("explain_on_the_way", placement, count=str(len(day) - 1))

    def _against_others(self, placement: Placement) -> Finding:
        best = next(iter(self.others(placement.demand_id)), None)
        if best is None or best.points is None:
            return self._finding("explain_only_place", placement)
        facts = {"points": str(abs(best.points)), "half_day": said([(best.day, best.half)]), "best_team": best.crew_id}
        return self._finding("explain_next_best" + _sign(best), placement, **facts)

    def _finding(self, code: str, placement: Placement, **facts: str) -> Finding:
        demand = self.problem.demand_by_id[placement.demand_id]
        about = {
            "group": demand.group_id,
            "activity": demand.task_id,
            "team": placement.crew_id,
            "site": self.problem.site_by_id[placement.site_id].place.name,
            "here": said([_half_day(self.problem, placement)]),
        }
        return Finding(code, {**about, **facts})

    def _group(self, demand_id: str) -> str:
        return self.problem.demand_by_id[demand_id].group_id


def _by_day(named: Iterable[tuple[str, Placement]]) -> ByDay:
    found: ByDay = defaultdict(list)
    for name, placement in named:
        found[name, placement.day].append(placement)
    return found


def _half_day(problem: Problem, placement: Placement) -> HalfDay:
    return placement.day, problem.half_of(placement)


def _order(place: Place) -> tuple[int, bool, int, int]:
    free = place.points is not None
    return (not free, bool(place.exchange), place.points or 0, len(place.broken))


def _sign(place: Place) -> str:
    """Return the ending of a code: cheaper places have sentences of their own."""
    return "_less" if place.points is not None and place.points < 0 else ""


def _keys(violations: Sequence[Violation]) -> set[tuple[str, tuple[str, ...]]]:
    return {(v.rule, v.session_ids) for v in violations}
