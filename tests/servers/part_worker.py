"""``python -m tests.servers.part_worker FOLDER [careless]``: a worker at the queue of parts, with a slow solver.

It leaves a file named after its process in FOLDER once it has a part in hand. ``careless``: the control, which lets
go of a part before it is solved.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.settle import solution_of
from services.scheduling.adapters.part_queue import PartQueue
from services.scheduling.adapters.solver_thread import SolverThread
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Solution
from services.scheduling.domain.territories import Part
from services.scheduling.handlers.parts import PartLoop


class Slow:
    """Takes as long as it may, then plans by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def solve(self, problem: Problem, *, seconds: float, seed: int, **_others: Any) -> Solution:
        """See ports.Solver."""
        (self.folder / str(os.getpid())).touch()
        time.sleep(seconds)
        return solution_of(problem, first_plan(problem), None, "insertion")


class Careless(PartQueue):
    """Acknowledges what it has only received."""

    def take(self) -> Part | None:
        """See ports.Parts."""
        part = super().take()
        if part:
            self._mine.ack()
            self._mine = SimpleNamespace(properties=self._mine.properties, ack=lambda: None)
        return part


if __name__ == "__main__":
    queue = Careless if "careless" in sys.argv else PartQueue
    loop = PartLoop(queue(os.environ["QUINZAINE_TEST_AMQP_URL"]), SolverThread(Slow(Path(sys.argv[1]))))
    while True:
        time.sleep(0 if loop.tick() else 0.05)
