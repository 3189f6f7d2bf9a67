"""Choose the form a problem has, and solve it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from services.contracts import errors
from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.first_fit import FirstFit
from services.scheduling.adapters.cpsat.shape import Shape, shape_of
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints import known
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.ports import never

MOST_SITES = 30
"""Sites up to which every day route can be listed in seconds."""


class CpSat:
    """The solver in this very process: for tests, the command line and the child of ``solver_process``."""

    def __init__(self, found: Callable[[Solution], None] = lambda solution: None) -> None:
        self.found = found

    def solve(
        self,
        problem: Problem,
        *,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] = never,
    ) -> Solution:
        """See ports.Solver. Cancelling takes effect at the next progress."""
        best: list[Solution] = []

        def found(solution: Solution) -> None:
            best[:] = [solution]
            self.found(solution)

        def heard(progress: Progress) -> None:
            if cancelled():
                raise SolverCancelled(best[0] if best else None)
            report(progress)

        _refuse_contradictions(problem)
        shape = shape_of(problem)
        is_small = shape is not None and len(shape.sites) <= MOST_SITES
        if shape is not None and problem.baseline is None and not is_small:
            from services.scheduling.adapters.cpsat.large.halves import TooMany
            from services.scheduling.adapters.cpsat.large.plan import LargeRoutes

            with suppress(TooMany):
                return LargeRoutes(shape, seconds, seed, heard, found).run()
        plan = Best(problem, seconds, heard, found, FirstFit(problem).plan())
        _improve(plan, shape if is_small else None, seed)
        return plan.solution


def _improve(best: Best, shape: Shape | None, seed: int) -> None:
    """Look for better plans in the time left, by the form the problem has.

    Imported late, so that the first plan need not wait for OR-Tools; CP-SAT's Python layer takes seconds to import.
    """
    if shape is None:
        from services.scheduling.adapters.cpsat.general import solve_general

        solve_general(best, seed)
    elif best.problem.baseline:
        from services.scheduling.adapters.cpsat.replans.replanning import Replanning

        Replanning(shape, best, seed).run()
    else:
        from services.scheduling.adapters.cpsat.day_routes import DayRoutes

        DayRoutes(shape, best, seed).run()


def _refuse_contradictions(problem: Problem) -> None:
    """Pins that break a rule among themselves leave no plan at all. Raises SolverFailed."""
    wrong = {v.rule for v in known.violations(problem, list(frozen(problem).values()))}
    if problem.pins:
        wrong |= {v.rule for v in check(problem, problem.pins) if v.rule not in ("past", "chain")}
    if wrong:
        raise SolverFailed(errors.Problem("solver_at_odds", {"rules": ", ".join(sorted(wrong))}))
