"""What cannot work, named before anything is solved: no team, no opening, no room for a chain, too few places."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.explain.capacity import Capacity, HalfDay, Lot
from services.scheduling.domain.problem import Demand, Problem, Site, Task


@dataclass(frozen=True)
class Slack:
    """Places there are at most and sessions wanted, for the teams of one kind. ``by_day``: places on each day."""

    kind: str
    providers: tuple[str, ...]
    sessions: int
    places: int
    by_day: tuple[tuple[dt.date, int], ...]

    @property
    def missing(self) -> int:
        """Sessions that cannot be placed for lack of places."""
        return max(0, self.sessions - self.places)


def findings(problem: Problem) -> tuple[Finding, ...]:
    """Return what cannot work, the plainest cause first; empty when the counts find nothing against a whole plan."""
    capacity = Capacity(problem)
    alone = [*_without_team(problem), *_without_opening(capacity)]
    return (*alone, *(() if alone else _chains(capacity)), *_crowded_sites(capacity), *_short(slack(problem)))


def slack(problem: Problem) -> tuple[Slack, ...]:
    """Return, for each kind of provider with something to give, its places and its sessions."""
    capacity = Capacity(problem)
    wanted = Counter(problem.task_by_id[lot.task_id].provider_kind for lot in capacity.lots for _ in lot.demands)
    return tuple(_slack(capacity, kind, wanted[kind]) for kind in wanted)


def _slack(capacity: Capacity, kind: str, sessions: int) -> Slack:
    problem = capacity.problem
    lots = [lot for lot in capacity.lots if problem.task_by_id[lot.task_id].provider_kind == kind]
    days = tuple((day, _places(capacity, kind, lots, day)) for day in dict(capacity.half_days))
    standing = sum(len(lot.demands) for lot in lots if lot.at and lot.at[1] not in dict(days))
    providers = tuple(dict.fromkeys(c.provider_id for c in problem.crews if kind in c.kinds))
    return Slack(kind, providers, sessions, standing + sum(places for _, places in days), days)


def _places(capacity: Capacity, kind: str, lots: list[Lot], day: dt.date) -> int:
    """Sessions possible on a day: what the teams can give, and what the sites open that day can take."""
    taken = sum(
        min(len(lot.demands), sum(capacity.fits(lot, site, day, half) for site in lot.sites for half in (0, 1)))
        for lot in lots
    )
    return min(taken, capacity.of_kind_in_a_day(kind, day))


def _short(rows: tuple[Slack, ...]) -> Iterator[Finding]:
    for row in rows:
        if row.missing and row.providers:
            numbers = {"places": row.places, "sessions": row.sessions, "missing": row.missing}
            yield _finding("explain_short", providers=", ".join(row.providers), **numbers)


def _without_team(problem: Problem) -> Iterator[Finding]:
    wanted = Counter(demand.task_id for demand in problem.demands)
    for task in problem.tasks:
        if wanted[task.id] and not any(task.provider_kind in crew.kinds for crew in problem.crews):
            yield _finding("explain_nobody", activity=task.id, sessions=wanted[task.id])


def _without_opening(capacity: Capacity) -> Iterator[Finding]:
    problem = capacity.problem
    for lot in capacity.lots:
        task = problem.task_by_id[lot.task_id]
        given = any(task.provider_kind in crew.kinds for crew in problem.crews)
        if given and lot.at is None and not possible(capacity, lot):
            site = problem.site_by_id[lot.sites[0]].place.name if lot.sites else lot.home
            facts = {"activity": task.id, "minutes": task.duration, "sessions": len(lot.demands)}
            yield _finding("explain_no_opening", site=site, **facts)


def possible(capacity: Capacity, lot: Lot) -> list[HalfDay]:
    """Return the half-days on which one session of a lot could be held, were it alone."""
    if lot.at is not None:
        return [lot.at[1:]]
    return [h for h in capacity.half_days if any(capacity.fits(lot, site, *h) for site in lot.sites)]


def follows(task: Task, first: HalfDay, second: HalfDay) -> bool:
    """Whether a session of ``task`` on the second half-day keeps its delays after one on the first."""
    days = (second[0] - first[0]).days
    halves = 2 * days + second[1] - first[1]
    return halves >= task.min_half_days and days >= task.min_days and (task.max_days is None or days <= task.max_days)


def _chains(capacity: Capacity) -> Iterator[Finding]:
    """Yield the activities that nothing before them leaves a half-day for."""
    problem = capacity.problem
    lot_of = {demand.id: lot for lot in capacity.lots for demand in lot.demands}
    reach: dict[str, list[HalfDay]] = {}
    told: set[tuple[str, str]] = set()

    def reachable(demand: Demand) -> list[HalfDay]:
        if demand.id not in reach:
            task = problem.task_by_id[demand.task_id]
            befores = [reachable(problem.demand_by_id[before]) for before in demand.after]
            reach[demand.id] = [
                h
                for h in possible(capacity, lot_of[demand.id])
                if all(any(follows(task, first, h) for first in before) for before in befores)
            ]
        return reach[demand.id]

    for demand in problem.demands:
        blocked = not reachable(demand) and all(reach[before] for before in demand.after)
        if blocked and demand.after and (demand.home, demand.task_id) not in told:
            told.add((demand.home, demand.task_id))
            yield _no_room_after(capacity, demand, lot_of[demand.id])


def _no_room_after(capacity: Capacity, demand: Demand, lot: Lot) -> Finding:
    problem = capacity.problem
    before = problem.demand_by_id[demand.after[0]].task_id
    open_then = possible(capacity, lot)
    facts = {"activity": demand.task_id, "before": before, "sessions": len(lot.demands), "count": len(open_then)}
    return _finding(
        "explain_chain", site=problem.site_by_id[demand.home].place.name, half_days=said(open_then[:4]), **facts
    )


def _crowded_sites(capacity: Capacity) -> Iterator[Finding]:
    """Yield the sites whose hours and rooms cannot hold all the sessions that have no other place."""
    problem = capacity.problem
    for site in problem.sites:
        lots = [lot for lot in capacity.lots if lot.sites == (site.id,) and lot.at is None]
        sessions = sum(len(lot.demands) for lot in lots)
        places = sum(_places_at(capacity, site, lots, half_day) for half_day in capacity.half_days)
        if 0 < places < sessions:
            yield _finding(
                "explain_site", site=site.place.name, places=places, sessions=sessions, missing=sessions - places
            )


def _places_at(capacity: Capacity, site: Site, lots: list[Lot], half_day: HalfDay) -> int:
    """Sessions a site can hold in a half-day: by its rooms, and by the teams of each activity, which share them."""
    in_a_room = max((capacity.in_a_room(lot, site.id, *half_day) for lot in lots), default=0)
    return min(site.rooms * in_a_room, sum(capacity.fits(lot, site.id, *half_day) for lot in lots))


def said(half_days: list[HalfDay]) -> str:
    """Return half-days as facts hold them: ``2020-11-05 am, 2020-11-06 pm``."""
    return ", ".join(f"{day.isoformat()} {('am', 'pm')[half]}" for day, half in half_days)


def _finding(code: str, **facts: object) -> Finding:
    return Finding(code, {name: str(fact) for name, fact in facts.items()})
