"""What an independent script needs to check that a plan is optimal: prices, and the routes that they do not price out.

The form is rotation-certificate-1, beside the rotation-1 instance and solution it belongs to; sites are numbered as
there. With these prices an exhaustive search needs seconds; without them, years.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from services.scheduling.adapters.cpsat.columns import columns_of
from services.scheduling.adapters.cpsat.exact.potentials import SCALE, Kinds, kinds_of
from services.scheduling.adapters.cpsat.exact.proof import end_of, unfair
from services.scheduling.adapters.cpsat.shape import Shape, shape_of
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Solution


def certificate_of(problem: Problem, solution: Solution) -> dict[str, Any] | None:
    """Return the certificate of an optimal plan made from nothing; None when the plan or its problem has none."""
    shape = shape_of(problem)
    if shape is None or len(shape.chain) > 2 or solution.status != "optimal" or solution.unplaced or problem.baseline:
        return None
    columns = columns_of(shape)
    kinds = [found for task in range(len(shape.chain)) if (found := kinds_of(columns, task)) is not None]
    if len(kinds) < len(shape.chain):
        return None
    limit = int(solution.value) - 1 - unfair(shape)
    slack = SCALE * (limit - end_of(columns)) - sum(one.potential.bound for one in kinds)
    return {
        "format": "rotation-certificate-1",
        "value": int(solution.value),
        "scale": SCALE,
        "activities": {task.id: _activity(shape, one, slack) for task, one in zip(shape.chain, kinds, strict=True)},
    }


def _activity(shape: Shape, kinds: Kinds, slack: int) -> dict[str, Any]:
    place = _places(shape)
    potential = kinds.potential
    return {
        "bound": potential.bound,
        "prices": {str(place[s]): int(price) for s, price in enumerate(potential.price) if kinds.sizes[s]},
        "cuts": [
            {
                "sites": [place[s] for s in cut.sites],
                "part": cut.part,
                "side": "up" if cut.sign > 0 else "down",
                "price": int(price),
            }
            for cut, price in zip(potential.cuts, potential.of_cuts, strict=True)
        ],
        "pool": [[[place[s], int(row[s])] for s in np.flatnonzero(row)] for row in kinds.totals[kinds.losses <= slack]],
    }


def _places(shape: Shape) -> list[int | str]:
    """Return the name of each thing that routes cover: a site's number, or a team-day with pins as "team:day"."""
    sites = [shape.problem.site_position[site.id] for site in shape.sites]
    teams = {crew.id: i for i, crew in enumerate(shape.problem.crews)}
    return [*sites, *(f"{teams[shape.crews[crew].id]}:{day}" for crew, day in shape.fixed)]
