"""The portal as a process of its own: the same doors as in the embedded house, asking over RabbitMQ."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence

import uvloop

from services.kit import logs
from services.kit.amqp import AmqpAsk
from services.kit.kept import with_secrets
from services.kit.organisations import organisations
from services.kit.settings import SettingError, Settings
from services.portal.doors import Household, open_doors

log = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Keep the doors open until SIGTERM or SIGINT; return the exit code.

    Raises SettingError for what is missing or a busy port. It opens without the broker, and says 503 until it is there.
    """
    for name in ("amqp_url", "secret"):
        if not getattr(settings, name):
            raise SettingError(f"QUINZAINE_{name.upper()} is empty: the portal needs it beside the other services.")
    logs.configure("portal", settings.log_level)
    uvloop.run(_serve([with_secrets(one) for one in organisations(settings).values()]))
    return 0


async def _serve(organisations: Sequence[Settings]) -> None:
    closing = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, closing.set)
    asks = [AmqpAsk(settings.amqp_url) for settings in organisations]
    addresses = ", ".join(settings.base_url for settings in organisations)
    try:
        households = [Household(ask, settings) for ask, settings in zip(asks, organisations, strict=True)]
        await open_doors(households, closing, lambda: log.info("the portal answers on %s", addresses))
    finally:
        for ask in asks:
            await ask.close()
    log.info("stopped")
