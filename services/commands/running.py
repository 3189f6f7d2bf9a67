"""Quinzaine in one process: the embedded house with its web and mail doors, kept in one data directory."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from services.embedded import House, ask_in_thread
from services.kit import logs
from services.kit.settings import SettingError, Settings
from services.notifications.service import NotificationsService
from services.portal.doors import open_doors
from services.registration.service import RegistrationService
from services.scheduling.service import SchedulingService

SERVICES = (RegistrationService, SchedulingService, NotificationsService)


@contextmanager
def running(settings: Settings) -> Iterator[House]:
    """Run the house and its doors for the length of the block.

    Raises SettingError, with one sentence, when the data directory is in use or a port is busy.
    """
    lock = _lock(settings.data_dir)
    log_file = (settings.data_dir / "quinzaine.log").open("a", encoding="utf-8")
    handlers = logging.getLogger().handlers[:]
    logs.configure("quinzaine", settings.log_level, log_file)
    settings = _with_secrets(settings)
    house = House(SERVICES, settings)
    doors = _DoorsThread(house, settings)
    try:
        house.start()
        doors.start()
        yield house
    finally:
        doors.stop()
        house.stop()
        logging.getLogger().handlers[:] = handlers
        log_file.close()
        lock.close()


class _DoorsThread:
    """The portal's event loop in a thread of its own, so that the main thread is free for signals and progress."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._house = house
        self._settings = settings
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
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
            ask = ask_in_thread(self._house)
            self._loop.run_until_complete(open_doors(ask, self._settings, self._closing, self._ready.set))
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


def _with_secrets(settings: Settings) -> Settings:
    return replace(
        settings,
        secret=settings.secret or _kept_secret(settings.data_dir / "links.secret", 32),
        organiser_password=settings.organiser_password or _kept_secret(settings.data_dir / "organiser.secret", 12),
    )


def _kept_secret(path: Path, size: int) -> str:
    """Return the secret in a file that only its owner can read, made at first use; never half written."""
    if not path.exists():
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(size))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    return path.read_text(encoding="ascii").strip()


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
