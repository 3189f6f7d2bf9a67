"""Why a plan leaves sessions out, looked for where that is quick."""

from __future__ import annotations

import time
from collections.abc import Sequence

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.explain.left_out import why_left_out
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.problem import Placement, Problem

REASON_SECONDS = 5.0
MOST_SEARCHED = 2000
"""Sessions of a plan up to which free places for those left out are looked for; each search reads the whole plan."""


def reasons_of(problem: Problem, placements: Sequence[Placement]) -> dict[str, Finding]:
    """Return why each session left out has no place, by demand id."""
    places, until = Places(problem, placements), time.monotonic() + REASON_SECONDS
    quick = len(problem.demands) <= MOST_SEARCHED
    left_out = [demand.id for demand in problem.demands if demand.id not in places.placed]
    return {id_: why_left_out(places, id_, search=quick and time.monotonic() < until) for id_ in left_out}
