"""The map: to scale, north up, each team's way through its stops, labels that keep out of each other's way."""

from __future__ import annotations

import datetime as dt
import html
import math
import re
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.rpc import PlannedSession
from services.contracts.values import Place
from services.portal.display import map as drawing
from services.portal.display.map import Map, map_of
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

DEPOT = Place("Dépôt", 49.30, 3.40)
NORTH, EAST = Place("Nord", 49.39, 3.40), Place("Est", 49.30, 3.54)  # some ten kilometres from the depot


def at(place: Place, hour: int, name: str = "", venue_id: str | None = None) -> PlannedSession:
    planned = b.a_plan().sessions[0]
    start = dt.datetime(2020, 11, 2, hour, tzinfo=b.UTC)
    end = start + dt.timedelta(hours=1)
    session = replace(planned.session, id=f"{place.name}-{hour}", place=place, start=start, end=end, venue_id=venue_id)
    return replace(planned, session=session, school_name=name or place.name)


def drawn(*sessions: PlannedSession, day: dt.date = b.DAYS[0]) -> Map:
    edition = b.an_edition()
    team = replace(edition.providers[0].teams[0], depot=DEPOT)
    edition = replace(edition, providers=(replace(edition.providers[0], teams=(team,)),))
    found = map_of(edition, sessions, day)
    assert found
    return found


def spot(found: Map, name: str) -> drawing.Spot:
    return next(spot for spot in found.spots if name in spot.names)


def test_it_is_to_scale_with_north_up() -> None:
    found = drawn(at(NORTH, 8), at(EAST, 10))
    depot, north, east = (spot(found, name) for name in ("Dépôt", "Nord", "Est"))
    per_km = found.bar / found.km
    assert (north.x, east.y) == (depot.x, depot.y)
    assert (depot.y - north.y) / per_km == pytest.approx(0.09 * 111.195, rel=1e-3)
    assert (east.x - depot.x) / per_km == pytest.approx(0.14 * 111.195 * math.cos(math.radians(49.345)), rel=1e-3)


def test_a_round_leaves_its_depot_passes_each_stop_once_in_time_and_returns() -> None:
    found = drawn(at(EAST, 14), at(NORTH, 8), at(NORTH, 10))
    (way,) = found.rounds
    place = {f"{s.x},{s.y}": s.names[0] for s in found.spots}
    ends = [(leg.split()[0], leg.split()[2]) for leg in way.legs]
    assert [(place[a], place[b]) for a, b in ends] == [("Dépôt", "Nord"), ("Nord", "Est"), ("Est", "Dépôt")]
    assert [stop.session.id for stop in way.stops] == ["Nord-8", "Nord-10", "Est-14"]


def test_another_day_has_no_round_but_the_same_places() -> None:
    found = drawn(at(NORTH, 8), day=b.DAYS[1])
    assert (found.rounds, [(s.names, s.busy, s.depot) for s in found.spots]) == (
        (),
        [(("Dépôt",), False, True), (("Nord",), False, False)],
    )


def test_schools_at_one_point_share_a_spot_and_a_venue_has_its_own_name() -> None:
    venue = Place("Salle des fêtes", 49.35, 3.5)
    found = drawn(at(NORTH, 8, "École A"), at(replace(NORTH, name="B"), 10, "École B"), at(venue, 14, venue_id="salle"))
    assert {s.names for s in found.spots} == {("Dépôt",), ("Salle des fêtes",), ("École A", "École B")}


def test_labels_stay_on_the_paper_and_clear_of_each_other() -> None:
    grid = [Place(f"École numéro {i}", 49.3 + 0.03 * (i // 4), 3.4 + 0.06 * (i % 4)) for i in range(16)]
    found = drawn(*(at(place, 8) for place in grid))
    boxes = []
    for s in found.spots:
        wide = max(map(len, s.names)) * drawing.LETTER
        left = {"start": s.label.x, "end": s.label.x - wide, "middle": s.label.x - wide / 2}[s.label.anchor]
        boxes.append((left, s.label.y - drawing.LINE + 3, left + wide, s.label.y + 3))
    assert all(left >= 0 and right <= drawing.WIDTH for left, _, right, _ in boxes)
    over = [(p, q) for i, p in enumerate(boxes) for q in boxes[:i] if _cross(p, q)]
    assert over == []


def _cross(p: tuple[float, ...], q: tuple[float, ...]) -> bool:
    return p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3]


def test_no_session_no_map() -> None:
    assert map_of(b.an_edition(), (), b.DAYS[0]) is None


@pytest.mark.parametrize("asked", ["", "&jour=2020-11-02", "&jour=9999-99-99"])
def test_the_page_draws_the_day_asked_for_or_the_first(asked: str) -> None:
    visitor = Visitor(FakeServices()).sign_in()
    page = visitor.get(f"/organisateur/editions/{b.EDITION_ID}/plan?vue=carte{asked}").text
    assert "Tournées du lundi 2 novembre 2020" in page
    assert page.count('<g class="round') == 1


@pytest.mark.parametrize("page", ["plan?vue=carte", f"calculs/{b.JOB_ID}"])
def test_a_figure_is_named_by_its_legend(services: FakeServices, page: str) -> None:
    points = (rpc.Point(1.0, 2, 4300.0, 4000.0), rpc.Point(2.0, 2, 4200.0, 4100.0))
    services.answers[rpc.GetJob] = b.a_job(curve=points)
    text = Visitor(services).sign_in().get(f"/organisateur/editions/{b.EDITION_ID}/{page}").text
    figure = r'<figure [^>]*role="group" aria-label="([^"]*)">.*<figcaption[^>]*>(.*?)</figcaption>'
    found = re.search(figure, text, re.DOTALL)
    assert found, "no figure"
    assert html.unescape(found[1]) == " ".join(html.unescape(re.sub("<[^>]+>", "", found[2])).split())
