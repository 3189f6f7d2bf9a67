"""The organiser types what a school answers on the telephone."""

from __future__ import annotations

from services.contracts import rpc
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = f"/organisateur/editions/{b.EDITION_ID}/ecoles/{b.SCHOOL_ID}/telephone"
GROUP = "acy/cm1/quinzaine/1"
FORM = {"school": b.SCHOOL_ID, "release": "1", "key": "key-0001"}


def test_a_confirmation_goes_out_as_the_organisers(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{PAGE}/confirmer", FORM | {"pupils-s1": "12"}, page=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    sent = rpc.ConfirmSlots(b.EDITION_ID, b.SCHOOL_ID, 1, {"s1": 12}, "key-0001", "organiser")
    assert services.commands() == [sent]


def test_a_refusal_goes_out_as_the_organisers(services: FakeServices, organiser: Visitor) -> None:
    organiser.submit(f"{PAGE}/refuser", FORM | {"session": "s1", "reason": "Sortie"}, page=PAGE)
    assert services.commands() == [
        rpc.DeclineSlot(b.EDITION_ID, b.SCHOOL_ID, 1, "s1", "Sortie", "key-0001", "organiser")
    ]


def test_the_answer_to_an_offer_of_a_place_goes_out_as_the_organisers(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.GetSchoolPage] = b.a_school_page(places=(b.a_group_place(by_telephone=True),), offers=())
    assert organiser.get(PAGE).text.count("Réponse prise par téléphone.") == 1
    form = {"school": b.SCHOOL_ID, "group": GROUP, "word": "accept", "pupils": "13", "key": "key-1"}
    answer = organiser.submit(f"{PAGE}/place", form, page=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert services.commands() == [
        rpc.AnswerPlace(b.EDITION_ID, b.SCHOOL_ID, GROUP, "accept", 13, "key-1", "organiser")
    ]


def test_what_was_typed_wrongly_stays_on_the_organisers_page(organiser: Visitor) -> None:
    answer = organiser.submit(f"{PAGE}/confirmer", FORM | {"pupils-s1": "douze"}, page=PAGE)
    assert (answer.status_code, 'value="douze"' in answer.text) == (422, True)
    assert f'action="{PAGE}/confirmer"' in answer.text
