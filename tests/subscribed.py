"""What every calendar that subscribes to a feed must follow, and the portal it fetches the feed from."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from services.commands.running import free_port
from services.contracts import rpc
from services.notifications.handlers import links
from services.portal.app import create_app
from tests.unit.notifications.builders import a_session, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import NAMES, Bureau
from tests.unit.notifications.test_scenarios_feed import token
from tests.unit.portal.fakes import SETTINGS

Shown = list[list[str]]
"""Start in Paris, title and STATUS of each event, by start."""


@contextmanager
def followed() -> Iterator[tuple[str, Iterator[Shown]]]:
    """Serve a provider's feed; give its address, and the steps of its story: each yields what is to be shown then."""
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    bureau.hear(released(1, ROBOTICS, BELLEU))
    bureau.send()
    web = Web(bureau)
    try:
        yield f"http://127.0.0.1:{web.port}/feeds/{token(bureau)}.ics", _story(bureau)
    finally:
        web.stop()


ROBOTICS, _, BELLEU, _ = sessions()


def _story(bureau: Bureau) -> Iterator[Shown]:
    acy, belleu = "Robotique - École d’Acy (CM1 groupe 1)", "Robotique - École de Belleu (CM1 groupe 1)"
    afternoon = ["2020-11-03 14:00", belleu, "CONFIRMED"]
    yield [["2020-11-03 09:00", acy, "CONFIRMED"], afternoon]
    bureau.hear(released(2, a_session(hour=10), BELLEU))
    yield [["2020-11-03 10:00", acy, "CONFIRMED"], afternoon]
    bureau.hear(released(3, BELLEU))
    yield [["2020-11-03 10:00", f"ANNULÉ - {acy}", "CANCELLED"], afternoon]
    bureau.tx.invitations.kept = {uid: kept for uid, kept in bureau.tx.invitations.kept.items() if kept.live}
    bureau.hear(released(4, a_session("belleu", hour=15)))
    yield [["2020-11-03 15:00", belleu, "CONFIRMED"]]


def until(look: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Return what ``look`` finds once it finds something; fail when the time is over."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, what
        time.sleep(0.1)
    return found


class Web:
    """The portal on a port of its own, with nothing but the feeds of a bureau behind it."""

    def __init__(self, bureau: Bureau) -> None:
        self.port = free_port()

        async def ask(request: Any, traceid: str = "") -> Any:
            assert isinstance(request, rpc.GetFeed)
            return links.get_feed(request, bureau.tx, names=NAMES)

        self._server = uvicorn.Server(uvicorn.Config(create_app(ask, SETTINGS), port=self.port, log_config=None))
        self._thread = threading.Thread(target=asyncio.run, args=(self._server.serve(),))
        self._thread.start()
        until(lambda: self._server.started, "the portal does not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)
