"""Linear and mixed-integer models as arrays, solved by OR-Tools MathOpt (GLOP, HiGHS) without per-object cost.

MathOpt's Python model objects take seconds to build for tens of thousands of columns; its protobuf takes milliseconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver as math_opt

from services.scheduling.adapters.cpsat.budget import STEPS, Budget

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

GLOP = parameters_pb2.SOLVER_TYPE_GLOP
HIGHS = parameters_pb2.SOLVER_TYPE_HIGHS
SCIP = parameters_pb2.SOLVER_TYPE_GSCIP
INFINITY = float("inf")

LONG = 86_400.0
"""Seconds for what takes milliseconds and must come to its end."""

NODE, MOST_NODES = 0.05, 10**9
"""Steps of a node of the search tree for each cell of the model, and nodes at most where nothing else limits them."""


def grouped(keys: Sequence[NDArray[Any]]) -> tuple[Ints, Ints]:
    """Return the first of each set of equal rows, ascending by their keys, and the number of each row's set."""
    order = np.lexsort(keys[::-1])
    new = begins([key[order] for key in keys], len(order))
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return order[new], number


def begins(keys: Sequence[NDArray[Any]], count: int) -> NDArray[np.bool_]:
    """Return whether each of so many sorted rows differs from the one before."""
    new = np.zeros(count, bool)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return new


def grouped_rows(rows: NDArray[np.int8]) -> tuple[Ints, Ints]:
    """Return the same of a table of small counts, eight of them compared at a time."""
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 8)))
    return grouped(list(np.ascontiguousarray(padded).view(np.uint64).T))


@dataclass
class Linear:
    """Minimise ``cost @ x`` over ``low <= x <= high`` and rows ``below <= A x <= above``; it only grows."""

    cost: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    whole: list[NDArray[np.bool_]] = field(default_factory=list)
    columns: int = 0
    below: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)
    entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def add_columns(self, cost: Any, high: float = 1.0, *, low: float = 0.0, whole: bool = True) -> Ints:
        """Add a variable for each cost and return their numbers."""
        costs = np.atleast_1d(np.asarray(cost, dtype=float))
        self.cost.append(costs)
        self.low.append(np.full(len(costs), low))
        self.high.append(np.full(len(costs), high))
        self.whole.append(np.full(len(costs), whole))
        first, self.columns = self.columns, self.columns + len(costs)
        return np.arange(first, self.columns, dtype=np.int64)

    def add_rows(self, count: int, below: float = -INFINITY, above: float = INFINITY) -> Ints:
        """Add empty rows with these limits and return their numbers."""
        first = len(self.below)
        self.below.extend([below] * count)
        self.above.extend([above] * count)
        return np.arange(first, first + count, dtype=np.int64)

    def put(self, rows: Any, columns: Any, values: Any) -> None:
        """Add ``values`` to the cells (rows, columns); each may be one number for all."""
        shaped = np.broadcast_arrays(np.atleast_1d(rows), np.atleast_1d(columns), np.atleast_1d(values))
        self.entries.append(
            (shaped[0].ravel().astype(np.int64), shaped[1].ravel().astype(np.int64), shaped[2].ravel().astype(float))
        )

    def table(self) -> Table:
        """Return the finished model as flat arrays."""
        rows, columns, values = self.cells()
        return Table(
            np.concatenate(self.cost),
            np.concatenate(self.low),
            np.concatenate(self.high),
            np.concatenate(self.whole),
            np.array(self.below),
            np.array(self.above),
            rows,
            columns,
            values,
        )

    def cells(self, first: int = 0) -> tuple[Ints, Ints, Floats]:
        """Return the non-zero cells of all entries from the first on, row by row, equal cells added up."""
        if len(self.entries) == first:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
        rows, columns, values = (np.concatenate(part) for part in zip(*self.entries[first:], strict=True))
        cells, where = np.unique(rows * self.columns + columns, return_inverse=True)
        sums = np.bincount(where, weights=values)
        kept = np.flatnonzero(sums)
        return cells[kept] // self.columns, cells[kept] % self.columns, sums[kept].astype(float)


@dataclass(frozen=True)
class Table:
    """A model as arrays: a cost, limits and wholeness for each column, limits for each row, and the non-zero cells."""

    cost: Floats
    low: Floats
    high: Floats
    whole: NDArray[np.bool_]
    below: Floats
    above: Floats
    cell_row: Ints
    cell_column: Ints
    cell: Floats

    def only(self, columns: Ints) -> Table:
        """Return the model over some of its columns, in ascending order; the rows stay."""
        place = np.full(len(self.cost), -1, np.int64)
        place[columns] = np.arange(len(columns))
        kept = place[self.cell_column] >= 0
        return Table(
            self.cost[columns],
            self.low[columns],
            self.high[columns],
            self.whole[columns],
            self.below,
            self.above,
            self.cell_row[kept],
            place[self.cell_column[kept]],
            self.cell[kept],
        )

    def relaxed(self) -> Table:
        """Return the model without wholeness."""
        return replace(self, whole=np.zeros(len(self.whole), dtype=bool))

    def reduced(self, duals: Floats) -> Floats:
        """Return the reduced cost of every column."""
        paid = np.bincount(self.cell_column, weights=self.cell * duals[self.cell_row], minlength=len(self.cost))
        return np.asarray(self.cost - paid)

    def proto(self) -> Any:
        """Return the MathOpt protobuf of the model."""
        model = model_pb2.ModelProto()
        model.variables.ids.extend(range(len(self.cost)))
        model.variables.lower_bounds.extend(self.low.tolist())
        model.variables.upper_bounds.extend(self.high.tolist())
        model.variables.integers.extend(self.whole.tolist())
        priced = np.flatnonzero(self.cost)
        model.objective.linear_coefficients.ids.extend(priced.tolist())
        model.objective.linear_coefficients.values.extend(self.cost[priced].tolist())
        model.linear_constraints.ids.extend(range(len(self.below)))
        model.linear_constraints.lower_bounds.extend(self.below.tolist())
        model.linear_constraints.upper_bounds.extend(self.above.tolist())
        model.linear_constraint_matrix.row_ids.extend(self.cell_row.tolist())
        model.linear_constraint_matrix.column_ids.extend(self.cell_column.tolist())
        model.linear_constraint_matrix.coefficients.extend(self.cell.tolist())
        return model


@dataclass(frozen=True)
class Answer:
    """What a solver said. ``x``: the best values found, or None; ``bound``: of the value; ``proved``: x is optimal."""

    x: Floats | None
    value: float
    bound: float
    proved: bool
    infeasible: bool
    duals: Floats | None = None


def solve(
    model: Table,
    solver: int,
    *,
    seconds: float = LONG,
    seed: int = 0,
    gap: float = 0.99,
    nodes: int | None = None,
    budget: Budget | None = None,
) -> Answer:
    """Solve a model. ``gap``: distance to the bound at which to stop; ``nodes``: of the search tree at most.

    ``budget``: what ``seconds`` are of; with steps they limit the nodes, and the work done is counted.
    """
    if budget is not None:
        if budget.steps is not None:
            nodes = min(nodes or MOST_NODES, 1 + int(max(0.0, seconds) * STEPS / (NODE * len(model.cell) + 1)))
        seconds = budget.time_for(seconds)
    result = math_opt.solve(
        model.proto(),
        solver,
        parameters_pb2.SolverInitializerProto(),
        parameters_of(solver, seconds, seed, gap, nodes),
        model_parameters_pb2.ModelSolveParametersProto(),
        None,
        callback_pb2.CallbackRegistrationProto(),
        None,
        None,
    )
    if budget is not None:
        budget.spend(work(len(model.cell), solver, result.solve_stats.simplex_iterations))
    return answer_of(model.cost, len(model.below), result)


def work(cells: int, solver: int, iterations: int) -> float:
    """Return the steps of a solve, by what such solves were seen to take."""
    if solver == GLOP:
        return cells * (1 + iterations / 2000) / 1000
    return cells * 0.045 + iterations * (0.2 + cells / 100_000)


def parameters_of(solver: int, seconds: float, seed: int = 0, gap: float = 0.99, nodes: int | None = None) -> Any:
    """Return the parameters of a search."""
    parameters = parameters_pb2.SolveParametersProto()
    parameters.time_limit.FromTimedelta(dt.timedelta(seconds=max(0.01, seconds)))
    if solver == GLOP:
        return parameters
    parameters.absolute_gap_tolerance = gap
    parameters.relative_gap_tolerance = 0
    parameters.random_seed = seed % 2**31
    if nodes is not None:
        parameters.node_limit = nodes
    return parameters


def answer_of(cost: Floats, rows: int, result: Any) -> Answer:
    """Return what a solver said of a model with these columns and so many rows."""
    reason = result.termination.reason
    bounds = result.termination.objective_bounds
    x, duals = None, None
    if result.solutions and result.solutions[0].HasField("primal_solution"):
        values = result.solutions[0].primal_solution.variable_values
        x = np.zeros(len(cost))
        x[np.asarray(values.ids, dtype=np.int64)] = values.values
    if result.solutions and result.solutions[0].HasField("dual_solution"):
        values = result.solutions[0].dual_solution.dual_values
        duals = np.zeros(rows)
        duals[np.asarray(values.ids, dtype=np.int64)] = values.values
    value = float(cost @ x) if x is not None else INFINITY
    proved = reason == result_pb2.TERMINATION_REASON_OPTIMAL
    infeasible = reason in (
        result_pb2.TERMINATION_REASON_INFEASIBLE,
        result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED,
    )
    return Answer(x, value, bounds.dual_bound, proved, infeasible, duals)
