"""Calendars of providers come in: fetched from the Internet only, and read in a process of their own."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin

from services.contracts.errors import Problem
from services.contracts.values import Busy
from services.notifications.adapters.busy_process import HEAVY
from services.notifications.adapters.outside import INTERNET, Inside, Outside, path_of
from services.notifications.domain.busy import BusyCalendar, Reading, address, stretches

CHILD = (sys.executable, "-m", "services.notifications.adapters.busy_process")
WHOLE_TIME = 20.0
"""Seconds a calendar may take to come in, all redirections together."""
CPU_SECONDS = 15
"""Seconds of computing that reading one may take."""
MEBIBYTE = 2**20
LARGEST = 4 * MEBIBYTE
PART = 64 * 1024
REDIRECTIONS = 3
POLL_SECONDS = 0.05
_MOVED = (301, 302, 303, 307, 308)
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
"""What an answer says of its version, and how that is said when asking again (RFC 9110 section 13.1)."""


class _Unread(Exception):
    """Why a calendar could not be read."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.problem = Problem(code, {name: str(fact) for name, fact in facts.items()})


class CalendarReader:
    """Reads calendars. ``domain``: that of our own UIDs."""

    def __init__(
        self, domain: str, outside: Outside = INTERNET, *, seconds: float = WHOLE_TIME, cpu_seconds: int = CPU_SECONDS
    ) -> None:
        self._domain, self._outside, self._seconds, self._cpu_seconds = domain, outside, seconds, cpu_seconds

    def read(self, calendar: BusyCalendar) -> Reading:
        """Read a calendar; what goes wrong is said, never raised."""
        try:
            raw, seen = self._fetched(calendar)
            return Reading(self._taken(raw, calendar) if raw is not None else None, seen)
        except _Unread as fault:
            return Reading(problem=fault.problem)
        except Inside:
            return Reading(problem=Problem("busy_inside"))
        except (OSError, http.client.HTTPException, UnicodeError):
            return Reading(problem=Problem("busy_silent"))

    # From the network ----------------------------------------------------------------------------------------

    def _fetched(self, calendar: BusyCalendar) -> tuple[bytes | None, dict[str, str]]:
        """Return the file and what it says of its version; None when it is still the one that was seen."""
        url, ends = calendar.url, time.monotonic() + self._seconds
        for _ in range(REDIRECTIONS + 1):
            with self._outside.connected(url, max(ends - time.monotonic(), 0.0)) as connection:
                connection.request("GET", path_of(url), headers=_asking(calendar))
                answer = connection.getresponse()
                if answer.status not in _MOVED:
                    return _body(answer, ends), {k: v for k in _VALIDATORS if (v := answer.headers.get(k))}
                url = _next(url, answer.headers.get("Location", ""))
        raise _Unread("busy_redirects")

    # From the file -------------------------------------------------------------------------------------------

    def _taken(self, raw: bytes, calendar: BusyCalendar) -> tuple[Busy, ...]:
        first, last = calendar.days
        with tempfile.TemporaryDirectory(prefix="busy-") as directory:
            given, said = Path(directory) / "given.ics", Path(directory) / "taken.json"
            given.write_bytes(raw)
            arguments = first.isoformat(), last.isoformat(), self._domain, str(self._cpu_seconds)
            code = _run((*CHILD, *arguments), given, said, 4 * self._cpu_seconds)
            if code != 0:
                raise _Unread("busy_heavy" if code in (HEAVY, None) or code < 0 else "busy_unreadable")
            found = json.loads(said.read_text(encoding="utf-8"))
        return stretches([(_instant(start), _instant(end)) for start, end in found], first, last)


def _asking(calendar: BusyCalendar) -> dict[str, str]:
    known = {_VALIDATORS[name]: value for name, value in calendar.seen.items()}
    # unpacked, a small answer could become an endless one
    plain = {"Accept": "text/calendar", "Accept-Encoding": "identity", "Connection": "close"}
    return {"User-Agent": "Quinzaine", **plain, **known}


def _body(answer: http.client.HTTPResponse, ends: float) -> bytes | None:
    if answer.status == 304:
        return None
    if answer.status != 200:
        raise _Unread("busy_status", status=answer.status)
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Unread("busy_unreadable")
    body = b""
    while part := answer.read(PART):
        body += part
        if len(body) > LARGEST:
            raise _Unread("busy_large", limit=LARGEST // MEBIBYTE)
    if time.monotonic() >= ends:  # the line was cut, and without a length that looks like an end
        raise TimeoutError
    return body


def _next(url: str, location: str) -> str:
    try:
        found = address(urljoin(url, location))
    except ValueError:
        found = None
    if found is None:
        raise Inside(location)
    return found


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _run(command: tuple[str, ...], given: Path, said: Path, seconds: float) -> int | None:
    """Wait for the child without blocking green threads; return its exit code, None when it was killed."""
    ends = time.monotonic() + seconds
    with given.open("rb") as source, said.open("wb") as target:
        child = subprocess.Popen(command, stdin=source, stdout=target, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
        while child.poll() is None and time.monotonic() < ends:
            time.sleep(POLL_SECONDS)
        late = child.poll() is None
        if late:
            child.kill()
            child.wait()
    return None if late else child.returncode
