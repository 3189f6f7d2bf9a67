"""CPU seconds of explaining three editions that cannot be planned whole, and of refusing faulty files.

usage: python -m benchmarks.planner.bench_explain
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from services.contracts.errors import Refused
from services.scheduling.adapters.cpsat.explained.way_out import explain
from services.scheduling.domain import rotation
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.json_reader import read_json
from tests.unit.scheduling.rotations import instance_2020, problem_2020
from tests.unit.scheduling.test_explain import belleu_late, juvigny_once, the_plan, video_away

INSTANCE = json.dumps(instance_2020())
FAULTY = {
    "50 MB of one letter": b"x" * 50_000_000,
    "20 MB of brackets": b"[" * 20_000_000,
    "24 MB of numbers for days": b'{"format": "rotation-1", "days": [' + b"1," * 12_000_000 + b"1]}",
    "12 MB of keys for days": b'{"format": "rotation-1", "days": {'
    + b",".join(b'"%d":1' % i for i in range(999_998))
    + b"}}",
    "300,000 empty groups": json.dumps({**instance_2020(), "groups": [{}] * 300_000}).encode(),
    "a window reversed": INSTANCE.replace("[540, 720]", "[720, 540]", 1).encode(),
}


def cpu(job: Callable[[], object]) -> tuple[float, object]:
    """Return the CPU seconds a job takes in this process, and what it returns."""
    began = time.process_time()
    found = job()
    return time.process_time() - began, found


def refuse(raw: bytes) -> int:
    try:
        rotation.from_instance(read_json("file.json", raw))
    except Refused as refusal:
        return len(refusal.problems)
    return 0


def every_place() -> int:
    places = Places(problem_2020(), the_plan())
    return sum(len(places.others(placement.demand_id)) for placement in places.placed.values())


def main() -> None:
    for case in (juvigny_once, belleu_late, video_away):
        problem = case()
        seconds, found = cpu(lambda p=problem: explain(p, 60.0, conflict_seconds=60.0, verify=False))
        print(f"explain {case.__name__:14} {seconds:6.2f} s  {len(found)} sentences")
    seconds, found = cpu(every_place)
    print(f"all other places of all sessions of a 2020 plan {seconds:6.2f} s  {found} possible")
    for name, raw in FAULTY.items():
        seconds, faults = cpu(lambda r=raw: refuse(r))
        print(f"refuse {name:28} {seconds:6.2f} s  {faults} faults told")


if __name__ == "__main__":
    main()
