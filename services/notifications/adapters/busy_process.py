"""The process that reads one calendar: iCalendar on standard input, the times it takes as JSON on standard output.

Nothing but these times leaves it. A calendar is a stranger's file: memory and time have an end.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from collections.abc import Iterator, Mapping
from typing import Any

MEMORY = 512 * 1024 * 1024
MOST = 5_000
"""What one calendar may cost: bytes of address space, times within an edition."""
UNREADABLE, HEAVY = 1, 2
"""How it ends for what is no calendar, and for one that holds too much."""


def main(arguments: list[str]) -> int:
    """Read the calendar: arguments are the first and last day, the domain of our UIDs, and the seconds it may take."""
    seconds = int(arguments[3])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    first, last = (dt.date.fromisoformat(day) for day in arguments[:2])
    try:
        found = []
        for start, end in taken(sys.stdin.buffer.read(), first, last, arguments[2]):
            found.append((start.isoformat(), end.isoformat()))
            if len(found) > MOST:
                return HEAVY
    except MemoryError:
        return HEAVY
    except Exception:  # whatever a hostile file makes the libraries raise, it is not a calendar for us
        return UNREADABLE
    sys.stdout.write(json.dumps(found))
    return 0


def taken(raw: bytes, first: dt.date, last: dt.date, ours: str) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield when a calendar says that its owner is taken; ``ours``: the domain of our own UIDs.

    Free are transparent, cancelled and our own events (RFC 5545 3.8.2.7, 3.8.1.11), and periods of free-busy time that
    are not busy (3.2.9). Whole days and times without a zone are those of Paris. Raises ValueError, and what the
    libraries raise.
    """
    import recurring_ical_events  # type: ignore[import-untyped]
    from icalendar import Calendar

    calendar = Calendar.from_ical(raw)
    if calendar.name != "VCALENDAR":
        raise ValueError("no calendar")
    opens, closes = _instant(first), _instant(last + dt.timedelta(days=1))
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(opens, closes):
        start, end = _instant(event.start), _instant(event.end)
        if start < end and not _is_free(event, ours):
            yield start, end
    yield from _periods(calendar, opens, closes)


def _periods(calendar: Any, opens: dt.datetime, closes: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Yield the periods of VFREEBUSY in which its owner is taken; without a type they are (RFC 5545 3.6.4, 3.8.2.6)."""
    for component in calendar.walk("VFREEBUSY"):
        lines = component.get("FREEBUSY", [])
        for period in lines if isinstance(lines, list) else [lines]:
            start, end = _instant(period.start), _instant(period.end)
            if str(period.params.get("FBTYPE", "BUSY")).upper() in _TAKEN and start < closes and end > opens:
                yield start, end


def _is_free(event: Mapping[str, object], ours: str) -> bool:
    said = {name: str(event.get(name, "")).strip().upper() for name in ("TRANSP", "STATUS", _OUTLOOK)}
    own = str(event.get("UID", "")).endswith(f"@{ours}")
    return own or said["TRANSP"] == "TRANSPARENT" or said["STATUS"] == "CANCELLED" or said[_OUTLOOK] == "FREE"


_TAKEN = ("BUSY", "BUSY-UNAVAILABLE")
_OUTLOOK = "X-MICROSOFT-CDO-BUSYSTATUS"


def _instant(value: dt.date) -> dt.datetime:
    from zoneinfo import ZoneInfo

    paris = ZoneInfo("Europe/Paris")
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), paris)
    return value if value.tzinfo else value.replace(tzinfo=paris)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
