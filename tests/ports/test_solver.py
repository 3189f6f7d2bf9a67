"""One suite for every adapter of the port Solver: in this process, and as a child process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from services.contracts import codec, errors
from services.scheduling.adapters.cpsat.shape import shape_of
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.adapters.solver_process import SolverProcess
from services.scheduling.adapters.spool import Request, Spool
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Baseline, Placement, Problem
from services.scheduling.domain.score import moved, total
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from tests.unit.scheduling.rotations import MONDAY, a_chain, a_pass, closed, problem_2020


@pytest.fixture(params=[CpSat, SolverProcess], ids=["in process", "child process"])
def solver(request):
    return request.param()


def solve(solver, problem: Problem, seconds: float = 15) -> Solution:
    """Solve, and hold the answer to what the port promises of every answer."""
    heard: list[Progress] = []
    solution = solver.solve(problem, seconds=seconds, seed=1, report=heard.append)
    assert check(problem, solution.placements) == ()
    assert solution.value == total(problem, solution.placements)
    placed = {p.demand_id for p in solution.placements}
    assert set(solution.unplaced) == {d.id for d in problem.demands} - placed
    assert solution.bound is None or solution.bound <= solution.value
    assert heard[-1].placed == len(placed)
    assert heard[-1].value == solution.value
    return solution


def test_a_small_chain_is_planned_whole(solver):
    solution = solve(solver, a_chain())
    assert (solution.unplaced, solution.method) == ((), "day routes")


def test_what_does_not_fit_is_left_out_and_named(solver):
    problem = a_chain(groups=9, sites=1, length=1)
    solution = solve(solver, problem)
    assert (len(solution.placements), len(solution.unplaced)) == (4, 14)


def test_nothing_to_plan_is_a_plan(solver):
    solution = solve(solver, replace(a_chain(), demands=()))
    assert (solution.placements, solution.unplaced) == ((), ())


def test_no_team_at_all_leaves_everything_out(solver):
    solution = solve(solver, replace(a_chain(), crews=()))
    assert solution.placements == ()
    assert len(solution.unplaced) == 4


def test_a_pass_internet_is_planned_by_lots(solver):
    problem = a_pass(classes=1, length=5)
    assert shape_of(problem) is None
    solution = solve(solver, problem, seconds=60)
    assert (solution.unplaced, solution.status, solution.method) == ((), "optimal", "lots")


def test_a_pin_holds(solver):
    pin = Placement("g1-robotics", "truck", "school1", MONDAY, 600)
    solution = solve(solver, replace(a_chain(), pins=(pin,)))
    assert solution.unplaced == ()
    assert pin in solution.placements


def test_pins_against_the_rules_are_refused(solver):
    pin = Placement("g1-robotics", "truck", "school1", MONDAY, 300)
    with pytest.raises(SolverFailed, match="ne peut pas être fixée"):
        solver.solve(replace(a_chain(), pins=(pin,)), seconds=60, seed=1, report=lambda progress: None)


def test_a_pin_before_which_nothing_can_come_is_refused_with_the_rule(solver):
    pin = Placement("g1-video", "film", "school1", MONDAY, 600)
    with pytest.raises(SolverFailed, match="chain"):
        solver.solve(replace(a_chain(), pins=(pin,)), seconds=60, seed=1, report=lambda progress: None)


@pytest.mark.parametrize("problem", [a_chain(groups=4, length=6), a_pass()], ids=["day routes", "sessions"])
def test_replanning_an_unchanged_problem_changes_nothing(solver, problem):
    released = solve(solver, problem).placements
    again = solve(solver, replace(problem, baseline=Baseline(released)))
    assert set(again.placements) == set(released)


@pytest.mark.parametrize("problem", [a_chain(groups=4, length=6), a_pass()], ids=["day routes", "sessions"])
def test_replanning_moves_only_what_a_closure_hits(solver, problem):
    released = solve(solver, problem).placements
    one = max(released, key=lambda p: (p.day, p.demand_id))
    hit = {p.demand_id for p in released if (p.site_id, p.day) == (one.site_id, one.day)}
    elsewhere = tuple(demand for demand in problem.demands if demand.id in hit)
    changed = replace(closed(problem, one.site_id, one.day), baseline=Baseline(released, frozenset()))
    solution = solve(solver, changed)
    assert solution.unplaced == ()
    assert set(moved(changed, solution.placements)["offered"]) == {demand.id for demand in elsewhere}


@pytest.mark.parametrize("problem", [a_chain(groups=4, length=6), a_pass()], ids=["day routes", "sessions"])
def test_the_past_stays_as_it_was(solver, problem):
    released = solve(solver, problem).placements
    frozen_before = sorted({p.day for p in released})[1]
    site = next(p.site_id for p in released if p.day >= frozen_before)
    later = [day for day in problem.days if day >= frozen_before]
    changed = replace(closed(problem, site, later[0]), baseline=Baseline(released, frozenset(), frozen_before))
    solution = solve(solver, changed)
    assert {p for p in solution.placements if p.day < frozen_before} == {p for p in released if p.day < frozen_before}


def test_the_2020_edition_is_placed_whole(solver):
    solution = solve(solver, problem_2020(), seconds=120)
    assert solution.unplaced == ()
    assert solution.bound is not None
    assert 4000 < solution.bound <= 4196 <= solution.value < 4500


def test_the_same_seed_gives_the_same_plan():
    problem = a_chain(groups=6, sites=3, length=8)
    plans = [solve(CpSat(), problem, seconds=30).placements for _ in range(2)]
    assert plans[0] == plans[1]


def test_a_problem_crosses_as_json_unchanged():
    released = (Placement("c0-meet", "officer", "school0", MONDAY, 510),)
    sites = tuple(replace(s, disliked={MONDAY: (10, 25)}) for s in a_pass().sites)
    problem = replace(a_pass(), sites=sites, baseline=Baseline(released, frozenset({"c0-meet"}), MONDAY), pins=released)
    assert codec.loads(Problem, codec.dumps(problem)) == problem


def test_cancelling_stops_the_child_and_hands_back_its_best():
    stop = threading.Event()
    began = time.monotonic()

    def report(progress: Progress) -> None:
        if progress.placed:
            stop.set()

    with pytest.raises(SolverCancelled) as cancelled:
        SolverProcess().solve(problem_2020(), seconds=120, seed=1, report=report, cancelled=stop.is_set)
    assert time.monotonic() - began < 100
    assert cancelled.value.best is not None
    assert check(problem_2020(), cancelled.value.best.placements) == ()


def a_child(tmp_path: Path, body: str) -> tuple[str, ...]:
    """Return the command of a child that runs ``body`` with ``spool`` and ``best`` (a plan of nothing) at hand."""
    script = tmp_path / "child.py"
    head = """
        import os, signal, sys, time
        from pathlib import Path
        from services.scheduling.adapters.spool import Spool
        from services.scheduling.domain.solution import Solution
        spool, best = Spool(Path(sys.argv[-1])), Solution((), (), "feasible", 5.0, None)
    """
    script.write_text(textwrap.dedent(head) + textwrap.dedent(body), encoding="utf-8")
    return sys.executable, str(script)


def fail(command: tuple[str, ...]) -> SolverFailed:
    with pytest.raises(SolverFailed) as failure:
        SolverProcess(command=command).solve(a_chain(), seconds=5, seed=1, report=lambda progress: None)
    return failure.value


def test_a_crash_is_a_failure_with_the_last_words_and_the_best_plan(tmp_path):
    command = a_child(tmp_path, 'spool.write_best(best); print("out of oil", file=sys.stderr); os.abort()')
    failure = fail(command)
    assert failure.reason == errors.Problem("solver_crashed", {"detail": f"{-signal.SIGABRT}, out of oil"})
    assert failure.best == Solution((), (), "feasible", 5.0, None)


def test_a_crash_before_any_plan_has_no_best(tmp_path):
    failure = fail(a_child(tmp_path, "os.abort()"))
    assert (failure.reason, failure.best) == (errors.Problem("solver_crashed", {"detail": str(-signal.SIGABRT)}), None)


def test_a_child_killed_behind_our_back_lacked_memory_and_leaves_its_best_plan(tmp_path):
    failure = fail(a_child(tmp_path, "spool.write_best(best); os.kill(os.getpid(), signal.SIGKILL)"))
    assert failure.reason == errors.Problem("solver_out_of_memory")
    assert failure.best == Solution((), (), "feasible", 5.0, None)


def test_a_child_that_finds_nothing_in_time_says_so(tmp_path):
    command = a_child(tmp_path, "time.sleep(600)")
    with pytest.raises(SolverFailed) as failure:
        SolverProcess(command=command, grace=0).solve(a_chain(), seconds=0.2, seed=1, report=lambda progress: None)
    assert (failure.value.reason, failure.value.best) == (errors.Problem("solver_overtime"), None)


def test_too_little_memory_is_a_failure_and_not_the_end_of_us():
    with pytest.raises(SolverFailed) as failure:
        SolverProcess(memory=150 * 2**20).solve(problem_2020(), seconds=5, seed=1, report=lambda progress: None)
    assert failure.value.reason == errors.Problem("solver_out_of_memory")


def test_a_child_that_does_not_end_is_killed_and_its_best_plan_taken(tmp_path):
    command = a_child(tmp_path, "spool.write_best(best); time.sleep(600)")
    solver = SolverProcess(command=command, grace=0)
    solution = solver.solve(a_chain(), seconds=10, seed=1, report=lambda progress: None)
    assert solution == Solution((), (), "feasible", 5.0, None)


def test_a_child_does_not_outlive_its_parent(tmp_path):
    request = Request(problem_2020(), 300, 1, 0)
    parent = textwrap.dedent("""
        import os, subprocess, sys, time
        from dataclasses import replace
        from pathlib import Path
        from services.contracts import codec
        from services.scheduling.adapters.spool import Request, Spool
        spool = Spool(Path(sys.argv[1]))
        request = codec.loads(Request, spool.request.read_text(encoding="utf-8"))
        spool.write_request(replace(request, parent=os.getpid()))
        child = subprocess.Popen([sys.executable, "-m", "services.scheduling.adapters.cpsat", sys.argv[1]])
        print(child.pid, flush=True)
        while not spool.best.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), 9)
    """)
    Spool(tmp_path).write_request(request)
    done = subprocess.run(
        [sys.executable, "-c", parent, str(tmp_path)], stdout=subprocess.PIPE, check=False, timeout=120
    )
    child = int(done.stdout)
    assert done.returncode == -signal.SIGKILL
    assert gone_soon(child)


def gone_soon(pid: int) -> bool:
    """Whether the process ends within ten seconds (a zombie nobody waits for has ended)."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_it_works_among_green_threads():
    script = textwrap.dedent("""
        import warnings; warnings.simplefilter("ignore")
        import eventlet; eventlet.monkey_patch()
        from services.scheduling.adapters.solver_process import SolverProcess
        from tests.unit.scheduling.rotations import a_chain
        ticks = []
        def tick():
            while True:
                ticks.append(1)
                eventlet.sleep(0.02)
        eventlet.spawn(tick)
        solution = SolverProcess().solve(a_chain(), seconds=60, seed=1, report=lambda progress: None)
        print(len(solution.placements), len(ticks) > 10)
    """)
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == ["4", "True"], done.stderr
