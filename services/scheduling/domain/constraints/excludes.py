"""The same pupils are never in two sessions at once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Demand, Placement, Problem
from services.scheduling.domain.roads import road_minutes


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the pairs of sessions of the same pupils that overlap, the road between their places included."""
    placed = {placement.demand_id: placement for placement in placements}
    demands = [problem.demand_by_id[id_] for id_ in placed]
    for first, second in _pairs(demands, placed):
        a, b = placed[first], placed[second]
        if at_once(problem, a, b):
            about = {**facts(problem, a), "other": problem.demand_by_id[second].group_id}
            yield Violation(RULE.name, (first, second), about)


def excluded_pairs(problem: Problem) -> list[tuple[str, str]]:
    """Return each pair of demands that share pupils, once, in order."""
    return _pairs(problem.demands, problem.demand_by_id)


def _pairs(demands: Iterable[Demand], known: Container[str]) -> list[tuple[str, str]]:
    return sorted({(min(d.id, o), max(d.id, o)) for d in demands for o in d.excludes if o in known})


def at_once(problem: Problem, a: Placement, b: Placement) -> bool:
    """Whether two sessions overlap, the road between their places included."""
    if a.day != b.day:
        return False
    road = road_minutes(problem.site_by_id[a.site_id].place, problem.site_by_id[b.site_id].place)
    return a.start < problem.end_of(b) + road and b.start < problem.end_of(a) + road


RULE = Rule(
    "excludes",
    "{group} et {other} partagent des élèves et ont séance en même temps le {day} à {start}.",
    violations,
    fixed=True,
)
