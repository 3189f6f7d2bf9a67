"""Our planner and its peers on the same instances, with the same time, in one session; each plan is checked.

usage: python benchmarks/planner/bench_peers.py [--seconds S] [--only PEER] [INSTANCE.json ...]     (make bench-peers)
The seconds (60) are those of a free core: before each run a busy loop measures which share of a core it gets, and the
wall limit grows by it, at most threefold. CPU seconds (children included) and wall seconds are both in the table.
--only (may be repeated) runs a planner again and keeps the other rows of the last run. PEERS_PYTHON names the Python of
the peers' own environment (var/peers-venv/bin/python).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
CHECKER = ROOT / "tests" / "rotation" / "check_rotation.py"
INSTANCES = (ROOT / "tests" / "rotation" / "instances" / "quinzaine2020.json", HERE / "instances" / "s50_0.json")
PEERS = (
    ("Quinzaine", "ours"),
    ("OR-Tools routing", "ortools_routing"),
    ("PyVRP, in two stages", "pyvrp_stages"),
    ("Timefold, in Python", "timefold_slots"),
    ("FET", "fet"),
    ("cheapest insertion, restarted", "shuffled"),
    ("cheapest insertion", "insertion"),
    ("first fit, by hand", "first_fit"),
)
MOST_STRETCH = 3.0
Row = dict[str, Any]


def main(arguments: argparse.Namespace) -> None:
    """Print one table for each instance; write the figures and pictures beside this file."""
    for instance in arguments.instances or INSTANCES:
        kept = HERE / f"peers_{instance.stem}.json"
        rows = json.loads(kept.read_text(encoding="utf-8")) if arguments.only and kept.exists() else []
        for name, module in PEERS:
            if not arguments.only or module in arguments.only:
                rows = [row for row in rows if row["module"] != module]
                rows.append(_run(name, module, instance, arguments.seconds))
        rows.sort(key=lambda row: [module for _, module in PEERS].index(row["module"]))
        kept.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        _draw(instance.stem, rows)
        _print(instance.stem, rows, arguments.seconds)


def _print(name: str, rows: list[Row], seconds: float) -> None:
    bound = _bound(rows)
    print(f"\n{name}, {seconds:.0f} s of a free core each, {os.cpu_count()} cores, our bound {bound}\n")
    print("| planner | placed | rules broken | cost of what is placed | above our bound | CPU s | wall s | load | MB |")
    print("|---" * 9 + "|")
    for row in rows:
        print(_line(row, bound), flush=True)


def ours(instance: str, solution: str, seconds: str) -> None:
    """Plan with the product in this process; write the plan and what was heard, with CPU seconds."""
    from services.scheduling.adapters.cpsat.solve import CpSat
    from services.scheduling.domain.rotation import from_instance, to_solution
    from services.scheduling.domain.solution import Progress

    problem = from_instance(json.loads(Path(instance).read_text(encoding="utf-8")))
    heard: list[Row] = []

    def report(progress: Progress) -> None:
        whole = progress.placed == len(problem.demands)
        heard.append({"cpu": _cpu(), "value": progress.value if whole else None, "bound": progress.bound})

    found = CpSat().solve(problem, seconds=float(seconds), seed=0, report=report)
    told = {**to_solution(problem, found), "heard": heard}
    Path(solution).write_text(json.dumps(told), encoding="utf-8")


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _stretch() -> float:
    """How many seconds of wall time one second of a core costs just now, at most MOST_STRETCH."""
    wall, cpu = time.monotonic(), time.process_time()
    while time.monotonic() < wall + 2:
        pass
    return min(MOST_STRETCH, 2 / max(0.1, time.process_time() - cpu))


def _run(name: str, module: str, instance: Path, seconds: float) -> Row:
    """Run one planner in a process of its own and let the public checker judge its plan."""
    limit, load = seconds * max(1.0, _stretch()), os.getloadavg()[0]
    peers_python = os.environ.get("PEERS_PYTHON", str(ROOT / "var" / "peers-venv" / "bin" / "python"))
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.json"
        told = [str(instance.resolve()), str(solution), f"{limit:.0f}"]
        command = [peers_python, "-m", "peers", module, *told]
        if module == "ours":
            command = [sys.executable, __file__, "--ours", *told]
        began = time.monotonic()
        with (Path(folder) / "said").open("w+", encoding="utf-8") as said:
            child = subprocess.Popen(command, cwd=HERE, stdout=said, stderr=said)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            last = (said.read().strip().splitlines() or ["no word"])[-1]
        row: Row = {"name": name, "module": module, "limit": round(limit)}
        row |= {"wall": round(time.monotonic() - began, 1), "cpu": round(used.ru_utime + used.ru_stime, 1)}
        row |= {"load": round(load, 1), "megabytes": used.ru_maxrss // 1024}
        if child.returncode or not solution.exists():
            return row | {"failed": last}
        return row | _judged(instance, solution)


def _judged(instance: Path, solution: Path) -> Row:
    checked = subprocess.run(
        [sys.executable, str(CHECKER), str(instance), str(solution)], capture_output=True, text=True, check=False
    )
    verdict = json.loads(checked.stdout)
    plan = json.loads(solution.read_text(encoding="utf-8"))
    problem = json.loads(instance.read_text(encoding="utf-8"))
    return {
        "asked": sum(len(group["chain"]) for group in problem["groups"]),
        "placed": verdict["placed"],
        "broken": verdict["n_errors"],
        "cost": verdict["total"] - verdict["cost"].get("unplaced", 0),
        **{key: plan[key] for key in ("status", "bound", "heard") if key in plan},
    }


def _bound(rows: list[Row]) -> float | None:
    return next((row["bound"] for row in rows if row["module"] == "ours" and row.get("bound")), None)


def _line(row: Row, bound: float | None) -> str:
    if "failed" in row:
        return f"| {row['name']} | not run: {row['failed']} | | | | {row['cpu']} | {row['wall']} | {row['load']} | |"
    whole = row["placed"] == row["asked"] and not row["broken"]
    gap = f"{(row['cost'] / bound - 1) * 100:.1f} %" if bound and whole else "-"
    proved = " (proved optimal)" if row.get("status") == "optimal" else ""
    plan = [row["name"], f"{row['placed']} of {row['asked']}", row["broken"], f"{row['cost']}{proved}", gap]
    used = [row[key] for key in ("cpu", "wall", "load", "megabytes")]
    return "| " + " | ".join(str(cell) for cell in [*plan, *used]) + " |"


def _draw(name: str, rows: list[Row]) -> None:
    from pictures import Bar, bars, steps

    done = [row for row in rows if "failed" not in row]
    drawn = [
        Bar(
            row["name"],
            row["cost"],
            f"{row['cost']} · {row['placed']} of {row['asked']}" + (" · rules broken" if row["broken"] else ""),
            row["placed"] == row["asked"] and not row["broken"],
        )
        for row in done
    ]
    bound = _bound(rows)
    title = f"{name}: cost of the sessions placed (yellow: plan not whole)"
    bars(HERE / f"peers_{name}.svg", title, drawn, bound, f"our bound {bound or 0:.0f}")
    heard = next((row["heard"] for row in done if "heard" in row), [])
    values = [(word["cpu"], word["value"]) for word in heard if word["value"] is not None]
    bounds = [(word["cpu"], word["bound"]) for word in heard if word["bound"] is not None]
    if values:
        steps(HERE / f"ours_{name}.svg", f"{name}: Quinzaine's best whole plan and its bound", values, bounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("instances", nargs="*", type=Path, metavar="INSTANCE.json")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", action="append", choices=[module for _, module in PEERS])
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ours"]:
        ours(*sys.argv[2:5])
    else:
        main(_arguments())
