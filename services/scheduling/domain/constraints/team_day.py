"""A team's day: from its depot and back within its hours, with road, set-up, packing, turnover and lunch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, clock, facts
from services.scheduling.domain.problem import Crew, Placement, Problem
from services.scheduling.domain.roads import road_minutes


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the days on which a team has too many sessions, too little time between two, or too long a day."""
    for (crew_id, _), stops in team_days(problem, placements).items():
        crew = problem.crew_by_id[crew_id]
        if len(stops) > crew.max_sessions:
            yield _violation(problem, stops[crew.max_sessions], stops, f"{len(stops)} > {crew.max_sessions}")
        yield from _between(problem, stops)
        yield from _depot(problem, crew, stops)


def team_days(problem: Problem, placements: Sequence[Placement]) -> dict[tuple[str, object], list[Placement]]:
    """Return the sessions of each team and day, in the order in which they are given."""
    days: dict[tuple[str, object], list[Placement]] = defaultdict(list)
    for placement in placements:
        days[placement.crew_id, placement.day].append(placement)
    for stops in days.values():
        stops.sort(key=lambda p: (p.start, problem.end_of(p), problem.site_position[p.site_id]))
    return dict(days)


def minutes_between(problem: Problem, first: Placement, second: Placement) -> int:
    """Minutes a team needs between two sessions: turnover, or packing, road and set-up; lunch across noon."""
    task, then = problem.task_of(first), problem.task_of(second)
    lunch = problem.lunch if first.start < problem.noon <= second.start else 0
    if first.site_id == second.site_id:
        change = task.turnover if task.id == then.id else task.packing + then.setup
        return max(change, lunch)
    road = road_minutes(problem.site_by_id[first.site_id].place, problem.site_by_id[second.site_id].place)
    return task.packing + road + then.setup + lunch


def _between(problem: Problem, stops: list[Placement]) -> Iterator[Violation]:
    for first, second in pairwise(stops):
        needed, free = minutes_between(problem, first, second), second.start - problem.end_of(first)
        if free < needed:
            yield _violation(problem, second, [first, second], f"{free} < {needed} min")


def _depot(problem: Problem, crew: Crew, stops: list[Placement]) -> Iterator[Violation]:
    hours = crew.available.get(stops[0].day)
    if hours is None:
        return
    first, last = stops[0], stops[-1]
    out = road_minutes(crew.depot, problem.site_by_id[first.site_id].place)
    back = road_minutes(problem.site_by_id[last.site_id].place, crew.depot)
    leaves = first.start - problem.task_of(first).setup - out
    returns = problem.end_of(last) + problem.task_of(last).packing + back
    if leaves < hours.start:
        yield _violation(problem, first, [first], f"{clock(leaves)} < {clock(hours.start)}")
    if returns > hours.end:
        yield _violation(problem, last, [last], f"{clock(returns)} > {clock(hours.end)}")


def _violation(problem: Problem, at: Placement, stops: list[Placement], detail: str) -> Violation:
    return Violation(RULE.name, tuple(p.demand_id for p in stops), {**facts(problem, at), "detail": detail})


RULE = Rule(
    "team_day",
    "La journée de « {team} » le {day} ne tient pas autour de {start} à {site} "
    "(route, installation, rangement, repas, horaires) : {detail}.",
    violations,
)
