"""How an edition is shown: a public programme without people, and contours read with care."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import fields, replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.codec import dumps
from services.contracts.errors import Refused
from services.scheduling.domain import contours
from services.scheduling.domain.contours import read_contours
from services.scheduling.handlers import display
from tests.unit.scheduling.test_days import EDITION, a_house

RING = [[3.3, 49.3], [3.4, 49.3], [3.4, 49.4], [3.3, 49.3]]
LINE = tuple(map(tuple, RING))


def geojson(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def test_a_programme_is_closed_until_the_organiser_opens_it() -> None:
    memory = a_house()
    asked = rpc.GetPublicProgramme(EDITION)
    with pytest.raises(Refused, match="unknown_programme"):
        display.get_public_programme(asked, memory)
    display.set_public(rpc.SetPublic(EDITION, True), memory)
    assert len(display.get_public_programme(asked, memory).sessions) == 3
    display.set_public(rpc.SetPublic(EDITION, False), memory)
    with pytest.raises(Refused, match="unknown_programme"):
        display.get_public_programme(asked, memory)


def test_an_edition_that_never_was_looks_like_one_that_is_closed() -> None:
    with pytest.raises(Refused, match="unknown_programme"):
        display.get_public_programme(rpc.GetPublicProgramme("never"), a_house())


def test_the_programme_names_no_class_no_group_and_no_person() -> None:
    memory = a_house()
    display.set_public(rpc.SetPublic(EDITION, True), memory)
    text = dumps(display.get_public_programme(rpc.GetPublicProgramme(EDITION), memory))
    assert [word for word in ("CM2", "acy/1", "Direction", "@", "pupils", "cm2") if word in text] == []
    assert {field.name for field in fields(rpc.PublicSession)} == {
        "id", "start", "end", "activity_name", "programme_name", "school_name", "provider_name", "place_name",
    }  # fmt: skip


def test_the_change_log_tells_each_release_and_names_no_class_and_no_person() -> None:
    memory = a_house()
    asked = rpc.GetPublicChanges(EDITION)
    with pytest.raises(Refused, match="unknown_programme"):
        display.get_public_changes(asked, memory)
    display.set_public(rpc.SetPublic(EDITION, True), memory)
    first = memory.releases.get(EDITION, 1)
    later = replace(first.sessions[0], start=first.sessions[0].start + dt.timedelta(hours=1))
    memory.releases.add(replace(first, number=2, sessions=(later, *first.sessions[2:])))
    log = display.get_public_changes(asked, memory)
    assert [(one.number, one.announced, [c.kind for c in one.changes]) for one in log.releases] == [
        (2, 0, ["moved", "dropped"]),
        (1, len(first.sessions), []),
    ]
    assert [word in dumps(log) for word in (first.sessions[0].group_id, "@")] == [False, False]


def test_a_public_id_stays_and_is_of_one_edition() -> None:
    memory = a_house()
    display.set_public(rpc.SetPublic(EDITION, True), memory)
    first, second = (display.get_public_programme(rpc.GetPublicProgramme(EDITION), memory) for _ in range(2))
    assert first == second
    assert len({one.id for one in first.sessions}) == 3


@pytest.mark.parametrize(
    "thing",
    [
        geojson("LineString", RING),
        geojson("Polygon", [RING]),
        geojson("MultiPolygon", [[RING]]),
        {"type": "Feature", "properties": {}, "geometry": geojson("MultiLineString", [RING])},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": geojson("Polygon", [RING])}]},
        {"type": "GeometryCollection", "geometries": [geojson("Point", [3, 49]), geojson("LineString", RING)]},
    ],
)
def test_every_geometry_gives_its_lines(thing: dict[str, Any]) -> None:
    assert read_contours(json.dumps(thing)) == (LINE,)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "contours_not_geojson"),
        ("[]", "contours_not_geojson"),
        ("null", "contours_not_geojson"),
        ('{"type": "Topology"}', "contours_not_geojson"),
        ('{"type": "Polygon", "coordinates": [[["3", 49]]]}', "contours_not_geojson"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 49]]]}', "contours_not_geojson"),
        ('{"type": "Polygon", "coordinates": [[[true, 49]]]}', "contours_not_geojson"),
        ('{"type": "LineString", "coordinates": [[3]]}', "contours_not_geojson"),
        ("[" * 100_000, "contours_not_geojson"),
        (json.dumps(geojson("Point", [3, 49])), "contours_empty"),
        (json.dumps(geojson("LineString", [[649000, 6860000], [1, 2]])), "contours_outside"),
        (json.dumps(geojson("LineString", [[1, 2]] * (contours.MOST_POINTS + 1))), "contours_too_many"),
        (" " * contours.LONGEST + "{}", "contours_too_long"),
    ],
)
def test_what_is_no_geojson_is_refused_with_its_sentence(text: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        read_contours(text)


def test_collections_without_end_are_refused() -> None:
    thing: dict[str, Any] = geojson("LineString", RING)
    for _ in range(contours.DEEPEST):
        thing = {"type": "GeometryCollection", "geometries": [thing]}
    with pytest.raises(Refused, match="contours_not_geojson"):
        read_contours(json.dumps(thing))


def test_contours_are_kept_until_they_are_taken_away() -> None:
    memory = a_house()
    display.set_contours(rpc.SetContours(EDITION, json.dumps(geojson("Polygon", [RING]))), memory)
    assert display.get_display(rpc.GetDisplay(EDITION), memory).contours == (LINE,)
    with pytest.raises(Refused):
        display.set_contours(rpc.SetContours(EDITION, "{"), memory)
    assert display.get_display(rpc.GetDisplay(EDITION), memory).contours == (LINE,)
    assert display.set_contours(rpc.SetContours(EDITION, ""), memory) == rpc.Display(EDITION)


def test_a_colour_is_kept_in_small_letters_and_the_logo_stays_until_it_is_replaced() -> None:
    memory = a_house()
    logo = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    assert display.set_theme(rpc.SetTheme("#0F5C63", logo), memory) == rpc.Theme("#0f5c63", logo, "image/png")
    assert display.set_theme(rpc.SetTheme(""), memory) == rpc.Theme("", logo, "image/png")
    display.set_theme(rpc.SetTheme("", ""), memory)
    assert display.get_theme(rpc.GetTheme(), memory) == rpc.Theme()


@pytest.mark.parametrize(
    ("colour", "picture", "code"),
    [
        ("bleu", b"", "bad_colour"),
        ("#12345", b"", "bad_colour"),
        ("#123456; } body { display: none", b"", "bad_colour"),
        ("", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_logo"),
        ("", b"\xff\xd8\xff" + bytes(40_000), "large_logo"),
    ],
)
def test_a_look_that_cannot_be_is_refused_with_nothing_changed(colour: str, picture: bytes, code: str) -> None:
    memory = a_house()
    with pytest.raises(Refused, match=code):
        display.set_theme(rpc.SetTheme(colour, base64.b64encode(picture).decode()), memory)
    assert display.get_theme(rpc.GetTheme(), memory) == rpc.Theme()


@pytest.mark.parametrize(
    ("start", "kind"), [(b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp")]
)
def test_pictures_are_told_by_their_first_bytes(start: bytes, kind: str) -> None:
    logo = base64.b64encode(start).decode()
    assert display.set_theme(rpc.SetTheme("", logo), a_house()).logo_type == kind
