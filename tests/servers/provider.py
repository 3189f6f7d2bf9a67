"""A provider's own program, as anybody writes it with python-caldav: what stands in its calendar, and one word to all.

usage: python provider.py URL ADDRESS [PARTSTAT]   Runs with var/calendars, prints JSON, imports nothing of Quinzaine.
"""

import json
import sys

from caldav import DAVClient


def main(url, address, *partstat):
    """Answer what was not answered, then print start, STATUS, SEQUENCE and PARTSTAT of every event."""
    shown = []
    with DAVClient(url=url) as client:
        for calendar in client.principal().calendars():
            for event in calendar.events():
                if partstat:
                    event.change_attendee_status(attendee=f"mailto:{address}", partstat=partstat[0])
                    event.save(increase_seqno=False)  # SEQUENCE belongs to the organiser
                said = event.icalendar_component
                attendee = said["ATTENDEE"]
                facts = said["DTSTART"].dt.isoformat(), str(said["STATUS"]), int(said["SEQUENCE"])
                shown.append([*facts, attendee.params["PARTSTAT"]])
    print(json.dumps(shown))


if __name__ == "__main__":
    main(*sys.argv[1:])
