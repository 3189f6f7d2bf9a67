"""The pages that say why: of a plan with sessions left out, and of one session."""

from __future__ import annotations

import html
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PROPOSAL = f"/organisateur/editions/{b.EDITION_ID}/propositions/{b.a_proposal().proposal_id}"


def text_of(organiser: Visitor, path: str, language: str = "fr") -> str:
    page = organiser.get(path, headers={"accept-language": language})
    assert page.status_code == 200
    return html.unescape(page.text).replace("\u00a0", " ")


def test_a_plan_with_sessions_left_out_leads_to_the_reasons_and_the_ways_out(organiser: Visitor) -> None:
    assert f'href="{PROPOSAL}/pourquoi"' in text_of(organiser, PROPOSAL)
    page = text_of(organiser, f"{PROPOSAL}/pourquoi")
    assert "Acy, CM2 1, « Vidéo » : « Robotique », qui vient avant, n’a pas de place." in page
    assert "– rouvrir Acy : jeudi 5 novembre matin, jeudi 5 novembre après-midi" in page
    assert "reopen Acy: Thursday 5 November morning" in text_of(organiser, f"{PROPOSAL}/pourquoi", "en")


def test_a_whole_plan_is_explained_as_well(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetPlan] = b.a_proposal(unplaced=())
    assert f'{PROPOSAL}/pourquoi"' in text_of(organiser, PROPOSAL)
    services.answers[rpc.ExplainPlan] = rpc.Explanation((), ())
    assert "Toutes les séances ont une place." in text_of(organiser, f"{PROPOSAL}/pourquoi")


def test_a_session_says_why_here_and_what_else_there_is(services: FakeServices, organiser: Visitor) -> None:
    page = text_of(organiser, f"{PROPOSAL}/pourquoi-ici?seance=s1")
    asked = [question for question in services.asked if isinstance(question, rpc.ExplainSession)]
    assert asked == [rpc.ExplainSession(b.EDITION_ID, b.a_proposal().proposal_id, "s1")]
    assert "aucune autre demi-journée n’est possible" in page
    assert "Acy n’accueille pas de séance le lundi 2 novembre 2020 de 7 h 00 à 8 h 15." in page


def test_a_session_that_does_not_exist_is_said(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ExplainSession] = refused("unknown_session")
    answer = organiser.get(f"{PROPOSAL}/pourquoi-ici?seance=x")
    assert answer.status_code >= 400
    assert "Cette séance n’existe pas dans ce plan" in answer.text


def test_broken_rules_are_said_whole_and_a_warning_keeps_the_way_to_publish(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.GetPlan] = b.a_proposal(violations=(b.a_violation(),))
    page = text_of(organiser, PROPOSAL)
    assert "Acy n’accueille pas de séance le lundi 2 novembre 2020 de 7 h 00 à 8 h 15." in page
    assert "/diffusion" not in page
    services.answers[rpc.GetPlan] = b.a_proposal(violations=(replace(b.a_violation(), level="warn"),))
    page = text_of(organiser, PROPOSAL)
    assert "à savoir" in page
    assert "/diffusion" in page
