"""A school registers by its form."""

from __future__ import annotations

import re

import httpx

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from services.contracts.values import HalfDay
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = "/ecole/inscription"
SENT = {"school": b.SCHOOL_ID, "key": "key-0001", "action": "send", "rooms": "2", "class-0-name": "CM1"}
FIELDS = {"rooms": "2", "class-0-name": "CM1"}


def submit(visitor: Visitor, **changes: str) -> httpx.Response:
    return visitor.submit(PAGE, SENT | changes)


def field(page: str, name: str) -> str:
    (found,) = re.findall(rf'<(?:input|textarea|select)[^>]* name="{name}"[^>]*>', page)
    return str(found)


def test_the_form_shows_what_is_known(school: Visitor) -> None:
    page = school.get(PAGE).text
    assert 'value="25"' in field(page, "class-0-pupils")
    assert "checked" in field(page, "class-0-in-quinzaine")
    assert re.search(r'name="half-2020-11-03-am".*?<option value="closed" selected>', page, re.DOTALL)
    assert len(re.findall(r'name="class-\d+-name"', page)) == 3


def test_sending_registers_every_field_and_nothing_else(services: FakeServices, school: Visitor) -> None:
    answer = submit(school)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ecole")
    assert services.commands() == [rpc.RegisterSchool(b.EDITION_ID, b.SCHOOL_ID, FIELDS, "key-0001")]
    assert "Votre inscription est enregistrée" in school.get("/ecole").text


def test_a_form_names_what_it_takes_the_place_of(services: FakeServices, school: Visitor) -> None:
    services.answers[rpc.GetRegistrationForm] = b.a_registration_form(version="2")
    assert 'value="2"' in field(school.get(PAGE).text, "before")
    services.answers[rpc.RegisterSchool] = Refused(Problem("registered_meanwhile"))
    answer = submit(school, before="1")
    assert (answer.status_code, 'value="2"' in field(answer.text, "before")) == (422, True)
    assert "<li>Quelqu’un d’autre a changé cette inscription entre-temps." in answer.text
    assert services.commands() == [rpc.RegisterSchool(b.EDITION_ID, b.SCHOOL_ID, FIELDS, "key-0001", "1")]


def test_a_draft_is_kept_and_not_sent(services: FakeServices, school: Visitor) -> None:
    assert submit(school, action="draft").headers["location"] == PAGE
    assert services.commands() == [rpc.SaveDraft(b.EDITION_ID, b.SCHOOL_ID, FIELDS)]
    assert "Il n’est pas encore envoyé" in school.get(PAGE).text


def test_a_fault_is_tied_to_its_field_and_what_was_typed_stays(services: FakeServices, school: Visitor) -> None:
    faults = (
        Problem("number_malformed", {"low": "1", "high": "40"}, column="class-0-pupils", value="beaucoup"),
        Problem("looks_like_names", column="remarks"),
    )
    services.answers[rpc.RegisterSchool] = Refused(*faults)
    answer = submit(school, **{"class-0-pupils": "beaucoup", "remarks": "Léa Petit"})
    assert answer.status_code == 422
    assert (
        '<a href="#class-0-pupils">Classe 1, élèves\u00a0: Il faut ici un nombre entier de 1 à 40.</a>' in answer.text
    )
    assert 'value="beaucoup"' in field(answer.text, "class-0-pupils")
    assert 'aria-describedby="class-0-pupils-error" aria-invalid="true"' in field(answer.text, "class-0-pupils")
    assert "Léa Petit</textarea>" in answer.text
    assert 'name="no-names"' in answer.text


def test_a_form_of_another_school_registers_nothing(services: FakeServices, school: Visitor) -> None:
    assert submit(school, school="ecole-de-belleu").headers["location"] == PAGE
    assert services.commands() == []


def test_a_half_day_without_class_is_not_asked_about_and_keeps_what_it_had(
    services: FakeServices, school: Visitor
) -> None:
    day = b.a_registration_form().days[0]
    off = (HalfDay(day, "am"), HalfDay(day, "pm"))
    kept = b.a_registration_form(without_class=off, fields={f"half-{day}-am": "closed"})
    services.answers[rpc.GetRegistrationForm] = kept
    page = school.get("/ecole/inscription").text
    assert page.count("pas de classe") == 2
    assert f'<input type="hidden" name="half-{day}-am" value="closed">' in page
    assert [f'<select id="half-{day}-{half}"' in page for half in ("am", "pm")] == [False, False]
    assert f'<select id="half-{kept.days[1]}-am"' in page
