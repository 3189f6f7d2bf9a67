"""The peers of the benchmark that need nothing installed: the public checker finds no fault in their plans."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE, PLANNER = Path(__file__).parent, Path(__file__).parents[2] / "benchmarks" / "planner"
INSTANCE = HERE / "instances" / "quinzaine2020.json"


def verdict(peer: str, folder: Path) -> dict[str, Any]:
    """Run a peer as the benchmark does; return what the checker says."""
    solution = folder / "solution.json"
    subprocess.run([sys.executable, "-m", "peers", peer, INSTANCE, solution, "1"], cwd=PLANNER, check=True)
    checker = [sys.executable, HERE / "check_rotation.py", INSTANCE, solution]
    said = subprocess.run(checker, stdout=subprocess.PIPE, check=False)
    return dict(json.loads(said.stdout))


@pytest.mark.parametrize(("peer", "placed"), [("first_fit", 59), ("insertion", 61)])
def test_a_peers_plan_keeps_every_rule_and_leaves_few_sessions_out(peer: str, placed: int, tmp_path: Path) -> None:
    said = verdict(peer, tmp_path)

    assert said["errors"] == []
    assert said["placed"] == placed


def test_a_peers_own_cost_is_the_checkers(tmp_path: Path) -> None:
    script = (
        "import json, sys; from peers import insertion; from peers.ground import Ground;"
        "ground = Ground(json.load(open(sys.argv[1])));"
        "plan = insertion.one_pass(ground, list(range(len(ground.sites))));"
        "json.dump({'sessions': plan.sessions()}, open(sys.argv[2], 'w')); print(insertion.value(ground, plan))"
    )
    solution = tmp_path / "solution.json"
    own = subprocess.run(
        [sys.executable, "-c", script, INSTANCE, solution], cwd=PLANNER, stdout=subprocess.PIPE, check=True
    )
    checker = [sys.executable, HERE / "check_rotation.py", INSTANCE, solution]
    said = json.loads(subprocess.run(checker, stdout=subprocess.PIPE, check=False).stdout)

    counted = said["total"] - said["cost"]["fair"] - said["cost"]["end"]
    assert int(own.stdout) == counted
