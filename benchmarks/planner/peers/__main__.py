"""Run one peer: python -m peers PEER INSTANCE.json SOLUTION.json SECONDS."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main(peer: str, instance: str, solution: str, seconds: str) -> None:
    """Write the rotation-1 solution of one peer."""
    problem = json.loads(Path(instance).read_text(encoding="utf-8"))
    sessions = importlib.import_module(f"peers.{peer}").solve(problem, float(seconds))
    Path(solution).write_text(json.dumps({"sessions": sessions}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:5])
