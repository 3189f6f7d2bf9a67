"""The public programme in the form that conference tools read: schedule.xml of frab and pentabarf, and schedule.json.

The fields are those of the schemas of the c3voc (github.com/voc/schedule). A place is a room, an activity a title, a
school a subtitle, a programme a track, and nobody is named: ``persons`` stays empty.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from services.contracts.rpc import PublicProgramme, PublicSession
from services.contracts.values import PARIS

ZONE = "Europe/Paris"
SLOT = "00:05"


def as_json(programme: PublicProgramme, base_url: str, page: str) -> str:
    """Return schedule.json. ``page``: the address of the programme's page."""
    conference = {
        "acronym": programme.edition_id,
        "title": programme.name,
        "start": programme.first_day.isoformat(),
        "end": programme.last_day.isoformat(),
        "daysCount": len(_days(programme)),
        "timeslot_duration": SLOT,
        "time_zone_name": ZONE,
        "rooms": [{"name": name, "guid": _guid(programme, name)} for name in _places(programme.sessions)],
        "days": [
            {
                "index": index,
                "date": day.isoformat(),
                "day_start": _midnight(day).isoformat(),
                "day_end": _midnight(day + dt.timedelta(days=1)).isoformat(),
                "rooms": {
                    name: [_event(number, one, programme, page) for number, one in held if one.place_name == name]
                    for name in _places([one for _, one in held])
                },
            }
            for index, day, held in _days(programme)
        ],
    }
    schedule = {"version": _version(programme), "base_url": base_url, "conference": conference}
    return json.dumps({"schedule": schedule}, ensure_ascii=False, indent=1)


def as_xml(programme: PublicProgramme, base_url: str, page: str) -> bytes:
    """Return schedule.xml. ``page``: the address of the programme's page."""
    root = ElementTree.Element("schedule")
    ElementTree.SubElement(root, "generator", name="Quinzaine", version="1")
    _texts(root, {"version": _version(programme)})
    facts = {
        "title": programme.name,
        "acronym": programme.edition_id,
        "start": programme.first_day.isoformat(),
        "end": programme.last_day.isoformat(),
        "days": str(len(_days(programme))),
        "timeslot_duration": SLOT,
        "base_url": base_url,
        "time_zone_name": ZONE,
    }
    _texts(ElementTree.SubElement(root, "conference"), facts)
    for index, day, held in _days(programme):
        start, end = _midnight(day).isoformat(), _midnight(day + dt.timedelta(days=1)).isoformat()
        of_day = ElementTree.SubElement(root, "day", index=str(index), date=day.isoformat(), start=start, end=end)
        for name in _places([one for _, one in held]):
            room = ElementTree.SubElement(of_day, "room", name=name)
            for number, one in held:
                if one.place_name == name:
                    _xml_event(room, _event(number, one, programme, page))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")


_Day = tuple[int, dt.date, list[tuple[int, PublicSession]]]


def _days(programme: PublicProgramme) -> list[_Day]:
    """Return the days with sessions, numbered from 1, and their sessions, numbered through the edition."""
    ordered = enumerate(sorted(programme.sessions, key=lambda one: (one.start, one.id)), 1)
    days = groupby(ordered, key=lambda pair: pair[1].start.astimezone(PARIS).date())
    return [(index, day, list(held)) for index, (day, held) in enumerate(days, 1)]


def _places(sessions: Sequence[PublicSession]) -> list[str]:
    return sorted({one.place_name for one in sessions})


def _event(number: int, one: PublicSession, programme: PublicProgramme, page: str) -> dict[str, Any]:
    start, minutes = one.start.astimezone(PARIS), int((one.end - one.start).total_seconds()) // 60
    return {
        "id": number,
        "guid": one.id,
        "date": start.isoformat(),
        "start": start.strftime("%H:%M"),
        "duration": f"{minutes // 60:02d}:{minutes % 60:02d}",
        "room": one.place_name,
        "slug": f"{programme.edition_id}-{number}",
        "url": page,
        "title": one.activity_name,
        "subtitle": one.school_name,
        "language": "fr",
        "track": one.programme_name,
        "type": "workshop",
        "abstract": one.provider_name,
        "description": "",
        "logo": "",
        "recording_license": "",
        "do_not_record": True,
        "persons": [],
        "links": [],
        "attachments": [],
        "answers": [],
    }


def _xml_event(room: ElementTree.Element, event: dict[str, Any]) -> None:
    element = ElementTree.SubElement(room, "event", id=str(event["id"]), guid=event["guid"])
    names = ("room", "title", "subtitle", "type", "date", "start", "duration", "abstract", "slug", "track", "language")
    _texts(element, {name: event[name] for name in names})
    recording = ElementTree.SubElement(element, "recording")
    _texts(recording, {"license": "", "optout": "true"})
    for name in ("persons", "links", "attachments"):
        ElementTree.SubElement(element, name)
    _texts(element, {"url": event["url"]})


def _texts(parent: ElementTree.Element, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = text


def _version(programme: PublicProgramme) -> str:
    return str(programme.release)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), PARIS)


def _guid(programme: PublicProgramme, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"quinzaine:{programme.edition_id}:{name}"))
