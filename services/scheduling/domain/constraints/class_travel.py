"""A class goes to a common venue and comes back while its own school is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.roads import class_road


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the sessions away from school whose journey there or back leaves the school's hours."""
    for placement in placements:
        demand = problem.demand_by_id[placement.demand_id]
        if placement.site_id == demand.home or demand.home not in problem.site_by_id:
            continue
        home, road = problem.site_by_id[demand.home], class_road(problem, demand, placement.site_id)
        leaves, returns = placement.start - road, problem.end_of(placement) + road
        if not any(w.start <= leaves and returns <= w.end for w in home.windows.get(placement.day, ())):
            about = {**facts(problem, placement), "school": home.place.name, "road": str(road)}
            yield Violation(RULE.name, (placement.demand_id,), about)


RULE = Rule(
    "class_travel",
    "{group} ne peut pas aller à {site} le {day} à {start} : avec {road} minutes de route, "
    "l’aller ou le retour tombe hors des heures de {school}.",
    violations,
)
