"""A school answers on its page."""

from __future__ import annotations

import re

import httpx
import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

FORM = {"school": b.SCHOOL_ID, "release": "1", "key": "key-0001"}


def confirm(visitor: Visitor, **fields: str) -> httpx.Response:
    return visitor.submit("/ecole/confirmer", FORM | fields, page="/ecole")


def decline(visitor: Visitor, **fields: str) -> httpx.Response:
    return visitor.submit("/ecole/refuser", FORM | {"session": "s1"} | fields, page="/ecole")


def test_head_counts_are_typed_by_a_person(school: Visitor) -> None:
    page = school.get("/ecole").text
    (field,) = re.findall(r'<input id="pupils-s1"[^>]*>', page)
    assert 'value=""' in field
    assert "Effectif connu\u00a0: 13" in page


def test_only_what_waits_for_an_answer_has_a_field(school: Visitor) -> None:
    page = school.get("/ecole").text
    assert re.findall(r'name="pupils-(\w+)"', page) == ["s1"]
    assert "date, heure ou lieu modifiés" in page
    assert "Votre raison\u00a0: Sortie scolaire" in page


def test_a_group_to_settle_and_sessions_of_a_dissolved_one_are_explained(
    services: FakeServices, school: Visitor
) -> None:
    def said() -> tuple[int, int]:
        page = school.get("/ecole").text
        return page.count("L’organisateur décide, puis les groupes choisis"), page.count("groupe dissous")

    assert said() == (1, 0)
    services.answers[rpc.GetSchoolPage] = b.a_school_page(groups=())
    assert said() == (0, 3)


def test_a_school_without_classes_is_led_to_its_form(services: FakeServices, school: Visitor) -> None:
    services.answers[rpc.GetSchoolPage] = b.a_school_page(classes=(), groups=(), offers=())
    page = school.get("/ecole").text
    assert "Aucune classe n’est encore inscrite" in page
    assert "Vos classes sont inscrites" not in page
    assert re.findall(r'href="/ecole/inscription">([^<]+)<', page) == ["Inscrire nos classes"]


def test_an_answer_says_which_answers_were_read(services: FakeServices, school: Visitor) -> None:
    offers = (b.an_offer(1), b.an_offer(2, answer="confirmed", answered_at=b.MADE_AT))
    services.answers[rpc.GetSchoolPage] = b.a_school_page(offers=offers)
    page = school.get("/ecole").text
    assert re.findall(r'name="seen" value="([^"]+)"', page) == [b.MADE_AT.isoformat()] * 3
    confirm(school, **{"pupils-s1": "12", "seen": b.MADE_AT.isoformat()})
    decline(school, reason="Sortie scolaire", seen="hier")
    assert [command.seen for command in services.commands()] == [b.MADE_AT, None]  # type: ignore[attr-defined]


def test_what_someone_else_answered_meanwhile_is_said_above_the_page(services: FakeServices, school: Visitor) -> None:
    facts = {"session": "s1", "activity": "Robotique", "group": "CM1", "pupils": "13", "reason": "travaux"}
    services.answers[rpc.ConfirmSlots] = Refused(Problem("declined_meanwhile", facts))
    answer = confirm(school, **{"pupils-s1": "12"})
    assert answer.status_code == 422
    assert "<li>Quelqu’un d’autre vient de refuser la séance" in answer.text  # no field to lead to


def test_each_form_has_a_key_of_its_own(school: Visitor) -> None:
    keys = re.findall(r'name="key" value="([^"]+)"', school.get("/ecole").text)
    assert len(set(keys)) == len(keys) == 3


def test_confirming_sends_the_head_counts_and_the_release_read(services: FakeServices, school: Visitor) -> None:
    answer = confirm(school, **{"pupils-s1": " 12 ", "pupils-s2": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ecole")
    assert services.commands() == [rpc.ConfirmSlots(b.EDITION_ID, b.SCHOOL_ID, 1, {"s1": 12}, "key-0001")]
    assert "1 séance confirmée" in school.get("/ecole").text
    assert "1 séance confirmée" not in school.get("/ecole").text


def test_pressing_the_button_alone_confirms_nothing(services: FakeServices, school: Visitor) -> None:
    answer = confirm(school, **{"pupils-s1": ""})
    assert answer.status_code == 422
    assert "Indiquez le nombre d’élèves attendus" in answer.text
    assert services.commands() == []


@pytest.mark.parametrize("typed", ["treize", "0", "-3", "61", "9999999999999999999999", "1.5", "１２"])
def test_a_head_count_that_is_none_stays_and_is_said(services: FakeServices, school: Visitor, typed: str) -> None:
    answer = confirm(school, **{"pupils-s1": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert '<a href="#pupils-s1">Indiquez un nombre d’élèves de 1 à 40, en chiffres.</a>' in answer.text
    assert 'aria-describedby="pupils-s1-hint pupils-s1-error" aria-invalid="true"' in answer.text
    assert services.commands() == []


def test_an_outdated_answer_shows_the_new_dates_and_keeps_what_was_typed(
    services: FakeServices, school: Visitor
) -> None:
    moved = {
        "session": "s1",
        "activity": "Robotique",
        "group": "g",
        "day": "2020-11-05",
        "hour": "09:00",
        "place": "Acy",
    }
    services.answers[rpc.ConfirmSlots] = Refused(Problem("slot_moved", moved))
    answer = confirm(school, **{"pupils-s1": "12"})
    assert answer.status_code == 422
    assert "jeudi 5 novembre 2020 à 9\xa0h\xa000" in answer.text
    assert 'value="12"' in answer.text


def test_declining_sends_the_reason(services: FakeServices, school: Visitor) -> None:
    assert decline(school, reason="Sortie scolaire").status_code == 303
    assert services.commands() == [rpc.DeclineSlot(b.EDITION_ID, b.SCHOOL_ID, 1, "s1", "Sortie scolaire", "key-0001")]


def test_declining_needs_a_reason_and_opens_its_form_again(services: FakeServices, school: Visitor) -> None:
    answer = decline(school, reason="  ")
    assert answer.status_code == 422
    assert '<a href="#reason-s1">' in answer.text
    assert "<details open>" in answer.text
    assert services.commands() == []


def test_a_refused_decline_keeps_the_reason(services: FakeServices, school: Visitor) -> None:
    services.answers[rpc.DeclineSlot] = Refused(Problem("slot_withdrawn", {"session": "s1"}))
    answer = decline(school, reason="Sortie <b>")
    assert answer.status_code == 422
    assert "Sortie &lt;b&gt;</textarea>" in answer.text


def test_a_reason_that_seems_to_name_pupils_asks_who_typed_it(services: FakeServices, school: Visitor) -> None:
    assert 'name="no-names"' not in decline(school, reason=" ").text
    services.answers[rpc.DeclineSlot] = Refused(Problem("looks_like_names", {"session": "s1"}))
    answer = decline(school, reason="Léa, Hugo et Zoé")
    assert (answer.status_code, answer.text.count('name="no-names"')) == (422, 1)
    assert '<a href="#reason-s1">' in answer.text
    decline(school, reason="Léa, Hugo et Zoé", **{"no-names": "on"})
    assert [sent.no_names for sent in services.commands() if isinstance(sent, rpc.DeclineSlot)] == [False, True]


def test_a_form_of_another_school_is_refused(services: FakeServices, school: Visitor) -> None:
    answers = [confirm(school, **{"pupils-s1": "12", "school": "belleu"}), decline(school, reason="x", school="belleu")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert services.commands() == []


def test_the_addresses_of_forms_lead_back_to_the_page(school: Visitor) -> None:
    answers = [school.get(path) for path in ("/ecole/confirmer", "/ecole/refuser")]
    assert [(a.status_code, a.headers["location"]) for a in answers] == [(303, "/ecole")] * 2


def test_the_calendar_is_offered_both_ways(school: Visitor) -> None:
    page = school.get("/ecole").text
    assert 'value="http://testserver/feeds/feed-token-0002.ics"' in page
    assert 'href="webcal://testserver/feeds/feed-token-0002.ics"' in page
