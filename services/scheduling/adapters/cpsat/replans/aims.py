"""What a replan wants: no move beyond those allowed, few sessions left out, few confirmed moved, few offered moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.linear import Floats, Ints, Linear
from services.scheduling.adapters.cpsat.replans.keeps import Keeps
from services.scheduling.adapters.cpsat.shape import Shape


@dataclass(frozen=True)
class Aim:
    """A number to keep small: ``sign`` x the sum of some variables, and ``more``. Each step weighs ``weight``."""

    variables: Ints
    sign: float
    more: int
    weight: int

    def value(self, x: Floats) -> int:
        """Return the number in a solution."""
        return round(self.sign * float(x[self.variables].sum())) + self.more

    def limit(self, model: Linear, value: int) -> int:
        """Keep the number at this value; return the row that does."""
        wanted = self.sign * (value - self.more)
        row = model.add_rows(1, below=wanted, above=wanted)
        model.put(row, self.variables, 1)
        return int(row[0])


def aims_of(model: Linear, shape: Shape, left: Ints, keeps: Keeps) -> tuple[Aim, ...]:
    """Return the aims, the most important first; one step of each weighs more than all of the next together."""
    (confirmed, offered), (of_confirmed, of_offered) = keeps.stays, keeps.released
    weights = [1]
    for most in (of_offered, of_confirmed, sum(shape.sizes) * len(shape.chain)):
        weights.insert(0, weights[0] * (most + 1))
    return (
        Aim(_beyond(model, shape, keeps), 1, 0, weights[0]),
        Aim(left.ravel(), 1, 0, weights[1]),
        Aim(confirmed, -1, of_confirmed, weights[2]),
        Aim(offered, -1, of_offered, weights[3]),
    )


def _beyond(model: Linear, shape: Shape, keeps: Keeps) -> Ints:
    """Add the number of moves beyond those allowed."""
    baseline, released = shape.problem.baseline, sum(keeps.released)
    allowed = baseline.most_moved if baseline and baseline.most_moved is not None else released
    beyond = model.add_columns([0.0], float(released), whole=False)
    row = model.add_rows(1, below=float(released - allowed))
    model.put(row, np.concatenate([*keeps.stays, beyond]), 1)
    return beyond


def proved_aims(aims: Sequence[Aim], values: Sequence[int], bound: float) -> int:
    """Return how many leading aims a bound of the weighed sum proves: one step less of an aim would undercut it."""
    reached = np.cumsum([value * aim.weight for aim, value in zip(aims, values, strict=True)])
    proved = np.ceil(bound - 1e-4) >= reached
    return len(values) if proved.all() else int(np.argmin(proved))
