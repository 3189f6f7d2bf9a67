"""A team's day: from its depot and back within its hours, with road, set-up, packing, turnover and lunch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, clock, facts
from services.scheduling.domain.problem import Crew, Placement, Problem
from services.scheduling.domain.roads import road_minutes

TOO_MANY = "« {team} » aurait {count} séances le {day}, pour {most} au plus."
AT_ONCE = "« {team} » serait encore en séance, jusqu’à {until}, quand commence celle de {start} à {site} le {day}."
TOO_CLOSE = "« {team} » n’aurait que {free} min avant la séance de {start} à {site} le {day} ; il en faut {needed} \
(rangement, route, installation, repas)."
TOO_EARLY = "« {team} » devrait partir à {leaves} le {day} pour la séance de {start} à {site} ; \
sa journée commence à {from}."
TOO_LATE = "« {team} » ne rentrerait qu’à {returns} le {day} après la séance de {start} à {site} ; \
sa journée finit à {to}."


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the days on which a team has too many sessions, too little time between two, or too long a day."""
    for (crew_id, _), stops in team_days(problem, placements).items():
        crew = problem.crew_by_id[crew_id]
        if len(stops) > crew.max_sessions:
            counts = {"count": str(len(stops)), "most": str(crew.max_sessions)}
            yield _broken(TOO_MANY, problem, stops[crew.max_sessions], stops, counts)
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
        if free < 0:
            yield _broken(AT_ONCE, problem, second, [first, second], {"until": clock(problem.end_of(first))})
        elif free < needed:
            minutes = {"free": str(free), "needed": str(needed)}
            yield _broken(TOO_CLOSE, problem, second, [first, second], minutes)


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
        yield _broken(TOO_EARLY, problem, first, [first], {"leaves": clock(leaves), "from": clock(hours.start)})
    if returns > hours.end:
        yield _broken(TOO_LATE, problem, last, [last], {"returns": clock(returns), "to": clock(hours.end)})


def _broken(sentence: str, problem: Problem, at: Placement, stops: list[Placement], more: dict[str, str]) -> Violation:
    return Violation(RULE.name, tuple(p.demand_id for p in stops), {**facts(problem, at), **more}, sentence)


RULE = Rule(
    "team_day",
    "La journée de « {team} » le {day} ne tient pas autour de {start} à {site} : nombre de séances, route, "
    "installation, rangement, repas ou heures.",
    violations,
)
