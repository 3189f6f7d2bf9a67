"""A school asks for another slot at its price; the organiser accepts or refuses."""

from __future__ import annotations

import re

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import HalfDay
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = "/ecole/autre-creneau"
TELEPHONE = f"/organisateur/editions/{b.EDITION_ID}/ecoles/{b.SCHOOL_ID}/telephone"
ANSWERS = f"/organisateur/editions/{b.EDITION_ID}/reponses"
FORM = {"school": b.SCHOOL_ID, "release": "1", "session": "s1", "key": "key-0001", "half_day": "2020-11-10 pm"}
WISH = {"school": b.SCHOOL_ID, "session": "s1"}


def test_every_alternative_is_shown_with_its_price(school: Visitor) -> None:
    page = school.get(f"{PAGE}?seance=s1").text
    assert page.count('type="radio" name="half_day"') == 2
    assert "1 séance change de créneau · 2 écoles et prestataires à prévenir · 7 km de plus (estimation)" in page
    assert "2 km de moins</span>" in page


def test_without_an_alternative_the_page_says_why_and_what_to_do(services: FakeServices, school: Visitor) -> None:
    services.answers[rpc.PriceAlternatives] = ()

    def said(session: str) -> tuple[bool, bool, list[str]]:
        text = school.get(f"{PAGE}?seance={session}").text
        links = re.findall(r'<li><a href="([^"]+)">(?:demander d’abord|refuser cette séance)', text)
        return "Les équipes sont peut-être prises" in text, "Ce groupe vit d’abord «" in text, links

    assert said("s1") == (True, False, ["/ecole"])
    assert said("s2") == (False, True, [f"{PAGE}?seance=s1", "/ecole"])


def test_a_session_that_cannot_be_priced_has_its_reason_alone(services: FakeServices, school: Visitor) -> None:
    services.answers[rpc.PriceAlternatives] = refused("unknown_session")
    assert "Aucune autre demi-journée" not in school.get(f"{PAGE}?seance=s1").text


def test_without_a_session_the_page_asks_which(school: Visitor) -> None:
    page = school.get(f"{PAGE}?seance=gone").text
    assert [f'href="{PAGE}?seance=s{n}"' in page for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_wish_carries_the_price_of_now_and_the_release_read(services: FakeServices, school: Visitor) -> None:
    answer = school.submit(PAGE, FORM | {"comment": " cantine "}, page=f"{PAGE}?seance=s1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ecole")
    chosen = b.an_alternative("pm", kilometres=-2, exact=True)
    assert services.commands() == [
        rpc.AskForSlot(b.EDITION_ID, b.SCHOOL_ID, 1, "s1", chosen, "cantine", "key-0001", "school")
    ]


@pytest.mark.parametrize("half_day", ["", "2020-11-11 am"])
def test_a_half_day_that_is_not_offered_keeps_the_comment(
    services: FakeServices, school: Visitor, half_day: str
) -> None:
    sent = FORM | {"half_day": half_day, "comment": "cantine"}
    answer = school.submit(PAGE, sent, page=f"{PAGE}?seance=s1")
    assert (answer.status_code, ">cantine</textarea>" in answer.text, services.commands()) == (422, True, [])
    assert '<a href="#half_day">Choisissez une demi-journée' in answer.text


def test_an_outdated_wish_shows_the_new_dates(services: FakeServices, school: Visitor) -> None:
    where = {"session": "s1", "activity": "Robotique", "group": "g", "day": "2020-11-05", "hour": "09:00", "place": "x"}
    services.answers[rpc.AskForSlot] = refused("slot_moved", **where)
    answer = school.submit(PAGE, FORM, page=f"{PAGE}?seance=s1")
    assert (answer.status_code, "jeudi 5 novembre 2020" in answer.text) == (422, True)


def test_a_comment_that_seems_to_name_pupils_is_shown_again_with_the_slot(
    services: FakeServices, school: Visitor
) -> None:
    services.answers[rpc.AskForSlot] = refused("looks_like_names")
    sent = FORM | {"comment": "Léa, Hugo et Zoé"}
    answer = school.submit(PAGE, sent, page=f"{PAGE}?seance=s1")
    assert (answer.status_code, ">Léa, Hugo et Zoé</textarea>" in answer.text) == (422, True)
    assert f'value="{FORM["half_day"]}" required checked' in answer.text
    school.submit(PAGE, sent | {"no-names": "on"}, page=f"{PAGE}?seance=s1")
    assert [asked.no_names for asked in services.commands() if isinstance(asked, rpc.AskForSlot)] == [False, True]


def test_the_organiser_types_a_wish_of_the_telephone(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{TELEPHONE}/autre-creneau", FORM, page=f"{TELEPHONE}/autre-creneau?seance=s1")
    assert (answer.status_code, answer.headers["location"]) == (303, TELEPHONE)
    (sent,) = services.commands()
    assert isinstance(sent, rpc.AskForSlot)
    assert sent.by == "organiser"


def test_a_school_sees_what_became_of_its_wish(services: FakeServices, school: Visitor) -> None:
    wish = b.a_school_wish(state="refused", words="Le camion est à Belleu.").wish
    services.answers[rpc.GetSchoolPage] = b.a_school_page(offers=(b.an_offer(1, wish=wish),))
    page = school.get("/ecole").text
    assert "demande refusée" in page
    assert "Réponse de l’organisateur\u00a0: «\u00a0Le camion est à Belleu.\u00a0»" in page


def test_accepting_makes_the_plan_first_and_shows_it(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{ANSWERS}/creneaux", WISH | {"action": "accept"}, page=ANSWERS)
    assert answer.headers["location"].endswith(f"/propositions/{b.PROPOSAL_ID}")
    half_day = HalfDay(b.an_alternative().half_day.day, "am")
    assert services.commands() == [
        rpc.MoveSession(b.EDITION_ID, "s1", half_day),
        rpc.SettleWish(b.EDITION_ID, b.SCHOOL_ID, "s1", "accept"),
    ]


def test_a_slot_taken_meanwhile_leaves_the_wish_open(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.MoveSession] = refused("half_day_gone")
    answer = organiser.submit(f"{ANSWERS}/creneaux", WISH | {"action": "accept"}, page=ANSWERS)
    assert (answer.status_code, "n’est plus possible" in answer.text) == (422, True)
    assert [type(sent) for sent in services.commands()] == [rpc.MoveSession]


def test_refusing_takes_a_sentence(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{ANSWERS}/creneaux", WISH | {"action": "refuse", "words": ""}, page=ANSWERS)
    assert (answer.status_code, services.commands()) == (422, [])
    organiser.submit(f"{ANSWERS}/creneaux", WISH | {"action": "refuse", "words": "Camion pris."}, page=ANSWERS)
    assert services.commands() == [rpc.SettleWish(b.EDITION_ID, b.SCHOOL_ID, "s1", "refuse", "Camion pris.")]
