"""The general form by single sessions: one CP-SAT model, for what counts cannot say or cannot settle in time.

Half groups, several providers of one activity, common venues, delays in days, shared pupils and pins are all here. It
goes on from a plan, so it always has an answer; it is slower, and its bound is weak.
"""

from __future__ import annotations

from ortools.sat.python import cp_model

from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.budget import STEPS
from services.scheduling.adapters.cpsat.single.session_model import SessionModel

METHOD = "sessions"
WORKERS = 8
UNIT = 3300
"""Steps of a unit of CP-SAT's own measure of work."""

MOST_DEMANDS = 250
"""Sessions up to which the CP-SAT model is worth building; beyond, the plan stays as it is."""


def improve(best: Best, seed: int) -> None:
    """Look for better plans in the time left: fewest left out, fewest moved, then cost."""
    if len(best.problem.demands) > MOST_DEMANDS:
        return
    model = SessionModel(best.problem)
    if best.problem.baseline:
        _minimise(best, model, model.disturbance, 0.6, seed)
        model.keep_disturbance(best.placements)
    bound = _minimise(best, model, model.price, 1.0, seed)
    if not best.problem.baseline and bound is not None:
        best.raise_bound(bound, METHOD)


def _minimise(best: Best, model: SessionModel, aim: cp_model.LinearExprT, share: float, seed: int) -> float | None:
    """Search for plans of a smaller aim in a share of the time left; return a lower bound of it."""
    solver = cp_model.CpSolver()
    seconds = max(0.1, best.left * share)
    solver.parameters.max_time_in_seconds = best.budget.time_for(seconds)
    solver.parameters.num_workers = WORKERS
    if best.budget.steps is not None:  # several workers at once would depend on who is faster
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = seconds * STEPS / UNIT
    solver.parameters.random_seed = seed % 2**31
    model.hint(best.placements)
    model.model.minimize(aim)
    status = solver.solve(model.model, _Listener(best, model))
    best.budget.spend(UNIT * solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    best.take(model.placements(solver.value), METHOD)
    return solver.best_objective_bound


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, best: Best, model: SessionModel) -> None:
        super().__init__()
        self.best, self.session_model = best, model

    def on_solution_callback(self) -> None:
        """Hand each better plan on as it comes."""
        self.best.take(self.session_model.placements(self.value), METHOD)
