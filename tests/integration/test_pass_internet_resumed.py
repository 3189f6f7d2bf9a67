"""An interrupted programme: twelve of seventeen classes were received, the five others are planned anew, and proved."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.demand import build
from services.scheduling.domain.history import with_history
from services.scheduling.domain.plan import Answers, sessions
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.score import total
from tests.integration.test_examples_demand import basis_of

PUT_OFF = ("juvigny", "mercin-et-vaux", "pommiers", "sermoise", "venizel")
LOCKDOWN, RESUMED = dt.date(2020, 10, 30), dt.date(2021, 1, 4)


def test_the_five_classes_put_off_are_planned_to_the_proof_and_the_twelve_stay() -> None:
    held = before_the_lockdown()
    assert len(held) == 48
    problem = resumed(held)
    solution = CpSat().solve(problem, seconds=120, seed=0, report=lambda progress: None)
    assert (solution.status, solution.bound, solution.unplaced) == ("optimal", solution.value, ())
    assert solution.value == total(problem, solution.placements)
    assert check(problem, solution.placements) == ()
    assert {p for p in solution.placements if p.day < RESUMED} == set(held)
    assert homes(problem, [p for p in solution.placements if p.day >= RESUMED]) == dict.fromkeys(PUT_OFF, 4)


def before_the_lockdown() -> tuple[Placement, ...]:
    """What was held of a plan for the first edition: all sessions of twelve classes."""
    problem = build(basis_of("pass-internet-2020"))
    received = replace(problem, demands=tuple(d for d in problem.demands if d.home not in PUT_OFF))
    return tuple(first_plan(received))


def resumed(held: tuple[Placement, ...]) -> Problem:
    """The problem once the edition was opened again, with what was held as its past."""
    first, longer = basis_of("pass-internet-2020"), basis_of("pass-internet-2020", "edition-resumed.toml")
    assert max(p.day for p in held) < LOCKDOWN
    return with_history(build(longer), longer.edition, held, sessions(first, held), Answers(), RESUMED)


def homes(problem: Problem, placements: list[Placement]) -> Counter[str]:
    return Counter(problem.demand_by_id[p.demand_id].home for p in placements)
