"""A linear programme that GLOP solves again and again while it grows, each time from where it ended the time before."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    model_update_pb2,
    parameters_pb2,
)
from ortools.math_opt.core.python import solver as math_opt
from pybind11_abseil.status import StatusNotOk  # type: ignore[import-untyped]

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.linear import GLOP, Answer, Linear, answer_of, parameters_of, work


class Growing:
    """``model`` may get columns, rows and cells in either, and other upper limits of its rows, between two searches.

    ``budget``: where the work is counted, if anywhere.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self.model, self.budget = Linear(), budget
        self._begin()

    def _begin(self) -> None:
        """Take a solver that knows nothing yet."""
        self._solver = math_opt.new(GLOP, model_pb2.ModelProto(), parameters_pb2.SolverInitializerProto())
        self._columns, self._entries, self._cells, self._above = 0, 0, 0, np.empty(0)

    def solve(self, seconds: float) -> Answer:
        """Solve the programme as it is now; from the beginning where GLOP cannot go on from where it ended."""
        try:
            return self._solve(seconds)
        except StatusNotOk:
            self._begin()
            return self._solve(seconds)

    def _solve(self, seconds: float) -> Answer:
        parameters = parameters_of(GLOP, seconds)
        parameters.presolve = parameters_pb2.EMPHASIS_OFF
        parameters.lp_algorithm = self._tell()
        result = self._solver.solve(
            parameters,
            model_parameters_pb2.ModelSolveParametersProto(),
            None,
            callback_pb2.CallbackRegistrationProto(),
            None,
            None,
        )
        if self.budget:
            self.budget.spend(work(self._cells, GLOP, result.solve_stats.simplex_iterations))
        return answer_of(np.concatenate(self.model.cost), len(self.model.below), result)

    def _tell(self) -> int:
        """Tell the solver what is new; return the algorithm that can begin where it ended: primal for new columns."""
        update = model_update_pb2.ModelUpdateProto()
        self._tell_columns(update)
        limits_hold = self._tell_rows(update)
        rows, columns, values = self.model.cells(self._entries)
        self._entries, self._cells = len(self.model.entries), self._cells + len(rows)
        cells = update.linear_constraint_matrix_updates
        cells.row_ids.extend(rows.tolist())
        cells.column_ids.extend(columns.tolist())
        cells.coefficients.extend(values.tolist())
        if not self._solver.update(update):
            raise RuntimeError("the linear programme cannot grow")
        return parameters_pb2.LP_ALGORITHM_PRIMAL_SIMPLEX if limits_hold else parameters_pb2.LP_ALGORITHM_DUAL_SIMPLEX

    def _tell_columns(self, update: Any) -> None:
        model, new, first = self.model, update.new_variables, self._columns
        cost = np.concatenate(model.cost)[first:]
        numbers = np.arange(first, model.columns)
        new.ids.extend(numbers.tolist())
        new.lower_bounds.extend(np.concatenate(model.low)[first:].tolist())
        new.upper_bounds.extend(np.concatenate(model.high)[first:].tolist())
        new.integers.extend([False] * len(cost))
        update.objective_updates.linear_coefficients.ids.extend(numbers.tolist())
        update.objective_updates.linear_coefficients.values.extend(cost.tolist())
        self._columns = model.columns

    def _tell_rows(self, update: Any) -> bool:
        """Return whether no row is new and no limit another one."""
        model, new, known = self.model, update.new_linear_constraints, len(self._above)
        new.ids.extend(range(known, len(model.below)))
        new.lower_bounds.extend(model.below[known:])
        new.upper_bounds.extend(model.above[known:])
        above = np.array(model.above)
        other = np.flatnonzero(above[:known] != self._above)
        update.linear_constraint_updates.upper_bounds.ids.extend(other.tolist())
        update.linear_constraint_updates.upper_bounds.values.extend(above[other].tolist())
        self._above = above
        return known in (0, len(above)) and not len(other)
