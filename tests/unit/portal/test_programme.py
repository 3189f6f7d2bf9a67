"""The public programme as a page and as files, and how it is opened; contours of the map."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from services.contracts import rpc
from services.contracts.errors import refused
from services.portal.display.map import map_of
from services.portal.files import conference
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PROGRAMME = f"/programme/{b.EDITION_ID}"
FILES = ["programme.csv", "programme.xlsx", "schedule.xml", "schedule.json"]
DISPLAY = f"/organisateur/editions/{b.EDITION_ID}/affichage"


@pytest.fixture
def anyone(services: FakeServices) -> Visitor:
    return Visitor(services)


@pytest.mark.parametrize("file", ["", *(f"/{name}" for name in [*FILES, "programme.ics"])])
def test_a_programme_that_is_not_open_is_not_found(anyone: Visitor, file: str) -> None:
    assert anyone.get(f"/programme/closed{file}").status_code == 404
    assert anyone.get(f"{PROGRAMME}{file}").status_code in (200, 307)


def test_everyone_reads_the_programme_by_day(anyone: Visitor) -> None:
    page = anyone.get(PROGRAMME).text.replace("\u00a0", " ")
    for fact in ("lundi 2 novembre 2020", "mardi 3 novembre 2020", "9 h 00 – 10 h 15", "École d’Acy", "Robotique"):
        assert fact in page, fact


def test_the_calendar_is_the_one_that_notifications_keeps(services: FakeServices, anyone: Visitor) -> None:
    feed = rpc.FeedAddress("public", b.EDITION_ID, "", "public-token")
    services.answers[rpc.ListFeeds] = (rpc.FeedAddress("edition", b.EDITION_ID, "", "secret-token"), feed)
    assert anyone.get(f"{PROGRAMME}/programme.ics").headers["location"] == "http://testserver/feeds/public-token.ics"
    services.answers[rpc.ListFeeds] = ()
    assert anyone.get(f"{PROGRAMME}/programme.ics").status_code == 404


def test_schedule_xml_has_the_days_rooms_and_events_of_the_programme(anyone: Visitor) -> None:
    root = ElementTree.fromstring(anyone.get(f"{PROGRAMME}/schedule.xml").content)
    assert [root.tag, *(child.tag for child in root)] == [
        "schedule", "generator", "version", "conference", "day", "day",
    ]  # fmt: skip
    event = root.find("day/room/event")
    assert event is not None
    assert {child.tag: child.text for child in event if child.text} == {
        "room": "École d’Acy", "title": "Robotique", "subtitle": "École d’Acy", "type": "workshop",
        "date": "2020-11-02T09:00:00+01:00", "start": "09:00", "duration": "01:15", "abstract": "Ze Fab Truck",
        "slug": "demo-2020-1", "track": "Robotique puis vidéo", "language": "fr",
        "url": f"http://testserver{PROGRAMME}",
    }  # fmt: skip
    assert list(event.iterfind("persons/person")) == []
    assert [e.attrib["id"] for e in root.iter("event")] == ["1", "2"]


def test_schedule_json_says_the_same_as_schedule_xml(anyone: Visitor) -> None:
    found = json.loads(anyone.get(f"{PROGRAMME}/schedule.json").text)["schedule"]
    days = found["conference"]["days"]
    events = [event for day in days for room in day["rooms"].values() for event in room]
    root = ElementTree.fromstring(anyone.get(f"{PROGRAMME}/schedule.xml").content)
    assert [event["guid"] for event in events] == [e.attrib["guid"] for e in root.iter("event")]
    assert [(day["index"], day["date"]) for day in days] == [(1, "2020-11-02"), (2, "2020-11-03")]
    assert [event["persons"] for event in events] == [[], []]


def test_a_day_of_schedules_ends_where_the_next_begins_when_the_clock_changes() -> None:
    start = b.a_session().start.replace(month=10, day=25)
    one = replace(b.a_programme().sessions[0], start=start, end=start.replace(hour=9))
    found = json.loads(conference.as_json(b.a_programme(sessions=(one,)), "http://x", "http://x/p"))
    (day,) = found["schedule"]["conference"]["days"]
    assert (day["day_start"], day["day_end"]) == ("2020-10-25T00:00:00+02:00", "2020-10-26T00:00:00+01:00")


def test_no_text_of_a_file_is_a_formula(services: FakeServices, anyone: Visitor) -> None:
    first = replace(b.a_programme().sessions[0], school_name="=cmd()|' /C calc'!A0", provider_name="@SUM(1)")
    services.answers[rpc.GetPublicProgramme] = b.a_programme(sessions=(first,))
    text = anyone.get(f"{PROGRAMME}/programme.csv").content.decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text), delimiter=";")
    assert (header[5], row[5], row[7]) == ("École", "'=cmd()|' /C calc'!A0", "'@SUM(1)")
    book = load_workbook(io.BytesIO(anyone.get(f"{PROGRAMME}/programme.xlsx").content))
    assert [cell.value for cell in book["Programme"][2]][5:8] == [row[5], row[6], row[7]]


# What the organiser decides ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "public"), [("open", True), ("close", False)])
def test_the_organiser_opens_and_closes_the_programme(services: FakeServices, action: str, public: bool) -> None:
    answer = Visitor(services).sign_in().submit(DISPLAY, {"action": action})
    assert (answer.status_code, services.commands()) == (303, [rpc.SetPublic(b.EDITION_ID, public)])


def send(services: FakeServices, content: bytes, **fields: str) -> Any:
    visitor = Visitor(services).sign_in()
    files = {"contours": ("communes.geojson", content)}
    return visitor.submit(f"{DISPLAY}/contours", fields, page=DISPLAY, files=files)


def test_contours_are_sent_as_they_are_and_taken_away_when_asked(services: FakeServices) -> None:
    assert send(services, b'{"type": "Polygon"}').status_code == 303
    assert send(services, b"", action="remove").status_code == 303
    asked = [rpc.SetContours(b.EDITION_ID, '{"type": "Polygon"}'), rpc.SetContours(b.EDITION_ID, "")]
    assert services.commands() == asked


def test_what_is_no_contour_is_said_at_the_field(services: FakeServices) -> None:
    assert send(services, b" \n").status_code == 422
    assert services.commands() == []
    services.answers[rpc.SetContours] = refused("contours_empty")
    page = send(services, b"{}")
    assert (page.status_code, 'id="contours-error"' in page.text) == (422, True)


def test_a_picture_in_place_of_contours_is_sent_without_what_no_request_carries(services: FakeServices) -> None:
    assert send(services, b"\x89PNG\0\0").status_code == 303
    assert services.commands() == [rpc.SetContours(b.EDITION_ID, "\ufffdPNG\ufffd\ufffd")]


def test_contours_lie_under_the_map_and_far_ones_are_left_out() -> None:
    near = ((3.4, 49.3), (3.4000001, 49.3000001), (3.401, 49.301))
    far = ((0.0, 45.0), (0.1, 45.1))
    found = map_of(b.an_edition(), b.a_plan().sessions, b.DAYS[0], (near, far))
    assert found
    (line,) = found.contours
    assert len(line.split()) == 2


def test_the_change_log_is_a_page_and_a_feed() -> None:
    visitor = Visitor(FakeServices())
    page = visitor.get(f"/programme/{b.EDITION_ID}/changements").text
    assert [words in page for words in ("3 séances annoncées.", "déplacée, du ")] == [True, True]
    answer = visitor.get(f"/programme/{b.EDITION_ID}/changements.atom")
    feed = ElementTree.fromstring(answer.text)
    atom = "{http://www.w3.org/2005/Atom}"
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert [entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")] == ["Version 2", "Version 1"]
    assert "Quinzaine <2020>" in str(feed.findtext(f"{atom}title"))
    assert visitor.get("/programme/never/changements.atom").status_code == 404
