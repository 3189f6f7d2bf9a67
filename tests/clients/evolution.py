"""GNOME's calendar engine, evolution-data-server: a calendar from the web, or one of its own that takes invitations.

usage: dbus-run-session -- /usr/bin/python3 evolution.py [URL]   Each line it reads is a command, a list in JSON; it
answers with JSON. It runs with Debian's Python (gir1.2-ecal-2.0, python3-gi) and imports nothing of Quinzaine.
"""

import json
import sys

import gi

gi.require_version("ECal", "2.0")
gi.require_version("EDataServer", "1.2")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, GLib, ICalGLib  # noqa: E402

PARIS = GLib.TimeZone.new_identifier("Europe/Paris")
EVENTS = ECal.ClientSourceType.EVENTS


def subscribe(url):
    """Return a client of a new calendar from the web."""
    registry = EDataServer.SourceRegistry.new_sync(None)
    source = EDataServer.Source.new_with_uid("quinzaine", None)
    source.set_parent("webcal-stub")
    source.get_extension(EDataServer.SOURCE_EXTENSION_CALENDAR).set_backend_name("webcal")
    source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).set_uri(GLib.Uri.parse(url, GLib.UriFlags.NONE))
    registry.commit_source_sync(source, None)
    return ECal.Client.connect_sync(source, EVENTS, 30, None)


def own_calendar():
    """Return a client of the calendar that everyone has."""
    source = EDataServer.SourceRegistry.new_sync(None).ref_builtin_calendar()
    return ECal.Client.connect_sync(source, EVENTS, 30, None)


def events_of(client):
    """Return every event."""
    return client.get_object_list_as_comps_sync("#t", None)[1]


def start_of(client, event):
    """Return the start in Paris."""
    start = event.get_dtstart()
    zone = client.get_timezone_sync(start.get_tzid(), None)[1]
    seconds = start.get_value().as_timet_with_zone(zone)
    return GLib.DateTime.new_from_unix_utc(seconds).to_timezone(PARIS).format("%Y-%m-%d %H:%M")


def status_of(event):
    """Return STATUS."""
    return event.get_icalcomponent().get_status().value_nick.upper()


def refresh(client):
    """Fetch the calendar again; return start in Paris, title and STATUS of every event, by start."""
    client.refresh_sync(None)
    return sorted([start_of(client, e), e.get_summary().get_value(), status_of(e)] for e in events_of(client))


def take(client, text):
    """Take in what the calendar part of a mail says."""
    return client.receive_objects_sync(ECal.util_parse_ics_string(text), ECal.OperationFlags.NONE, None)


def shows(client):
    """Return start in Paris, STATUS, SEQUENCE and PARTSTAT of every event."""
    found = []
    for event in events_of(client):
        partstat = event.get_attendees()[0].get_partstat().value_nick.upper().replace("NEEDSACTION", "NEEDS-ACTION")
        sequence = event.get_icalcomponent().get_sequence()
        found.append([start_of(client, event), status_of(event), sequence, partstat])
    return sorted(found)


def answer(client, partstat):
    """Answer the one event that waits; return the reply, as the engine's own library writes it."""
    (event,) = (e for e in events_of(client) if e.get_attendees()[0].get_partstat().value_nick == "needsaction")
    attendee = event.get_attendees()[0]
    attendee.set_partstat(getattr(ICalGLib.ParameterPartstat, partstat))
    attendee.set_rsvp(False)
    event.set_attendees([attendee])
    event.set_dtstamp(ICalGLib.Time.new_current_with_zone(ICalGLib.Timezone.get_utc_timezone()))
    client.modify_object_sync(
        event.get_icalcomponent(), ECal.ObjModType.ALL, ECal.OperationFlags.DISABLE_ITIP_MESSAGE, None
    )
    reply = ECal.util_new_top_level()
    reply.set_method(ICalGLib.PropertyMethod.REPLY)
    ECal.util_add_timezones_from_component(reply, event.get_icalcomponent())
    reply.add_component(event.get_icalcomponent().clone())
    return reply.as_ical_string()


def main(*url):
    """Serve until the input ends."""
    client = subscribe(*url) if url else own_calendar()
    verbs = {"refresh": refresh, "take": take, "shows": shows, "answer": answer}
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        print(json.dumps(verbs[verb](client, *arguments)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
