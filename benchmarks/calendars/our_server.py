"""Our feed as a town serves it: portal and notifications in one process. ``python our_server.py PORT DATA_DIR``.

Prints the path of the feed of 62 sessions, then serves it until ended.
"""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import uvicorn

from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.events import Envelope, Event
from services.embedded import House, ask_in_thread
from services.kit.settings import Settings
from services.notifications.service import NotificationsService
from services.portal.app import create_app
from tests.unit.notifications.builders import EDITION_ID, NOW, a_session, edition_opened, registered, released

EVENTS = 62


def tell(house: House, event: Event) -> None:
    """Let notifications hear of something."""
    about = (event.source, event.type(), NOW, 1, "trace", event.subject, 1)
    envelope = Envelope(uuid.uuid4().hex, *about, encode(event))
    house.applications["notifications"].receive(type(event), encode(envelope))


def main(port: int, data_dir: str) -> None:
    """Serve until ended."""
    settings = Settings(data_dir=Path(data_dir), secret="x" * 32, port=port)
    house = House([NotificationsService], settings)
    first = a_session()
    shifts = [dt.timedelta(days=number // 4, hours=number % 4) for number in range(EVENTS)]
    plan = [
        replace(first, id=f"{number}", start=first.start + shift, end=first.end + shift)
        for number, shift in enumerate(shifts)
    ]
    for event in (edition_opened(), registered(), released(1, *plan)):
        tell(house, event)
    token = next(party.feed_token for party in house.ask(rpc.ListParties(EDITION_ID)) if party.id == "truck")
    print(f"/feeds/{token}.ics", flush=True)
    uvicorn.run(create_app(ask_in_thread(house), settings), port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
