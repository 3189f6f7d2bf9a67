"""By when schools answer, seen from both sides, and answers taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = f"/organisateur/editions/{b.EDITION_ID}/reponses"
TELEPHONE = f"/organisateur/editions/{b.EDITION_ID}/ecoles/{b.SCHOOL_ID}/telephone"
UNTIL = dt.datetime(2020, 10, 23, 7, 30, tzinfo=dt.timezone.utc)
FRIDAY = dt.date(2020, 10, 30)
FORM = {"school": b.SCHOOL_ID, "release": "1", "session": "s2", "key": "key-0001"}


@pytest.fixture
def services() -> FakeServices:
    offers = (b.an_offer(1), b.an_offer(2, answer="confirmed", answered_at=b.MADE_AT, undo_until=UNTIL, late=True))
    services = FakeServices()
    services.answers[rpc.GetSchoolPage] = b.a_school_page(offers=offers)
    return services


@pytest.mark.parametrize(
    ("deadline", "said"),
    [
        (rpc.Deadline(FRIDAY, "open", 4), "encore 4 jours"),
        (rpc.Deadline(FRIDAY, "open", 0), "c’est le dernier jour"),
        (rpc.Deadline(FRIDAY, "passed", 0), "Vous pouvez encore répondre"),
    ],
)
def test_a_school_sees_the_deadline_and_its_state(services: FakeServices, deadline: rpc.Deadline, said: str) -> None:
    services.answers[rpc.GetSchoolPage] = b.a_school_page(deadline=deadline)
    assert said in Visitor(services).open_school().get("/ecole").text


def test_only_an_answer_that_may_be_taken_back_has_a_button(services: FakeServices) -> None:
    page = Visitor(services).open_school().get("/ecole").text
    assert page.count('action="/ecole/annuler"') == 1
    assert "possible jusqu’au 23 oct. 2020, 9\u00a0h\u00a030" in page
    assert page.count("après la date limite") == 1


def test_a_school_takes_an_answer_back(services: FakeServices) -> None:
    school = Visitor(services).open_school()
    answer = school.submit("/ecole/annuler", FORM, page="/ecole")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ecole")
    assert services.commands() == [rpc.UndoAnswer(b.EDITION_ID, b.SCHOOL_ID, 1, "s2", "key-0001")]
    assert "attend de nouveau une réponse" in school.get("/ecole").text


def test_why_an_answer_stands_is_said_on_the_page(services: FakeServices) -> None:
    services.answers[rpc.UndoAnswer] = refused("undo_too_late", session="s2")
    answer = Visitor(services).open_school().submit("/ecole/annuler", FORM, page="/ecole")
    assert (answer.status_code, "plus de 72 heures" in answer.text) == (422, True)


def test_the_form_of_another_school_takes_nothing_back(services: FakeServices) -> None:
    answer = Visitor(services).open_school().submit("/ecole/annuler", FORM | {"school": "oz"}, page="/ecole")
    assert (answer.status_code, services.commands()) == (422, [])


def test_the_organiser_takes_an_answer_back_on_the_telephone(services: FakeServices) -> None:
    Visitor(services).sign_in().submit(f"{TELEPHONE}/annuler", FORM, page=TELEPHONE)
    assert services.commands() == [rpc.UndoAnswer(b.EDITION_ID, b.SCHOOL_ID, 1, "s2", "key-0001", "organiser")]


@pytest.mark.parametrize(
    ("fields", "day"), [({"action": "set", "day": "2020-10-30"}, FRIDAY), ({"action": "remove", "day": ""}, None)]
)
def test_the_organiser_sets_and_takes_away_the_deadline(
    services: FakeServices, fields: dict[str, str], day: dt.date | None
) -> None:
    answer = Visitor(services).sign_in().submit(f"{PAGE}/date-limite", fields, page=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert services.commands() == [rpc.SetDeadline(b.EDITION_ID, day)]


def test_a_day_that_is_none_or_over_is_said_at_its_field(services: FakeServices) -> None:
    organiser = Visitor(services).sign_in()
    assert '<a href="#day">Indiquez un jour' in organiser.submit(f"{PAGE}/date-limite", {"day": "x"}, page=PAGE).text
    services.answers[rpc.SetDeadline] = refused("deadline_over", day="2020-10-01")
    answer = organiser.submit(f"{PAGE}/date-limite", {"day": "2020-10-01"}, page=PAGE)
    assert (answer.status_code, 'value="2020-10-01"' in answer.text) == (422, True)
    assert "Le jeudi 1er octobre 2020 est déjà passé" in answer.text
