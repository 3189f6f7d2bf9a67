"""What a run may use up: seconds of the clock or, so that it can be repeated, steps of work with the clock beside them.

A step is about a millisecond of one core: cells that the exact search compares, cells and iterations of a programme,
CP-SAT's own count. What is counted depends on the problem and the seed alone, so a run that ends by its steps ends at
the same plan however busy the machine is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

STEPS = 1000.0
"""Steps that stand for a second wherever a search shares its time out."""

MARGIN = 0.05, 1.0
"""Share of the time, and seconds of it at most, by which a solver may end early because it sees the time run out."""


class Budget:
    """``steps``: None: time alone counts. With steps, ``seconds`` only end what takes far too long."""

    def __init__(self, seconds: float, steps: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.steps, self.clock, self.began = steps, clock, clock()
        self.until = self.began + seconds
        self.sure = self.until - min(MARGIN[0] * seconds, MARGIN[1])
        self.seconds = seconds if steps is None else steps / STEPS
        self.spent = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds of the clock since the beginning."""
        return self.clock() - self.began

    @property
    def is_cut(self) -> bool:
        """Whether there are steps, and the clock ended the run first: its plan may not be found again."""
        return self.steps is not None and self.clock() > self.sure

    @property
    def used(self) -> float:
        """Seconds used up, of the clock or as steps stand for them; these run out at once when the clock has cut in."""
        if self.steps is None:
            return self.elapsed
        return self.spent / STEPS if not self.is_cut else self.seconds + STEPS * (self.clock() - self.sure)

    @property
    def left(self) -> float:
        """Seconds left, of either kind."""
        return self.seconds - self.used

    def time_for(self, seconds: float) -> float:
        """Return the time limit of a search that gets so many of the seconds: with steps, all the time there is."""
        return max(0.01, seconds if self.steps is None else self.until - self.clock())

    def spend(self, steps: float) -> None:
        """Count work that was done."""
        self.spent += steps

    def beside(self, spent: Iterable[float]) -> None:
        """Count what processes with copies of this budget did side by side: as long as the one that did most."""
        self.spent = max(self.spent, *spent)
