"""Places and waiting lists: the school answers an offer, the organiser sets how many places there are."""

from __future__ import annotations

import re

import httpx
import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

GROUP = "acy/cm1/quinzaine/1"
ADDRESS = f"/organisateur/editions/{b.EDITION_ID}/places"
LIMIT = {"programme": "quinzaine", "places": "12", "answer_hours": "48"}


@pytest.fixture
def services() -> FakeServices:
    services = FakeServices()
    waiting = b.a_group_place("acy/cm1/quinzaine/2", state="waiting", position=4, until=None)
    services.answers[rpc.GetSchoolPage] = b.a_school_page(places=(b.a_group_place(), waiting))
    return services


def answer(visitor: Visitor, **fields: str) -> httpx.Response:
    form = {"school": b.SCHOOL_ID, "group": GROUP, "word": "accept", "pupils": "13", "key": "key-1"}
    return visitor.submit("/ecole/place", form | fields, page="/ecole")


def test_a_school_sees_that_it_is_full_and_its_place_on_the_list(school: Visitor) -> None:
    page = school.get("/ecole").text
    assert "Complet\u00a0: toutes les places sont prises." in page
    assert "au rang 4" in page
    assert "Répondez avant 30 oct. 2020, 12\u00a0h\u00a000" in page


def test_a_school_without_limited_programme_sees_nothing_of_places() -> None:
    page = Visitor(FakeServices()).open_school().get("/ecole").text
    assert "Vos places" not in page


def test_the_head_count_is_not_filled_in(school: Visitor) -> None:
    fields = re.findall(r'<input id="place-[^>]*>', school.get("/ecole").text)
    assert [re.findall('value="([^"]*)"', field) for field in fields] == [[""], [""]]


@pytest.mark.parametrize("word", ["accept", "give_up", "ask"])
def test_an_answer_is_sent_as_typed(services: FakeServices, school: Visitor, word: str) -> None:
    assert answer(school, word=word).headers["location"] == "/ecole"
    (sent,) = services.commands()
    assert sent == rpc.AnswerPlace(b.EDITION_ID, b.SCHOOL_ID, GROUP, word, 13, "key-1")  # type: ignore[arg-type]
    assert "C’est noté" in school.get("/ecole").text


@pytest.mark.parametrize("fields", [{"pupils": ""}, {"pupils": "treize"}, {"word": "steal"}, {"school": "belleu"}])
def test_a_faulty_answer_changes_nothing(services: FakeServices, school: Visitor, fields: dict[str, str]) -> None:
    page = answer(school, **fields)
    assert (page.status_code, services.commands()) == (422, [])


def test_a_refusal_is_tied_to_the_field_of_its_group(services: FakeServices, school: Visitor) -> None:
    services.answers[rpc.AnswerPlace] = Refused(Problem("pupils_differ", {"group": "CM1", "pupils": "13"}))
    page = answer(school, pupils="12")
    assert page.status_code == 422
    assert f'<a href="#place-{GROUP}">Pour répondre, recopiez l’effectif inscrit de CM1' in page.text
    assert re.findall(r'<input id="place-acy/cm1/quinzaine/1"[^>]* value="(\d*)"', page.text) == ["12"]


def test_the_organiser_sees_places_and_who_waits(organiser: Visitor) -> None:
    page = organiser.get(ADDRESS).text
    assert "20 places prises ou proposées sur 20" in page
    assert "liste d’attente\u00a0: 1" in page
    assert re.findall(r'<option value="(\w+)" selected>', page) == ["rural"]


def test_a_limit_is_sent(services: FakeServices, organiser: Visitor) -> None:
    assert organiser.submit(ADDRESS, LIMIT).status_code == 303
    assert services.commands() == [rpc.SetPlaces(b.EDITION_ID, "quinzaine", 12, 48)]


def test_the_priorities_are_sent_in_their_order(services: FakeServices, organiser: Visitor) -> None:
    form = {"order": ["qpv", "", "never_served"]}
    assert organiser.submit(f"{ADDRESS}/priorites", form, page=ADDRESS).headers["location"] == ADDRESS
    assert services.commands() == [rpc.SetPriorities(b.EDITION_ID, ("qpv", "never_served"))]


def test_an_empty_limit_means_none(services: FakeServices, organiser: Visitor) -> None:
    organiser.submit(ADDRESS, LIMIT | {"places": ""})
    assert services.commands() == [rpc.SetPlaces(b.EDITION_ID, "quinzaine", None, 48)]


@pytest.mark.parametrize(("field", "typed"), [("places", "dix"), ("places", "-1"), ("answer_hours", "")])
def test_what_is_no_number_stays_and_is_said(
    services: FakeServices, organiser: Visitor, field: str, typed: str
) -> None:
    page = organiser.submit(ADDRESS, LIMIT | {field: typed})
    assert (page.status_code, services.commands()) == (422, [])
    assert f'<a href="#quinzaine-{field}">Indiquez un nombre entier, en chiffres.</a>' in page.text
    assert re.findall(rf'<input id="quinzaine-{field}"[^>]* value="([^"]*)"', page.text) == [typed]


def test_too_few_places_are_refused_beside_their_field(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.SetPlaces] = Refused(Problem("places_below_taken", {"taken": "20"}, column="places"))
    page = organiser.submit(ADDRESS, LIMIT)
    assert page.status_code == 422
    assert '<a href="#quinzaine-places">' in page.text
