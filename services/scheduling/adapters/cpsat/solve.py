"""Choose the form a problem has, and solve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from services.contracts import errors
from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.renewal import Renewal
from services.scheduling.adapters.cpsat.shape import Shape, shape_of
from services.scheduling.domain.busy import with_absences
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints import known
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.pinned import clash
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.domain.territories import Part
from services.scheduling.ports import Workers, never

MOST_SITES = 30
"""Sites up to which every day route can be listed in seconds."""

MOST_WHOLE = 1500
"""Sites up to which a problem is planned in one piece: up to here that leaves out fewer sessions than territories."""

SKETCH = 0.35
"""Most of the time that a plan in the large form gets before every day route is listed."""


class CpSat:
    """The solver in this very process: for tests, the command line and the child of ``solver_process``.

    ``workers``: who solve the parts of a large problem; None: this process does all alone.
    """

    def __init__(
        self, found: Callable[[Solution], None] = lambda solution: None, workers: Workers | None = None
    ) -> None:
        self.found, self.workers = found, workers

    def solve(
        self,
        problem: Problem,
        *,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] = never,
        steps: int | None = None,
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
        budget = Budget(seconds, steps)
        shape = shape_of(problem)
        is_small = shape is not None and len(shape.sites) <= MOST_SITES
        if shape is not None and not is_small and (whole := _in_whole_days(shape)):
            from services.scheduling.adapters.cpsat.large.halves import TooMany

            if steps is not None and len(shape.sites) > MOST_WHOLE:
                raise SolverFailed(errors.Problem("steps_many_sites", {"most": str(MOST_WHOLE)}))
            with suppress(TooMany):
                return _stepped(_many_sites(whole, budget, seed, heard, found, self.workers), budget)
        plan = Best(problem, budget, heard, found, first_plan(problem))
        _improve(plan, shape if is_small or problem.baseline else None, seed)
        if not plan.is_valid:
            raise SolverFailed(_at_odds(v.rule for v in check(problem, plan.placements)))
        return _stepped(plan.solution, budget)


def _stepped(solution: Solution, budget: Budget) -> Solution:
    """Return a plan with the steps in which it can be found again, none where time ended the run."""
    return replace(solution, steps=None if budget.is_cut else budget.steps)


def solve_part(part: Part) -> Solution:
    """Solve a part of a large problem, alone."""
    return CpSat().solve(part.problem, seconds=part.seconds, seed=part.seed, report=lambda progress: None)


def _in_whole_days(shape: Shape) -> Shape | None:
    """Return the shape for the large form, which knows no baseline, no pins and one stretch a day of each team."""
    problem = with_absences(shape.problem)
    is_parted = problem.baseline or problem.pins or any(crew.busy for crew in problem.crews)
    return None if is_parted else replace(shape, problem=problem)


def _many_sites(
    shape: Shape,
    budget: Budget,
    seed: int,
    heard: Callable[[Progress], None],
    found: Callable[[Solution], None],
    workers: Workers | None,
) -> Solution:
    """Mend the plan there is, or plan by territories where there are several, or in one piece. Raises TooMany."""
    if shape.problem.start:
        from services.scheduling.adapters.cpsat.territories.mend import mended

        return mended(shape, budget, seed)
    if workers and len(shape.sites) > MOST_WHOLE:
        from services.scheduling.adapters.cpsat.territories.plan import ByTerritories

        run = ByTerritories(shape, budget.left, seed, heard, found, workers)
        if len(run.parts) > 1:
            return run.run()
    from services.scheduling.adapters.cpsat.large.plan import LargeRoutes

    return LargeRoutes(shape, budget, budget.left, seed, heard, found, processes=2 if workers else 1).run()


def _improve(best: Best, shape: Shape | None, seed: int) -> None:
    """Look for better plans in the time left, by the form the problem has.

    Imported late, so that the first plan need not wait for OR-Tools; CP-SAT's Python layer takes seconds to import.
    """
    if shape is None:
        from services.scheduling.adapters.cpsat.general import solve_general

        solve_general(best, seed)
    elif best.problem.baseline:
        from services.scheduling.adapters.cpsat.replans.near import near_of
        from services.scheduling.adapters.cpsat.replans.replanning import Replanning

        near = near_of(shape, best.placements) if len(shape.sites) > MOST_SITES else None
        Replanning(shape, best, seed, near).run()
    else:
        from services.scheduling.adapters.cpsat.day_routes import DayRoutes

        if not shape.fits_a_word:
            _sketch(shape, best, seed)
        if not shape.fits_a_word and best.budget.steps is not None:
            Renewal(best, seed, best.left).run()  # single programmes of what follows are never cut at their root
            return
        DayRoutes(shape, best, seed).run()
        if best.problem.pins and best.left > 0 and not best.is_proved:
            from services.scheduling.adapters.cpsat.general import solve_general

            solve_general(best, seed)  # counts let any group of a school have a pinned slot


def _sketch(shape: Shape, best: Best, seed: int) -> None:
    """Begin with a plan in the large form, where the search for a proof would be out of reach."""
    from services.scheduling.adapters.cpsat.large.halves import TooMany
    from services.scheduling.adapters.cpsat.large.plan import LargeRoutes

    def found(solution: Solution) -> None:
        best.take(solution.placements, solution.method)

    def heard(progress: Progress) -> None:
        best.tell(progress.phase)

    if _in_whole_days(shape) == shape:
        run = LargeRoutes(shape, best.budget, best.left * SKETCH, seed, heard, found, processes=1)
        with suppress(TooMany):
            best.raise_bound(run.run().bound or 0.0, best.solution.method)


def _refuse_contradictions(problem: Problem) -> None:
    """Pins that break a rule among themselves leave no plan at all. Raises SolverFailed."""
    if wrong := {v.rule for v in known.violations(problem, list(frozen(problem).values()))}:
        raise SolverFailed(_at_odds(wrong))
    if clashing := clash(problem, problem.pins):
        raise SolverFailed(clashing)


def _at_odds(rules: Iterable[str]) -> errors.Problem:
    return errors.Problem("solver_at_odds", {"rules": ", ".join(sorted(set(rules)))})
