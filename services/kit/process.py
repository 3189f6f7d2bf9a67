"""The process of one service on nameko and RabbitMQ: wait for the servers, declare the queues, work, stop when told.

Call it in a process where eventlet has patched the standard library before anything else was imported
(``services.green`` does).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import eventlet
import sqlalchemy as sa
from nameko.runners import ServiceRunner

from services.kit import logs, topology
from services.kit.database import service_database
from services.kit.hosting import Service
from services.kit.organisations import organisations
from services.kit.publishing import CONNECTION_ERRORS
from services.kit.settings import SettingError, Settings

log = logging.getLogger(__name__)

GRACE = 8.0
"""Seconds that work in hand has to finish after SIGTERM. What is cut off then is delivered again elsewhere."""


def serve(service_class: type[Service], house: Iterable[type[Service]], settings: Settings) -> int:
    """Run one service of the house, for each organisation, until SIGTERM or SIGINT; return the exit code.

    It is 0 when stopped as told, 1 when it failed, and so when it failed for one of them.

    Raises SettingError when RabbitMQ or the database is not to be had within ``settings.start_seconds``.
    """
    logs.configure(service_class.name, settings.log_level)
    houses = organisations(settings)
    _wait_for_servers(service_class.name, house, settings, houses.values())
    told = _Told()
    runner = ServiceRunner({})
    for name, one in houses.items():  # a container each: connections, queues, workers and tables of its own
        config = {"AMQP_URI": one.amqp_url, "HEARTBEAT": 10, "max_workers": 10, "settings": one}
        runner.service_map[name] = runner.container_cls(service_class, config)
    runner.start()
    log.info("%s runs for %s", service_class.name, ", ".join(houses))
    life = eventlet.spawn(runner.wait)
    while not told.to_stop and not life.dead:
        eventlet.sleep(0.1)
    return _stop(runner) if told.to_stop else _failed(life)


class _Told:
    """Remembers SIGTERM and SIGINT; the runner must not be stopped inside a signal handler."""

    def __init__(self) -> None:
        self.to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_signal: Any) -> None:
        self.to_stop = True


def _stop(runner: ServiceRunner) -> int:
    """Finish what is in hand. While the broker is away nameko cannot: leave all the same, nothing is lost."""
    try:
        with eventlet.Timeout(GRACE):
            eventlet.spawn(runner.stop).wait()
    except eventlet.Timeout:
        log.warning("work in hand was cut off after %s s; it will be delivered again", GRACE)
        sys.stderr.flush()
        os._exit(1)
    log.info("stopped")
    return 0


def _failed(life: Any) -> int:
    try:
        life.wait()
    except Exception:
        log.critical("the service died", exc_info=True)
    return 1


def _wait_for_servers(
    service: str, house: Iterable[type[Service]], settings: Settings, houses: Iterable[Settings]
) -> None:
    if not settings.amqp_url:
        raise SettingError(
            "QUINZAINE_AMQP_URL is empty: a service on its own needs RabbitMQ, such as amqp://user:password@host/."
        )
    deadline = time.monotonic() + settings.start_seconds
    classes = tuple(house)
    for one in houses:
        _keep_trying(partial(topology.declare, one.amqp_url, classes), "RabbitMQ", one.amqp_url, deadline)
        _keep_trying(partial(_touch_database, service, one), "PostgreSQL", one.database_url, deadline)


def _touch_database(service: str, settings: Settings) -> None:
    database = service_database(settings, service)
    try:
        with database.read() as connection:
            connection.execute(sa.text("select 1"))
    finally:
        database.close()


def _keep_trying(attempt: Callable[[], None], server: str, url: str, deadline: float) -> None:
    while True:
        try:
            return attempt()
        except (*CONNECTION_ERRORS, sa.exc.OperationalError) as error:
            if time.monotonic() > deadline:
                raise SettingError(_unreachable(server, url, error)) from None
            eventlet.sleep(0.5)


def _unreachable(server: str, url: str, error: Exception) -> str:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    place = urlsplit(url)
    variable = "QUINZAINE_AMQP_URL" if server == "RabbitMQ" else "QUINZAINE_DATABASE_URL"
    where = f"{place.hostname}:{place.port}" if place.port else place.hostname
    return f"{server} cannot be used at {where} ({reason}). Start it, or correct {variable}."
