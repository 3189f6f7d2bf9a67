"""Permissions: the school ticks its director's agreement, the organiser the rest."""

from __future__ import annotations

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = f"/organisateur/editions/{b.EDITION_ID}/reponses/autorisations"
FORM = {"school": b.SCHOOL_ID, "programme": "quinzaine"}


def test_a_school_sees_all_and_ticks_its_directors_only(services: FakeServices) -> None:
    page = Visitor(services).open_school().get("/ecole").text
    assert ("accord de la direction" in page, "ERUN informé" in page) == (True, True)
    assert page.count('action="/ecole/accord"') == 1


@pytest.mark.parametrize(("action", "given"), [("give", True), ("take", False)])
def test_the_director_agrees_and_takes_it_back(services: FakeServices, action: str, given: bool) -> None:
    school = Visitor(services).open_school()
    answer = school.submit("/ecole/accord", FORM | {"action": action}, page="/ecole")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ecole")
    marked = rpc.MarkPermission(b.EDITION_ID, b.SCHOOL_ID, "quinzaine", "director", given, "school")
    assert services.commands() == [marked]


def test_the_form_of_another_school_ticks_nothing(services: FakeServices) -> None:
    school = Visitor(services).open_school()
    answer = school.submit("/ecole/accord", FORM | {"school": "oz", "action": "give"}, page="/ecole")
    assert (answer.status_code, services.commands()) == (422, [])


def test_what_a_confirmation_lacks_is_said(services: FakeServices) -> None:
    services.answers[rpc.ConfirmSlots] = refused("permission_director", activity="Robotique")
    form = {"school": b.SCHOOL_ID, "release": "1", "key": "key-0001", "pupils-s1": "12"}
    answer = Visitor(services).open_school().submit("/ecole/confirmer", form, page="/ecole")
    assert (answer.status_code, "il faut l’accord de la direction" in answer.text) == (422, True)


def test_the_organiser_ticks_and_says_what_is_needed(services: FakeServices) -> None:
    organiser = Visitor(services).sign_in()
    organiser.submit(PAGE, FORM | {"kind": "erun", "action": "give"}, page=PAGE)
    organiser.submit(f"{PAGE}/suivi", {"level-director": "block", "level-erun": "x"}, page=PAGE)
    assert services.commands() == [
        rpc.MarkPermission(b.EDITION_ID, b.SCHOOL_ID, "quinzaine", "erun", True),
        rpc.SetPermissionLevels(b.EDITION_ID, {"director": "block"}),
    ]
    assert "1 autorisation manque" in organiser.get(PAGE).text


def test_the_number_missing_opens_those_that_are_missing(services: FakeServices) -> None:
    organiser = Visitor(services).sign_in()
    assert '<a href="?manque=oui">1 autorisation manque.</a>' in organiser.get(PAGE).text
    shown = [organiser.get(f"{PAGE}{query}").text.count('name="kind"') for query in ("", "?manque=oui")]
    assert shown == [2, 1]
