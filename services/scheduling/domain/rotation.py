"""The rotation-1 JSON form of a problem, a plan and a baseline, for checkers and planners outside the house.

The form says less than our problems do. It has one site per group, one activity per team, chains inside one group whose
only delay is a later half-day; ``unsayable`` names what a problem holds beyond that. Ids become positions: sites, teams
and groups are numbered in the order of the problem. See docs/reference/rotation-format.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from services.contracts.errors import refused
from services.contracts.values import Place, Weights, Window
from services.scheduling.domain.busy import with_absences
from services.scheduling.domain.problem import Baseline, Crew, Demand, Placement, Problem, Site, Task
from services.scheduling.domain.roads import open_windows
from services.scheduling.domain.rotation_faults import WEIGHTS, refuse_instance, refuse_sessions
from services.scheduling.domain.score import total
from services.scheduling.domain.solution import Solution


def unsayable(problem: Problem) -> tuple[str, ...]:
    """Return what of the problem the rotation-1 form cannot say."""
    return tuple(sorted({*_unsayable_tasks(problem), *_unsayable_crews(problem), *_unsayable_demands(problem)}))


def to_instance(problem: Problem, name: str = "") -> dict[str, Any]:
    """Return the problem in rotation-1 form. Raises Refused (``rotation_unsayable``) when the form cannot say it.

    Teams taken by their calendars are away then, as ``with_absences`` says.
    """
    problem = with_absences(problem)
    if beyond := unsayable(problem):
        raise refused("rotation_unsayable", what=", ".join(beyond))
    depots = _depots(problem)
    return {
        "format": "rotation-1",
        "name": name,
        "meta": {},
        "days": [day.isoformat() for day in problem.days],
        "noon": problem.noon,
        "lunch_min": problem.lunch,
        "activities": {
            t.id: {"dur": t.duration, "setup": t.setup, "teardown": t.packing, "turnover": t.turnover}
            for t in problem.tasks
        },
        "sites": [_site_out(problem, i, site) for i, site in enumerate(problem.sites)],
        "depots": [list(depot) for depot in depots],
        "teams": [_team_out(problem, i, crew, depots) for i, crew in enumerate(problem.crews)],
        "groups": [_group_out(problem, i, chain) for i, chain in enumerate(_chains(problem).values())],
        "pins": _sessions_out(problem, problem.pins),
        "weights": {name: getattr(problem.weights, name) for name in WEIGHTS},
    }


def to_solution(
    problem: Problem,
    solution: Solution,
    *,
    seconds: float | None = None,
    seed: int | None = None,
    reasons: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a plan in rotation-1 form, with what the planner says beside it. ``reasons``: of sessions left out."""
    return {
        "sessions": sessions_out(problem, solution.placements),
        "status": solution.status,
        "objective": total(problem, solution.placements),
        "bound": solution.bound,
        "seconds": seconds,
        "seed": seed,
        "steps": solution.steps,
        "unplaced": _unplaced_out(problem, solution.unplaced, reasons or {}),
    }


def sessions_out(problem: Problem, placements: Sequence[Placement]) -> list[dict[str, Any]]:
    """Return placements as rotation-1 sessions, in the order of the problem's demands."""
    placed = {placement.demand_id: placement for placement in placements}
    return _sessions_out(problem, [placed[d.id] for d in problem.demands if d.id in placed])


def to_baseline(problem: Problem) -> dict[str, Any]:
    """Return the problem's baseline in rotation-1 form; sessions no longer demanded are left out."""
    baseline = problem.baseline or Baseline(())
    known = [p for p in baseline.placements if p.demand_id in problem.demand_by_id]
    frozen = baseline.frozen_before
    return {
        "sessions": [
            {**session, "state": "confirmed" if p.demand_id in baseline.confirmed else "offered"}
            for session, p in zip(_sessions_out(problem, known), known, strict=True)
        ],
        "frozen_before_day": 0 if frozen is None else sum(day < frozen for day in problem.days),
    }


def from_instance(data: Any) -> Problem:
    """Read a rotation-1 instance. Raises Refused with everything that is wrong with it, each fault with its path."""
    refuse_instance(data)
    return _problem_in(data)


def from_solution(problem: Problem, data: Any) -> tuple[Placement, ...]:
    """Read rotation-1 sessions of an instance that ``problem`` was read from or written to. Raises Refused as above."""
    return _sessions_in(problem, data, is_baseline=False)


def from_baseline(problem: Problem, data: Any) -> Baseline:
    """Read a rotation-1 baseline of the same problem. Raises Refused as above."""
    placements = _sessions_in(problem, data, is_baseline=True)
    confirmed = {
        p.demand_id for p, s in zip(placements, data["sessions"], strict=True) if s.get("state") == "confirmed"
    }
    before = data.get("frozen_before_day", 0)
    after_all = problem.days[-1] + dt.timedelta(days=1)
    frozen = None if before == 0 else problem.days[before] if before < len(problem.days) else after_all
    return Baseline(placements, frozenset(confirmed), frozen)


def _chains(problem: Problem) -> dict[str, list[Demand]]:
    """Demands by group, each group's in chain order."""
    chains: dict[str, list[Demand]] = {}
    for demand in problem.demands:
        chains.setdefault(demand.group_id, []).append(demand)
    return {group: sorted(chain, key=lambda d: _depth(problem, d)) for group, chain in chains.items()}


def _depth(problem: Problem, demand: Demand) -> int:
    return 1 + max((_depth(problem, problem.demand_by_id[a]) for a in demand.after), default=0)


def _unsayable_tasks(problem: Problem) -> Iterator[str]:
    kinds = [task.provider_kind for task in problem.tasks]
    if len(set(kinds)) < len(kinds):
        yield "two activities of one kind of provider"
    if any(task.min_half_days != 1 or task.min_days or task.max_days is not None for task in problem.tasks):
        yield "delays other than a later half-day"


def _unsayable_crews(problem: Problem) -> Iterator[str]:
    kinds = {task.provider_kind for task in problem.tasks}
    if any(len(kinds & set(crew.kinds)) != 1 for crew in problem.crews):
        yield "a team without, or with more than, one activity"
    if any(crew.busy for crew in problem.crews):
        yield "a team with several free stretches in a day"


def _unsayable_demands(problem: Problem) -> Iterator[str]:
    if any(demand.excludes for demand in problem.demands):
        yield "groups that share pupils"
    if any(demand.barred for demand in problem.demands):
        yield "half-days refused for a session"
    for chain in _chains(problem).values():
        if len({demand.sites for demand in chain}) > 1 or len(chain[0].sites) != 1:
            yield "a group with several sites"
        if any(second.after != (first.id,) for first, second in pairwise(chain)) or chain[0].after:
            yield "a chain that leaves its group"
        if any(_class_must_travel(problem, demand) for demand in chain):
            yield "a class that travels"


def _class_must_travel(problem: Problem, demand: Demand) -> bool:
    site = problem.site_by_id[demand.sites[0]]
    return any(open_windows(problem, demand, site.id, day) != tuple(site.windows.get(day, ())) for day in problem.days)


def _depots(problem: Problem) -> list[tuple[float, float]]:
    return list(dict.fromkeys((crew.depot.lat, crew.depot.lon) for crew in problem.crews))


def _site_out(problem: Problem, index: int, site: Site) -> dict[str, Any]:
    days = {day: i for i, day in enumerate(problem.days)}
    shy = sorted((days[day], *pair) for day, pair in site.disliked.items() if day in days)
    return {
        "id": index,
        "name": site.place.name,
        "lat": site.place.lat,
        "lon": site.place.lon,
        "windows": {
            str(days[d]): [[w.start, w.end] for w in windows] for d, windows in site.windows.items() if d in days
        },
        "room_cap": site.rooms,
        "pref": {f"{day}:{half}": points for day, *pair in shy for half, points in enumerate(pair) if points},
    }


def _team_out(problem: Problem, index: int, crew: Crew, depots: list[tuple[float, float]]) -> dict[str, Any]:
    days = {day: i for i, day in enumerate(problem.days)}
    return {
        "id": index,
        "provider": crew.provider_id,
        "activity": next(task.id for task in problem.tasks if task.provider_kind in crew.kinds),
        "depot": depots.index((crew.depot.lat, crew.depot.lon)),
        "avail": {str(days[d]): [hours.start, hours.end] for d, hours in crew.available.items() if d in days},
        "max_sessions": crew.max_sessions,
    }


def _group_out(problem: Problem, index: int, chain: list[Demand]) -> dict[str, Any]:
    site = [s.id for s in problem.sites].index(chain[0].sites[0])
    return {
        "id": index,
        "site": site,
        "cls": chain[0].group_id,
        "size": chain[0].pupils,
        "chain": [demand.task_id for demand in chain],
    }


def _unplaced_out(problem: Problem, left_out: Sequence[str], reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    groups = {group: i for i, group in enumerate(_chains(problem))}
    demands = [problem.demand_by_id[demand_id] for demand_id in left_out]
    return [
        {"group": groups[d.group_id], "activity": d.task_id, **({"reason": reasons[d.id]} if d.id in reasons else {})}
        for d in demands
    ]


def _sessions_out(problem: Problem, placements: Sequence[Placement]) -> list[dict[str, Any]]:
    groups = {group: i for i, group in enumerate(_chains(problem))}
    teams = {crew.id: i for i, crew in enumerate(problem.crews)}
    days = {day: i for i, day in enumerate(problem.days)}
    demands = [problem.demand_by_id[p.demand_id] for p in placements]
    return [
        {
            "group": groups[demand.group_id],
            "activity": demand.task_id,
            "team": teams[p.crew_id],
            "day": days[p.day],
            "start": p.start,
        }
        for demand, p in zip(demands, placements, strict=True)
    ]


def _problem_in(data: Mapping[str, Any]) -> Problem:
    days = tuple(dt.date.fromisoformat(day) for day in data["days"])
    weights = Weights(**{name: data["weights"][name] for name in WEIGHTS})
    problem = Problem(
        days=days,
        noon=data["noon"],
        lunch=data["lunch_min"],
        tasks=tuple(
            Task(name, name, a["dur"], a["setup"], a["teardown"], a["turnover"])
            for name, a in data["activities"].items()
        ),
        sites=tuple(_site_in(days, site) for site in data["sites"]),
        crews=tuple(_crew_in(days, data["depots"], team) for team in data["teams"]),
        demands=tuple(demand for group in data["groups"] for demand in _demands_in(group)),
        weights=weights,
    )
    pins = _sessions_in(problem, {"sessions": data.get("pins", [])}, is_baseline=False)
    return replace(problem, pins=pins)


def _site_in(days: tuple[dt.date, ...], site: Mapping[str, Any]) -> Site:
    windows = {days[int(d)]: tuple(Window(a, b) for a, b in stretches) for d, stretches in site["windows"].items()}
    prices: dict[dt.date, tuple[int, int]] = {}
    for key, price in site.get("pref", {}).items():
        day, half = days[int(key.split(":")[0])], int(key.split(":")[1])
        am, pm = prices.get(day, (0, 0))
        prices[day] = (am, price) if half else (price, pm)
    return Site(str(site["id"]), Place(site["name"], site["lat"], site["lon"]), site["room_cap"], windows, prices)


def _crew_in(days: tuple[dt.date, ...], depots: Sequence[Sequence[float]], team: Mapping[str, Any]) -> Crew:
    lat, lon = depots[team["depot"]]
    available = {days[int(d)]: Window(leave, back) for d, (leave, back) in team["avail"].items()}
    kinds = (team["activity"],)
    return Crew(str(team["id"]), team["provider"], kinds, Place("", lat, lon), available, team["max_sessions"])


def _demands_in(group: Mapping[str, Any]) -> Iterator[Demand]:
    before: tuple[str, ...] = ()
    for activity in group["chain"]:
        demand_id, site = f"{group['id']}-{activity}", str(group["site"])
        yield Demand(demand_id, activity, str(group["id"]), group["size"], site, (site,), before)
        before = (demand_id,)


def _sessions_in(problem: Problem, data: Any, *, is_baseline: bool) -> tuple[Placement, ...]:
    chains = [{d.task_id: d for d in chain} for chain in _chains(problem).values()]
    refuse_sessions(problem, chains, data, is_baseline=is_baseline)
    return tuple(_session_in(problem, chains, session) for session in data["sessions"])


def _session_in(problem: Problem, chains: list[dict[str, Demand]], session: Mapping[str, Any]) -> Placement:
    demand = chains[session["group"]][session["activity"]]
    crew, day = problem.crews[session["team"]], problem.days[session["day"]]
    return Placement(demand.id, crew.id, demand.sites[0], day, session["start"])
