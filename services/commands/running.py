"""Quinzaine in one process: the embedded house with its web and mail doors, kept in one data directory."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import uvloop

from services.embedded import House, ask_in_thread
from services.kit import logs
from services.kit.kept import with_secrets
from services.kit.organisations import FIRST
from services.kit.settings import SettingError, Settings
from services.notifications.service import NotificationsService
from services.portal.doors import Household, open_doors
from services.registration.service import RegistrationService
from services.scheduling.service import SchedulingService

SERVICES = (RegistrationService, SchedulingService, NotificationsService)


@contextmanager
def running(settings: Settings) -> Iterator[House]:
    """Run the house of one organisation and its doors for the length of the block. Raises SettingError."""
    with running_all({FIRST: settings}) as houses:
        yield houses[FIRST]


@contextmanager
def running_all(organisations: Mapping[str, Settings]) -> Iterator[dict[str, House]]:
    """Run a house for each organisation, and their common doors, for the length of the block.

    Raises SettingError, with one sentence, when a data directory is in use or a port is busy.
    """
    with ExitStack() as stack:
        for settings in organisations.values():
            stack.enter_context(_lock(settings.data_dir))
        first = next(iter(organisations.values()))
        stack.enter_context(_logging_to(first.data_dir / "quinzaine.log", first.log_level))
        houses = {}
        for name, settings in organisations.items():
            houses[name] = House(SERVICES, with_secrets(settings))
            stack.callback(houses[name].stop)
        doors = _DoorsThread(list(houses.values()))
        stack.callback(doors.stop)
        for house in houses.values():
            house.start()
        doors.start()
        yield houses


@contextmanager
def _logging_to(path: Path, level: str) -> Iterator[None]:
    handlers = logging.getLogger().handlers[:]
    with path.open("a", encoding="utf-8") as file:
        logs.configure("quinzaine", level, file)
        try:
            yield
        finally:
            logging.getLogger().handlers[:] = handlers


class _DoorsThread:
    """The portal's event loop in a thread of its own, so that the main thread is free for signals and progress."""

    def __init__(self, houses: Sequence[House]) -> None:
        self._houses = houses
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop = uvloop.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="doors", daemon=True)

    def start(self) -> None:
        """Open the doors; raise what kept them shut."""
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """Close the doors and wait for requests under way."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            households = [Household(ask_in_thread(house), house.settings) for house in self._houses]
            self._loop.run_until_complete(open_doors(households, self._closing, self._ready.set))
        except BaseException as failure:
            self._failure = failure
        finally:
            self._ready.set()
            self._loop.close()


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lock(data_dir: Path) -> IO[str]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("a", encoding="ascii")
    except OSError as error:
        raise SettingError(f"The data directory {data_dir} cannot be used: {error.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise SettingError(
            f"Quinzaine already runs on the data in {data_dir}: stop it first, or give another QUINZAINE_DATA_DIR."
        ) from None
    return lock
