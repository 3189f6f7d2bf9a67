"""CPU seconds to make one feed, by its number of events, beside the packages ``ics`` and ``ical``.

``bash benchmarks/calendars/peers.sh making``. The floor is the ``icalendar`` package's own ``to_ical`` of the same
calendar, without building or checking it.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from icalendar import Calendar

from services.notifications.adapters.ical import render_feed
from services.notifications.domain.entry import Entry
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Revision
from services.notifications.domain.lint import lint

PEERS = Path(__file__).parents[2] / "var" / "calendar-peers" / "bin" / "python"
START = dt.datetime(2020, 11, 2, 8, tzinfo=dt.timezone.utc)
TEXT = "Groupe : CM1 groupe 1\nEffectif prévu : 12\nInstallation : 20 min avant ; rangement : 15 min après\n" * 2


def content(events: int) -> FeedContent:
    """Return a feed of as many sessions, a day apart."""
    items = []
    for number in range(events):
        start = START + dt.timedelta(days=number)
        entry = Entry(start, start + dt.timedelta(minutes=75), "acy", "truck", "Robotique", TEXT, "Acy", 49.3, 3.4)
        items.append((f"{number}@quinzaine.example", Revision(0, START, entry, Attendee("a@b.example", "Truck"))))
    return FeedContent("Agenda", "fr", tuple(items))


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU time of one run."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def peers(events: int) -> list[float]:
    """Return what the packages of others take, in their own environment."""
    command = [str(PEERS), str(Path(__file__).with_name("peers_making.py")), str(events), TEXT]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert {count for _, count in found.values()} == {events}
    return [seconds for seconds, _ in found.values()]


def one_round(events: int) -> list[float]:
    """Return what each takes once, one right after the other."""
    asked = content(events)
    body = render_feed(asked)
    calendar = Calendar.from_ical(body)
    ours = cpu(lambda: render_feed(asked)), cpu(lambda: lint(body)), cpu(calendar.to_ical)
    return [*ours, *peers(events)]


def main() -> None:
    """Print one line for each size: the least of some rounds, as neighbours on the machine only ever add."""
    print("events   ours   our check alone   to_ical alone   ics   ical   (CPU seconds)")
    for events, rounds in ((62, 9), (1000, 5), (10_000, 3)):
        figures = map(min, zip(*(one_round(events) for _ in range(rounds)), strict=True))
        print(f"{events:6}", *(f"{figure:9.4f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
