"""CPU seconds the packages ``ics`` and ``ical`` take for a calendar: ``python peers_making.py EVENTS TEXT``.

Prints JSON: the seconds by package, and how many events its calendar has. Imports nothing of Quinzaine.
"""

import datetime as dt
import json
import sys
import time
from zoneinfo import ZoneInfo

import ics
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event

PARIS = ZoneInfo("Europe/Paris")
START = dt.datetime(2020, 11, 2, 9, tzinfo=PARIS)


def with_ics(events, text):
    """Return the calendar of the package ``ics``; it writes UTC and no time zone."""
    calendar = ics.Calendar()
    for number in range(events):
        begin = START + dt.timedelta(days=number)
        event = ics.Event(
            name="Robotique", begin=begin, end=begin + dt.timedelta(minutes=75), uid=f"{number}@q.example"
        )
        event.description, event.location, event.status = text, "Acy", "CONFIRMED"
        event.created = event.last_modified = START
        calendar.events.add(event)
    return calendar.serialize()


def with_ical(events, text):
    """Return the calendar of the package ``ical``."""
    calendar = Calendar()
    for number in range(events):
        begin = START + dt.timedelta(days=number)
        event = Event(
            uid=f"{number}@q.example",
            dtstamp=START.astimezone(dt.timezone.utc),
            last_modified=START.astimezone(dt.timezone.utc),
            start=begin,
            end=begin + dt.timedelta(minutes=75),
            summary="Robotique",
            description=text,
            location="Acy",
            status="CONFIRMED",
        )
        calendar.events.append(event)
    return IcsCalendarStream.calendar_to_ics(calendar)


def main(events, text):
    """Print what each took."""
    found = {}
    for name, make in (("ics", with_ics), ("ical", with_ical)):
        make(1, text)  # what a package does once is not counted
        begin = time.process_time()
        made = make(int(events), text)
        found[name] = [time.process_time() - begin, made.count("BEGIN:VEVENT")]
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
