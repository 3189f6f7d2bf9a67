"""Solve one problem in a process of its own.

``python -m services.scheduling.adapters.cpsat DIRECTORY`` is the child of solver_process: it reads ``request.json``
there and writes ``progress.jsonl``, ``best.json`` and ``result.json``. ``... INSTANCE.json [SECONDS [SEED]]`` plans a
rotation-1 instance and prints the solution.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from services.contracts import codec
from services.contracts.errors import Problem
from services.scheduling.adapters.cpsat.solve import CpSat, solve_part
from services.scheduling.adapters.spool import Request, Spool, bind_to_parent, limit_memory
from services.scheduling.adapters.worker_pool import WorkerPool
from services.scheduling.domain.rotation import from_instance, to_solution
from services.scheduling.domain.solution import Progress, SolverFailed
from services.scheduling.ports import Workers


def main(arguments: list[str]) -> int:
    """Run as the arguments say; return the exit code: 0, or 3 when there is no plan (the reason is on stderr)."""
    path = Path(arguments[0])
    try:
        return _child(Spool(path)) if path.is_dir() else _instance(path, *arguments[1:3])
    except SolverFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 3


def _child(spool: Spool) -> int:
    try:
        return _answer(spool)
    except SolverFailed as failure:
        spool.write_failure(failure.reason)
    except MemoryError:
        spool.write_failure(Problem("solver_out_of_memory"))
    return 3


def _answer(spool: Spool) -> int:
    request = codec.loads(Request, spool.request.read_text(encoding="utf-8"))
    bind_to_parent(request.parent)
    limit_memory(request.memory)
    solver = CpSat(spool.write_best, _workers(request.workers))
    solution = solver.solve(
        request.problem,
        seconds=request.seconds,
        seed=request.seed,
        report=spool.write_progress,
        steps=request.steps,
    )
    spool.write_result(solution)
    return 0


def _workers(who: str) -> Workers | None:
    """Return who solves the parts of a large problem; see ``SolverProcess``. Imported late: most need no broker."""
    if who == "alone":
        return None
    if who:
        from services.scheduling.adapters.part_queue import QueueWorkers

        return QueueWorkers(who)
    return WorkerPool(solve_part)


def _instance(path: Path, seconds: str = "60", seed: str = "0") -> int:
    problem, began = from_instance(json.loads(path.read_text(encoding="utf-8"))), time.monotonic()
    solver = CpSat(workers=WorkerPool(solve_part))
    solution = solver.solve(problem, seconds=float(seconds), seed=int(seed), report=_tell)
    elapsed = round(time.monotonic() - began, 2)
    sys.stdout.write(json.dumps(to_solution(problem, solution, seconds=elapsed, seed=int(seed))) + "\n")
    return 0


def _tell(progress: Progress) -> None:
    sys.stderr.write(
        f"{progress.elapsed:7.1f} s  {progress.phase:<10} placed {progress.placed}  "
        f"value {progress.value}  bound {progress.bound}\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
