"""A site hosts at most as many sessions at once as it has rooms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield, for each session at whose start the rooms are too few, the sessions held then."""
    by_site_day = defaultdict(list)
    for placement in placements:
        by_site_day[placement.site_id, placement.day].append(placement)
    for (site_id, _), held in by_site_day.items():
        rooms = problem.site_by_id[site_id].rooms
        for one in held:
            at_once = [other for other in held if other.start <= one.start < problem.end_of(other)]
            if len(at_once) > rooms:
                about = {**facts(problem, one), "sessions": str(len(at_once)), "rooms": str(rooms)}
                yield Violation(RULE.name, tuple(p.demand_id for p in at_once), about)


RULE = Rule("rooms", "{site} : {sessions} séances en même temps le {day} à {start} pour {rooms} salle(s).", violations)
