"""What a solver says: how far it is, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.contracts import errors
from services.scheduling.domain.moves import Moves
from services.scheduling.domain.problem import Placement

MOST_STEPS = 100_000_000
"""Steps of work that a solve may be given."""


@dataclass(frozen=True)
class Progress:
    """A word from a running solver. ``elapsed`` in seconds since it started; None: not known yet.

    ``value`` is the cost of the best plan so far, ``bound`` a proven lower bound of every plan's cost.
    ``moves``: of that plan, with a baseline.
    """

    phase: str
    placed: int | None
    value: float | None
    bound: float | None
    elapsed: float
    moves: Moves | None = None


@dataclass(frozen=True)
class Solution:
    """A plan found. ``unplaced``: ids of the demands left out; ``value``: its cost.

    ``status`` is ``optimal`` only when ``bound`` proves that no plan is cheaper. With a baseline, fewer moves come
    before cost: ``bound`` is then of the plans that move as few, and ``optimal`` covers the sessions moved too.
    ``method``: ``day routes``, ``large day routes`` or ``territories`` (fast form), else ``lots``, ``sessions``,
    ``renewal`` or ``insertion``. ``moves``: None without a baseline. ``steps``: the budget with which the same problem
    and seed give this plan again; None: it depends on the time there was.
    """

    placements: tuple[Placement, ...]
    unplaced: tuple[str, ...]
    status: Literal["optimal", "feasible"]
    value: float
    bound: float | None
    method: str = ""
    moves: Moves | None = None
    steps: int | None = None


class SolverFailed(Exception):
    """The solver ended without an answer; ``best`` is the best plan it had found until then."""

    def __init__(self, reason: errors.Problem, best: Solution | None = None) -> None:
        super().__init__(errors.SENTENCES.get(reason.code, reason.code).format_map(reason.facts))
        self.reason = reason
        self.best = best


class SolverCancelled(SolverFailed):
    """The caller stopped the solver before it was done."""

    def __init__(self, best: Solution | None = None) -> None:
        super().__init__(errors.Problem("solver_stopped"), best)
