"""The files through which a solver's parent and child talk: no pipe to block on, and it outlives a crash."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from services.contracts import codec, errors
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Progress, Solution

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Request:
    """What the child is asked. ``parent``: process id; ``memory``: bytes of address space, 0 for no limit.

    ``workers``: who solve the parts of a large problem; see ``SolverProcess``. ``steps``: see ports.Solver.
    """

    problem: Problem
    seconds: float
    seed: int
    parent: int
    memory: int = 0
    workers: str = ""
    steps: int | None = None


class Spool:
    """One directory for one run of the solver."""

    def __init__(self, directory: Path) -> None:
        self.request = directory / "request.json"
        self.progress = directory / "progress.jsonl"
        self.best = directory / "best.json"
        self.result = directory / "result.json"
        self.failure = directory / "failure.json"
        self.errors = directory / "stderr.txt"

    def write_request(self, request: Request) -> None:
        _write_whole(self.request, codec.dumps(request))

    def write_progress(self, progress: Progress) -> None:
        with self.progress.open("a", encoding="utf-8") as lines:
            lines.write(codec.dumps(progress) + "\n")

    def write_best(self, solution: Solution) -> None:
        _write_whole(self.best, codec.dumps(solution))

    def write_result(self, solution: Solution) -> None:
        _write_whole(self.result, codec.dumps(solution))

    def write_failure(self, reason: errors.Problem) -> None:
        _write_whole(self.failure, codec.dumps(reason))

    def read_failure(self) -> errors.Problem | None:
        """Return why the child gave up, or None when it did not say."""
        return codec.loads(errors.Problem, self.failure.read_text(encoding="utf-8")) if self.failure.exists() else None

    def read_result(self) -> Solution | None:
        """Return the final plan, or None when there is none."""
        return _read(self.result)

    def read_best(self) -> Solution | None:
        """Return the best plan so far, or None when there is none."""
        return _read(self.best)

    def read_progress(self, offset: int) -> tuple[list[Progress], int]:
        """Return the whole lines written since ``offset`` bytes, and where to go on."""
        if not self.progress.exists():
            return [], offset
        with self.progress.open("rb") as lines:
            lines.seek(offset)
            fresh = lines.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        return [codec.decode(Progress, json.loads(line)) for line in whole.splitlines()], offset + len(whole)

    def last_errors(self, lines: int = 5) -> str:
        """Return the last lines the child wrote to its standard error."""
        if not self.errors.exists():
            return ""
        text = self.errors.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-lines:])


def bind_to_parent(parent: int) -> None:
    """Die when the parent dies, and before it when memory runs out (Linux); leave at once when it is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if os.getppid() != parent:
        raise SystemExit(4)


def limit_memory(size: int) -> None:
    """Refuse more than ``size`` bytes of address space to this process; 0 for no limit."""
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    draft = path.with_suffix(".tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _read(path: Path) -> Solution | None:
    return codec.loads(Solution, path.read_text(encoding="utf-8")) if path.exists() else None
