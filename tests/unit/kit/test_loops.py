"""Background work goes on after a failure, at once while there is more to do, and ends when told."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from services.kit.application import Loop
from services.kit.loops import keep_running

APPLICATION: Any = SimpleNamespace(name="toy", wake=threading.Event())


def run(outcomes: list[bool | Exception], pause: float) -> int:
    """Tick through the outcomes, then stop; return the number of ticks."""
    stopping = threading.Event()
    ticks = 0

    def tick() -> bool:
        nonlocal ticks
        outcome = outcomes[ticks]
        ticks += 1
        if ticks == len(outcomes):
            stopping.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    keep_running(APPLICATION, Loop("work", tick, pause), stopping)
    return ticks


def test_busy_loop_does_not_pause() -> None:
    assert run([True] * 5, pause=3600) == 5


def test_failure_is_logged_and_the_loop_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert run([ValueError("oops"), ConnectionError("broker away"), True], pause=0) == 3
    assert [record.getMessage() for record in caplog.records] == [
        "toy-work failed, it goes on: oops",
        "toy-work failed, it goes on: broker away",
    ]
    assert [bool(record.exc_info) for record in caplog.records] == [True, False], "a server that is away needs no stack"


def test_stop_ends_a_pause() -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=keep_running, args=(APPLICATION, Loop("work", lambda: False, 3600), stopping))
    thread.start()
    stopping.set()
    thread.join(timeout=30)
    assert not thread.is_alive()
