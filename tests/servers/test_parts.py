"""Parts of a large problem over RabbitMQ: a worker killed in the middle loses none, and each comes back once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kombu import Connection

from services.scheduling.adapters.part_queue import PARTS, QueueWorkers
from services.scheduling.domain.checker import check
from services.scheduling.domain.solution import Solution
from services.scheduling.domain.territories import Part
from tests.stage import ROOT, address, eventually
from tests.unit.scheduling.rotations import a_chain

PART = Part(a_chain(), 1.0, 0)
LOST_AFTER = 4.0
"""Seconds after which a part of one second that has not come back is lost."""


@pytest.fixture
def amqp_url() -> str:
    """The broker, without parts of other tests."""
    url = address("QUINZAINE_TEST_AMQP_URL")
    with Connection(url) as connection:
        PARTS.bind(connection.default_channel).declare()
        PARTS.bind(connection.default_channel).purge()
    return url


class Workers:
    """Worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *mode: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.servers.part_worker", str(self.folder), *mode]
        self.processes.append(subprocess.Popen(command, cwd=ROOT))
        return self.processes[-1]

    def has_begun(self, worker: subprocess.Popen[bytes]) -> bool:
        return (self.folder / str(worker.pid)).exists()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """No worker yet; all are ended."""
    workers = Workers(tmp_path)
    yield workers
    for process in workers.processes:
        process.kill()
        process.wait()


class Asked:
    """Parts sent in a thread; ``plans``: what came back, in order of coming."""

    def __init__(self, url: str, parts: list[Part]) -> None:
        self.plans: list[tuple[int, Solution]] = []
        self.to_stop = threading.Event()
        self.thread = threading.Thread(target=self._ask, args=(url, parts))
        self.thread.start()

    def _ask(self, url: str, parts: list[Part]) -> None:
        for plan in QueueWorkers(url).solve(parts, self.to_stop.is_set):
            self.plans.append(plan)

    def stop(self) -> None:
        self.to_stop.set()
        self.thread.join()


@pytest.fixture
def ask(amqp_url: str) -> Iterator[Callable[[int], Asked]]:
    """Ask for so many parts."""
    asked: list[Asked] = []

    def begin(count: int) -> Asked:
        asked.append(Asked(amqp_url, [PART] * count))
        return asked[-1]

    yield begin
    for each in asked:
        each.stop()


def kill_in_the_middle(workers: Workers, *mode: str) -> None:
    """Kill a worker that has a part in hand; another takes its place."""
    first = workers.start(*mode)
    eventually(lambda: workers.has_begun(first))
    first.kill()
    workers.start(*mode)


def test_a_killed_workers_part_goes_to_another(ask: Callable[[int], Asked], workers: Workers) -> None:
    asked = ask(3)
    kill_in_the_middle(workers)
    eventually(lambda: not asked.thread.is_alive())
    assert sorted(i for i, _ in asked.plans) == [0, 1, 2]
    assert all(len(s.placements) == 4 and not check(PART.problem, s.placements) for _, s in asked.plans)


def test_control_that_lets_go_too_early_loses_a_part(ask: Callable[[int], Asked], workers: Workers) -> None:
    asked = ask(3)
    kill_in_the_middle(workers, "careless")
    eventually(lambda: len(asked.plans) == 2, 180)
    time.sleep(LOST_AFTER)
    asked.stop()
    assert len(asked.plans) == 2, "the kill must show; if it does not, this suite proves nothing"


def test_parts_that_nobody_waits_for_are_dropped(ask: Callable[[int], Asked], workers: Workers, amqp_url: str) -> None:
    left = ask(5)
    eventually(lambda: _waiting(amqp_url) == 5)
    left.stop()
    asked = ask(1)
    first = workers.start()
    eventually(lambda: not asked.thread.is_alive())
    assert (workers.has_begun(first), left.plans, [i for i, _ in asked.plans]) == (True, [], [0])
    assert _waiting(amqp_url) == 0


def test_workers_are_counted(amqp_url: str, workers: Workers) -> None:
    assert QueueWorkers(amqp_url).count() == 1, "nobody yet, but one will come"
    workers.start()
    workers.start()
    eventually(lambda: QueueWorkers(amqp_url).count() == 2)


def _waiting(url: str) -> int:
    with Connection(url) as connection:
        return int(PARTS.bind(connection.default_channel).queue_declare(passive=True).message_count)
