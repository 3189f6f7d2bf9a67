"""The general form: one CP-SAT model over single sessions, for programmes that counts cannot say.

Half groups, several providers of one activity, common venues, delays in days, shared pupils and pins are all here. It
starts from a first-fit plan, so it always has an answer; it is slower, and its bound is weak.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ortools.sat.python import cp_model

from services.scheduling.adapters.cpsat.first_fit import FirstFit
from services.scheduling.adapters.cpsat.session_model import SessionModel
from services.scheduling.adapters.cpsat.settle import keep_starts, key, solution_of
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.solution import Progress, Solution

METHOD = "sessions"
WORKERS = 8
MOST_DEMANDS = 250
"""Sessions up to which the CP-SAT model is worth building; beyond, the first-fit plan is the answer."""


def solve_sessions(
    problem: Problem,
    seconds: float,
    seed: int,
    report: Callable[[Progress], None],
    found: Callable[[Solution], None],
) -> Solution:
    """Return the best plan found in the time given: fewest left out, fewest moved, then cost."""
    run = _Run(problem, seconds, seed, report, found)
    run.take(FirstFit(problem).plan(), None)
    if len(problem.demands) > MOST_DEMANDS:
        return replace(run.best, method="first fit")
    model = SessionModel(problem)
    if problem.baseline:
        run.minimise(model, model.disturbance, 0.6)
        model.keep_disturbance(run.placements)
    bound = run.minimise(model, model.price, 1.0)
    if not problem.baseline:
        run.prove(bound)
    return run.best


class _Run:
    def __init__(
        self,
        problem: Problem,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        found: Callable[[Solution], None],
    ) -> None:
        self.problem, self.seed, self.report, self.found = problem, seed, report, found
        self.began, self.seconds = time.monotonic(), seconds
        self.solution: Solution | None = None

    @property
    def best(self) -> Solution:
        """The best plan so far."""
        if self.solution is None:
            raise RuntimeError("no plan yet")
        return self.solution

    @property
    def placements(self) -> tuple[Placement, ...]:
        """The sessions of the best plan so far."""
        return self.best.placements

    def take(self, placements: Sequence[Placement], bound: float | None) -> None:
        """Keep a plan when it is better than the one before."""
        solution = solution_of(self.problem, keep_starts(self.problem, placements), bound, METHOD)
        if self.solution is None or key(self.problem, solution) < key(self.problem, self.solution):
            self.solution = solution
            self.found(solution)
        self.say("improve", bound)

    def minimise(self, model: SessionModel, objective: cp_model.LinearExprT, share: float) -> float | None:
        """Search for plans of a smaller objective in a share of the time left; return a lower bound of it."""
        solver = cp_model.CpSolver()
        left = self.seconds - (time.monotonic() - self.began)
        solver.parameters.max_time_in_seconds = max(0.1, left * share)
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = self.seed % 2**31
        model.hint(self.placements)
        model.model.minimize(objective)
        status = solver.solve(model.model, _Listener(self, model))
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.take(model.placements(solver.value), None)
            return solver.best_objective_bound
        return None

    def prove(self, bound: float | None) -> None:
        """State the bound beside the plan, and the proof when they meet."""
        if bound is not None and bound > 0:
            self.solution = solution_of(self.problem, self.placements, bound, METHOD)
            self.found(self.solution)
            self.say("improve", bound)

    def say(self, phase: str, bound: float | None) -> None:
        """Report where the search is."""
        value = self.best.value
        self.report(Progress(phase, len(self.placements), value, bound, time.monotonic() - self.began))


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, run: _Run, model: SessionModel) -> None:
        super().__init__()
        self.run, self.session_model = run, model

    def on_solution_callback(self) -> None:
        """Hand each better plan on as it comes, once the rules agree."""
        placements = self.session_model.placements(self.value)
        if not check(self.run.problem, placements):
            self.run.take(placements, None)
