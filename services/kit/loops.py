"""Run a service's background work until told to stop; both hosts use it, in threads or in green threads."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from sqlalchemy.exc import OperationalError

from services.kit.application import Application, Loop
from services.kit.outbox import Deliver, relay

log = logging.getLogger(__name__)

RELAY_PAUSE = 0.5
GATHER = 0.05
"""Seconds that events wait for others, so that those of a rush leave together: one look at the outbox for many."""


def loops_of(application: Application[Any], deliver: Deliver) -> tuple[Loop, ...]:
    """Return the application's loops and the one that empties its outbox through ``deliver``."""
    sending = Loop("relay", lambda: relay(application.database, application.messages, deliver), RELAY_PAUSE)
    return (sending, *application.all_loops())


def keep_running(application: Application[Any], loop: Loop, stopping: threading.Event) -> None:
    """Tick until ``stopping``; a failure is logged and the loop goes on after its pause."""
    while not stopping.is_set():
        try:
            busy = loop.tick()
        except Exception as error:
            known = isinstance(error, (OSError, OperationalError))  # broker or database away: no need for the stack
            log.warning("%s-%s failed, it goes on: %s", application.name, loop.name, error, exc_info=not known)
            busy = False
        if not busy:
            _pause(application, loop, stopping)


def _pause(application: Application[Any], loop: Loop, stopping: threading.Event) -> None:
    if loop.name == "relay":
        if application.wake.wait(loop.pause) and not stopping.is_set():
            time.sleep(GATHER)
        application.wake.clear()
    else:
        stopping.wait(loop.pause)
