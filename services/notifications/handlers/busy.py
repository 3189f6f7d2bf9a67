"""Calendars of providers: which are read, and what they say of when teams are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.events import BusyTimeRead
from services.contracts.values import Provider
from services.notifications.domain.busy import BusyCalendar, Given, Reading, address
from services.notifications.domain.webhook import LONGEST_URL
from services.notifications.handlers.queries import edition_of
from services.notifications.ports import Tx

Begin = Callable[[], AbstractContextManager[Tx]]


def list_busy_calendars(request: rpc.ListBusyCalendars, tx: Tx) -> tuple[rpc.BusyCalendar, ...]:
    """The calendars of a provider, and the places for others."""
    places = _places(_provider(request, tx))
    known = {one.team_id: one for one in tx.busy.of_provider(request.edition_id, request.provider_id)}
    return tuple(_shown(team_id, name, known.get(team_id)) for team_id, name in places)


def set_busy_calendar(request: rpc.SetBusyCalendar, tx: Tx) -> None:
    """Read a calendar from now on, or no more; the same address again changes nothing."""
    if request.team_id not in dict(_places(_provider(request, tx))):
        raise refused("unknown_party", party=request.team_id)
    known = {one.team_id: one.url for one in tx.busy.of_provider(request.edition_id, request.provider_id)}
    url = address(request.url.strip()) if request.url.strip() else ""
    if url is None:
        raise refused("busy_url", longest=LONGEST_URL)
    if url == known.get(request.team_id, ""):
        return
    tx.busy.put(request.edition_id, request.provider_id, request.team_id, url, tx.now)
    _tell(request.edition_id, request.provider_id, tx)
    tx.history.add(request.edition_id, "busy_calendar_set", provider=request.provider_id, team=request.team_id)


def _shown(team_id: str, name: str, given: Given | None) -> rpc.BusyCalendar:
    if given is None:
        return rpc.BusyCalendar(team_id, name)
    return rpc.BusyCalendar(team_id, name, given.url, given.read_at, len(given.busy), given.problem)


class BusyLoop:
    """Reads the calendars that are due, one at a time, outside any transaction."""

    def __init__(self, begin: Begin, read: Callable[[BusyCalendar], Reading]) -> None:
        self._begin, self._read = begin, read

    def tick(self) -> bool:
        """Forget the calendars of editions that are over, then read one; say whether there was any."""
        with self._begin() as tx:
            over = sorted(tx.busy.forget(tx.now))
            for edition_id, provider_id in over:
                _tell(edition_id, provider_id, tx)
            calendar = tx.busy.claim(tx.now)
        if calendar is None:
            return bool(over)
        reading = self._read(calendar)
        with self._begin() as tx:
            keep(calendar, reading, tx)
        return True


def keep(calendar: BusyCalendar, reading: Reading, tx: Tx) -> None:
    """Keep what a calendar said, and tell the planner if that is news. One that cannot be read stays as it was read."""
    if tx.busy.note(calendar, reading, tx.now):
        _tell(calendar.edition_id, calendar.provider_id, tx)


def _tell(edition_id: str, provider_id: str, tx: Tx) -> None:
    tx.emit(BusyTimeRead(edition_id, provider_id, tx.busy.stretches(edition_id, provider_id)))


def _provider(request: rpc.ListBusyCalendars | rpc.SetBusyCalendar, tx: Tx) -> Provider:
    found = [p for p in edition_of(tx, request.edition_id).providers if p.id == request.provider_id]
    if not found:
        raise refused("unknown_provider", provider=request.provider_id)
    return found[0]


def _places(provider: Provider) -> Iterator[tuple[str, str]]:
    """Yield the ids and names under which a provider may give a calendar."""
    yield "", ""
    if len(provider.teams) > 1:
        yield from ((team.id, team.name) for team in provider.teams)
