"""The house on RabbitMQ and PostgreSQL: one process per service, the same service classes as ``services.embedded``."""

from __future__ import annotations

import sys

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


def declare_topology(settings: Settings) -> None:
    """Declare the exchanges and queues of all services on the broker of the settings."""
    topology.declare(settings.amqp_url, HOUSE.values())


def main(name: str) -> int:
    """Run one service until it is told to stop; a wrong setting or a missing server is one sentence and exit code 1."""
    try:
        settings = Settings.from_environment()
        if not settings.secret:
            raise SettingError("QUINZAINE_SECRET is empty: give the same 32 characters or more to every service.")
        return serve(HOUSE[name], HOUSE.values(), settings)
    except SettingError as fault:
        print(fault, file=sys.stderr)  # noqa: T201
        return 1
