"""CPU seconds to make one feed, by its number of events, beside the packages ``ics`` and ``ical``.

``bash benchmarks/calendars/peers.sh making``. The floor is the ``icalendar`` package's own ``to_ical`` of the same
calendar, without building or checking it.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
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


def cpu(work: Callable[[], object], times: int) -> float:
    """Return the median CPU time of some runs."""
    spent = []
    for _ in range(times):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return statistics.median(spent)


def peers(events: int) -> dict[str, float]:
    """Return what the packages of others take, in their own environment."""
    command = [str(PEERS), str(Path(__file__).with_name("peers_making.py")), str(events), TEXT]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert {count for _, count in found.values()} == {events}
    return {name: seconds for name, (seconds, _) in found.items()}


def main() -> None:
    """Print one line for each size."""
    print("events   ours   our check alone   to_ical alone   ics   ical   (CPU seconds)")
    for events, times in ((62, 9), (1000, 3), (10_000, 1)):
        asked = content(events)
        body = render_feed(asked)
        calendar = Calendar.from_ical(body)
        whole, check, floor = (
            cpu(lambda: render_feed(asked), times),  # noqa: B023
            cpu(lambda: lint(body), times),  # noqa: B023
            cpu(calendar.to_ical, times),
        )
        figures = (whole, check, floor, *peers(events).values())
        print(f"{events:6}", *(f"{figure:9.3f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
