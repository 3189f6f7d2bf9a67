"""The house on RabbitMQ and PostgreSQL: one process per service, the same service classes as ``services.embedded``."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from services.kit import topology
from services.kit.hosting import Service
from services.kit.process import serve
from services.kit.settings import SettingError, Settings
from services.notifications.service import NotificationsService
from services.registration.service import RegistrationService
from services.scheduling.service import SchedulingService

HOUSE: dict[str, type[Service]] = {
    service.name: service for service in (RegistrationService, SchedulingService, NotificationsService)
}


def become_service(name: str) -> NoReturn:
    """Turn this process into that service; its settings come from the environment, its exit code from ``main``."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "services.green", name])  # noqa: S606


def declare_topology(settings: Settings) -> None:
    """Declare the exchanges and queues of all services on the broker of the settings."""
    topology.declare(settings.amqp_url, HOUSE.values())


def main(name: str) -> int:
    """Run one service until it is told to stop; a wrong setting or a missing server is one sentence and exit code 1."""
    try:
        return serve(HOUSE[name], HOUSE.values(), Settings.from_environment())
    except SettingError as fault:
        print(fault, file=sys.stderr)  # noqa: T201
        return 1
