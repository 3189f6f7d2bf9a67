"""A process of the portal with registration behind it, as the embedded house runs them: requests in threads.

usage: python -m tests.rush.house PORT DATA_DIR DATABASE_URL [look-first]   (DATABASE_URL empty: SQLite)

``look-first`` is the control: the guard and its net are taken away, and places are booked as systems without them book:
look whether one is free, then take it.
"""

from __future__ import annotations

import asyncio
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn

from services.contracts import rpc
from services.contracts.errors import Unavailable
from services.embedded import House, ask_in_thread
from services.kit.database import Database
from services.kit.rpc import Ask
from services.kit.settings import Settings
from services.portal.app import create_app
from services.registration.adapters import tables
from services.registration.adapters.places import CapacityRows
from services.registration.service import RegistrationService

SECRET = "rush" * 8


def settings_of(data_dir: Path, database_url: str) -> Settings:
    """Return the settings that the house and its visitors share."""
    return Settings(data_dir=data_dir, database_url=database_url, secret=SECRET)


def main(port: int, data_dir: str, database_url: str, *control: str) -> None:
    """Serve until ended."""
    settings = settings_of(Path(data_dir), database_url)
    house = House([RegistrationService], settings)
    house.start()
    ask = _registration_only(ask_in_thread(house))
    if control:
        ask = _look_first(ask, house.applications["registration"].database)
    app = create_app(ask, settings)
    uvicorn.run(app, port=port, log_config=None, access_log=False)
    house.stop()


def _registration_only(ask: Ask) -> Ask:
    async def registration(request: rpc.Request[Any], traceid: str = "") -> Any:
        if request.destination != "registration":
            raise Unavailable(request.destination)
        return await ask(request, traceid)

    return registration


_FREE: ContextVar[bool] = ContextVar("free")


def _look_first(ask: Ask, database: Database) -> Ask:
    table = tables.capacity

    def look() -> bool:
        with database.read() as connection:
            return connection.execute(sa.select(table).where(table.c.taken < table.c.places)).first() is not None

    async def look_then_ask(request: rpc.Request[Any], traceid: str = "") -> Any:
        if isinstance(request, rpc.RegisterSchool):
            _FREE.set(await asyncio.to_thread(look))
        return await ask(request, traceid)

    def take(self: Any, edition_id: str, programme_id: str) -> bool:
        return _FREE.get() and self._change(edition_id, programme_id, taken=table.c.taken + 1)

    CapacityRows.take = take  # type: ignore[method-assign]
    _remove_net(database)
    return look_then_ask


def _remove_net(database: Database) -> None:
    if database.is_sqlite:
        sa.event.listen(
            database.engine, "connect", lambda connection, _: connection.execute("pragma ignore_check_constraints=on")
        )
        database.engine.dispose()
    else:
        with database.begin() as connection:
            # Each process of the portal does this; the second finds nothing to drop.
            connection.execute(sa.text("ALTER TABLE capacity DROP CONSTRAINT IF EXISTS ck_capacity_taken"))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
