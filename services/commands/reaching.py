"""Reach the services from the command line, wherever they run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from services.commands.journey import AskNow
from services.kit.settings import Settings


@contextlib.contextmanager
def reached(settings: Settings) -> Iterator[tuple[AskNow, str]]:
    """Ask the running services, or else the embedded house started on its data for the time it takes.

    The house's secret comes beside.
    """
    if settings.amqp_url:
        from services.kit.amqp import SyncAsk

        with SyncAsk(settings) as ask:
            yield ask, settings.secret
        return
    from services.commands.running import free_port, running

    with running(replace(settings, port=free_port(), mail_port=free_port())) as house:
        yield house.ask, house.settings.secret
