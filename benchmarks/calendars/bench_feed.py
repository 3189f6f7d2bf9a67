"""CPU seconds to render one feed, by its number of events. ``python benchmarks/calendars/bench_feed.py``

The floor is the ``icalendar`` package's own ``to_ical`` of the same calendar, without building or checking it.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable

from icalendar import Calendar

from services.notifications.adapters.ical import render_feed
from services.notifications.domain.entry import Entry
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Revision
from services.notifications.domain.lint import lint

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


def main() -> None:
    """Print one line for each size."""
    print("events   whole (s)   to_ical alone (s)   our check alone (s)   octets")
    for events, times in ((62, 9), (1000, 5), (10_000, 1)):
        asked = content(events)
        body = render_feed(asked)
        calendar = Calendar.from_ical(body)
        whole, floor, check = (
            cpu(lambda: render_feed(asked), times),  # noqa: B023
            cpu(calendar.to_ical, times),
            cpu(lambda: lint(body), times),  # noqa: B023
        )
        print(f"{events:6}   {whole:9.3f}   {floor:17.3f}   {check:19.3f}   {len(body)}")


if __name__ == "__main__":
    main()
