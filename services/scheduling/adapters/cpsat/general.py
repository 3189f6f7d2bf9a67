"""Problems beyond the fast form: counts of lots to the proof, then single sessions."""

from __future__ import annotations

from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.lots.run import ByLots
from services.scheduling.adapters.cpsat.renewal import Renewal
from services.scheduling.adapters.cpsat.single import sessions
from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.problem import Problem

RENEWING, SHARE = 0.35, 0.7
"""Of the time left: for renewing the first plan, then for counts; what these cannot prove, single sessions improve."""


def solve_general(best: Best, seed: int) -> None:
    """Look for better plans in the time given: fewest left out, fewest moved, then cost."""
    within_a_day = best.problem.baseline is not None and best.problem.baseline.frozen_minute > 0
    if not within_a_day and not _may_move(best.problem):
        Renewal(best, seed, RENEWING * best.left).run()
        ByLots(best, seed, SHARE * best.left).run()
    if not best.is_proved and best.left > 0:
        sessions.improve(best, seed)


def _may_move(problem: Problem) -> bool:
    """Whether sessions were released that could still move: counts do not say of whom."""
    return problem.baseline is not None and not all(is_past(problem, old) for old in problem.baseline.placements)
