"""GNOME's calendar engine, evolution-data-server, subscribed to a feed: what it shows after each refresh.

usage: dbus-run-session -- /usr/bin/python3 evolution.py URL   Each line it reads lets it fetch the feed again; it then
prints JSON. It runs with Debian's Python (gir1.2-ecal-2.0, python3-gi) and imports nothing of Quinzaine.
"""

import json
import sys

import gi

gi.require_version("ECal", "2.0")
gi.require_version("EDataServer", "1.2")
from gi.repository import ECal, EDataServer, GLib  # noqa: E402

PARIS = GLib.TimeZone.new_identifier("Europe/Paris")


def subscribe(url):
    """Return a client of a new calendar from the web."""
    registry = EDataServer.SourceRegistry.new_sync(None)
    source = EDataServer.Source.new_with_uid("quinzaine", None)
    source.set_parent("webcal-stub")
    source.get_extension(EDataServer.SOURCE_EXTENSION_CALENDAR).set_backend_name("webcal")
    source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).set_uri(GLib.Uri.parse(url, GLib.UriFlags.NONE))
    registry.commit_source_sync(source, None)
    return ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, 30, None)


def shown(client):
    """Return start in Paris, title and STATUS of every event, by start."""
    _, events = client.get_object_list_as_comps_sync("#t", None)
    found = []
    for event in events:
        start = event.get_dtstart()
        zone = client.get_timezone_sync(start.get_tzid(), None)[1]
        seconds = start.get_value().as_timet_with_zone(zone)
        moment = GLib.DateTime.new_from_unix_utc(seconds).to_timezone(PARIS).format("%Y-%m-%d %H:%M")
        status = event.get_icalcomponent().get_status().value_nick.upper()
        found.append([moment, event.get_summary().get_value(), status])
    return sorted(found)


def main(url):
    """Serve until the input ends."""
    client = subscribe(url)
    for _ in sys.stdin:
        client.refresh_sync(None)
        print(json.dumps(shown(client)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
