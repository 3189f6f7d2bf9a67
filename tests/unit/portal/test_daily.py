"""Sheets to print and to keep, what became of a session, and the certificate: in good form, and true."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from services.portal.display.certificate import certificate_of
from services.portal.files import paper
from tests.unit.portal import builders as b
from tests.unit.portal.addresses import DOCUMENTS
from tests.unit.portal.fakes import SETTINGS, FakeServices, Visitor
from tests.unit.portal.test_pages import Reader, french_only

DAY = b.DAYS[0].isoformat()
TEAM_DAY = f"/organisateur/editions/{b.EDITION_ID}/journees/{DAY}/truck-1"
MINE = f"/prestataire/jours/{DAY}"


@pytest.fixture
def everyone(services: FakeServices) -> Visitor:
    return Visitor(services).sign_in().open_school().open_provider()


def text_of(page: str) -> str:
    return " ".join(" ".join(Reader(page).text).split())


def inflated(pdf: bytes) -> bytes:
    """Return what a PDF holds, its streams unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(zlib.decompressobj().decompress(one) for one in streams if one[:1] == b"\x78")


# Sheets -----------------------------------------------------------------------------------------------------------


def test_there_are_seven_documents() -> None:
    assert len(DOCUMENTS) == 7


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_holds_all_it_needs(everyone: Visitor, path: str) -> None:
    answer = everyone.get(path)
    page = Reader(answer.text)
    assert answer.status_code == 200
    assert page.every("script", "link", "img", "iframe") == []
    assert [len(page.every(name)) for name in ("title", "h1", "main", "style")] == [1, 1, 1, 1]
    assert len(page.every("caption")) == len(page.every("table"))
    assert [th for th in page.every("th") if "scope" not in th] == []
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert len(answer.content) < 100_000


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_is_said_in_two_languages(everyone: Visitor, path: str) -> None:
    french, english = (everyone.get(path, headers={"accept-language": one}) for one in ("fr", "en"))
    assert ('<html lang="fr">' in french.text, '<html lang="en">' in english.text) == (True, True)
    assert french_only() & set(Reader(english.text).text) - {""} == set()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_can_be_kept_as_a_file(everyone: Visitor, path: str) -> None:
    answer = everyone.get(f"{path}?forme=fichier")
    assert re.fullmatch(r'attachment; filename="[a-z0-9.-]+\.html"', answer.headers["content-disposition"])
    assert "forme=" not in answer.text


@pytest.mark.parametrize("path", DOCUMENTS)
def test_where_no_pdf_can_be_made_the_page_says_so(
    everyone: Visitor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "can_print", lambda: False)
    answer = everyone.get(f"{path}?forme=pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "il lui manque la bibliothèque Pango" in text_of(answer.text)
    assert "forme=pdf" not in answer.text


def test_a_route_sheet_says_when_where_whom_what_and_what_comes_next(everyone: Visitor) -> None:
    text = text_of(everyone.get(f"{TEAM_DAY}/feuille").text)
    for fact in (
        "lundi 2 novembre 2020",
        "8 h 28",
        "14,8 km, 24 min",
        "Robots",
        "École d’Acy",
        "Mme Petit 06 00 00 00 01",
        "Cour de derrière",
        "1 élève a besoin d’un accès adapté",
        "Les photos",
        "Ensuite : Vidéo (Ze Fab Truck), mar. 3 nov.",
    ):
        assert fact in text.replace("\u00a0", " "), fact


def test_the_code_on_a_route_sheet_leads_to_the_counts_of_that_day(everyone: Visitor) -> None:
    page = Reader(everyone.get(f"{TEAM_DAY}/feuille").text)
    (address,) = [a["href"] for a in page.every("a") if "/prestataire/" in a["href"]]
    assert address == f"http://testserver/prestataire/{b.PROVIDER_TOKEN}?jour={DAY}"
    opened = Visitor(FakeServices()).get(address.removeprefix("http://testserver"))
    assert (opened.status_code, opened.headers["location"]) == (303, MINE)


def test_a_link_leads_to_no_other_site(services: FakeServices) -> None:
    answer = Visitor(services).get(f"/prestataire/{b.PROVIDER_TOKEN}?jour=//evil.example")
    assert answer.headers["location"] == "/prestataire"


def test_a_provider_sees_only_its_own_days(services: FakeServices, everyone: Visitor) -> None:
    everyone.get(MINE)
    everyone.get(f"{MINE}/truck-1")
    asked = [request.provider_id for request in services.asked if isinstance(request, rpc.ListTeamDays)]
    assert asked == [b.PROVIDER_ID, b.PROVIDER_ID]


def test_a_day_without_sessions_is_not_found(services: FakeServices, everyone: Visitor) -> None:
    services.answers[rpc.ListTeamDays] = ()
    for path in (TEAM_DAY, f"{TEAM_DAY}/feuille", MINE, f"{MINE}/truck-1", f"/ecole/jours/{DAY}", "/ecole/jours/x"):
        assert everyone.get(path).status_code == 404, path


@pytest.mark.skipif(not paper.can_print(), reason="no Pango here: sh deploy/pdf.sh")
@pytest.mark.parametrize("sessions", [1, 12])
def test_a_day_is_one_page_of_tagged_pdf(services: FakeServices, everyone: Visitor, sessions: int) -> None:
    services.answers[rpc.ListTeamDays] = (b.a_team_day(*(b.a_visit() for _ in range(sessions))),)
    content = everyone.get(f"{TEAM_DAY}/feuille?forme=pdf").content
    assert content.startswith(b"%PDF-1.7")
    inside = inflated(content)
    assert (len(re.findall(rb"/Type\s*/Page\b", inside)), b"pdfuaid:part" in inside) == (1, True)


def test_a_sheet_bears_the_name_and_the_logo_of_the_organisation(services: FakeServices) -> None:
    logo = base64.b64encode(b"a picture").decode()
    services.answers[rpc.GetTheme] = rpc.Theme("", logo, "image/png")
    organiser = Visitor(services, replace(SETTINGS, name="GrandSoissons")).sign_in()
    page = organiser.get(f"{TEAM_DAY}/feuille").text
    assert f'<img src="data:image/png;base64,{logo}" alt=""> GrandSoissons</p>' in page


# What became of a session -----------------------------------------------------------------------------------------


def fields(**changes: str) -> dict[str, str]:
    start = b.a_session().start.isoformat()
    return {"session": "s1", "start": start, "state": "held", "pupils": "12"} | changes


@pytest.mark.parametrize(("path", "provider"), [(MINE, b.PROVIDER_ID), (TEAM_DAY, "")])
def test_an_outcome_is_told_in_the_name_of_who_tells_it(
    services: FakeServices, everyone: Visitor, path: str, provider: str
) -> None:
    answer = everyone.submit(path, fields(state="shortened", minutes="50", published="yes"))
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    told = rpc.RecordOutcome(
        b.EDITION_ID, "s1", b.a_session().start, "shortened", 12, 50, None, True, provider_id=provider
    )
    assert services.commands() == [told]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"state": "cancelled", "by": "school", "pupils": ""}, ("cancelled", 0, "school")),
        ({"state": "cancelled", "by": "the weather", "pupils": "1e3"}, ("cancelled", 0, None)),
        ({"pupils": "-3"}, ("held", 0, None)),
    ],
)
def test_what_is_typed_is_never_guessed(
    services: FakeServices, everyone: Visitor, typed: dict[str, str], told: tuple[Any, ...]
) -> None:
    everyone.submit(MINE, fields(**typed))
    (asked,) = services.commands()
    assert isinstance(asked, rpc.RecordOutcome)
    assert (asked.state, asked.pupils, asked.cancelled_by) == told


def test_a_refusal_is_said_at_its_field_with_what_was_typed(services: FakeServices, everyone: Visitor) -> None:
    services.answers[rpc.RecordOutcome] = refused("outcome_pupils", most=40)
    answer = everyone.submit(MINE, fields(pupils="99"))
    page = Reader(answer.text)
    assert answer.status_code == 422
    (pupils,) = [a for a in page.every("input") if a.get("id") == "pupils-s1"]
    assert (pupils["value"], pupils["aria-describedby"]) == ("99", "pupils-s1-error")
    assert [a["href"] for a in page.every("a") if a.get("href") == "#pupils-s1"] == ["#pupils-s1"]


@pytest.mark.parametrize("wrong", [{"state": "lost"}, {"start": "soon"}, {"start": "2020-11-02T08:00"}])
def test_what_makes_no_sense_is_told_to_nobody(
    services: FakeServices, everyone: Visitor, wrong: dict[str, str]
) -> None:
    assert everyone.submit(MINE, fields(**wrong)).status_code in (400, 422)
    assert services.commands() == []


def test_what_the_organiser_told_a_provider_cannot_change(services: FakeServices, everyone: Visitor) -> None:
    known = b.an_outcome(recorded_by="organiser")
    services.answers[rpc.ListTeamDays] = (b.a_team_day(b.a_visit(planned=b.a_planned(outcome=known))),)
    assert 'value="s1"' not in everyone.get(MINE).text
    assert 'value="s1"' in everyone.get(TEAM_DAY).text


# The certificate --------------------------------------------------------------------------------------------------


def a_day_told(**changes: Any) -> rpc.TeamDay:
    outcome = b.an_outcome(**changes)
    return b.a_team_day(b.a_visit(planned=b.a_planned(outcome=outcome)))


def test_a_certificate_counts_what_was_given() -> None:
    found = certificate_of(
        [
            a_day_told(),
            a_day_told(state="shortened", minutes=50, pupils=9),
            a_day_told(state="cancelled", cancelled_by="school", pupils=0),
            b.a_team_day(),
        ]
    )
    assert (found.minutes, found.pupils, found.kilometres) == (75 + 50, 21, 2 * 14.8)
    assert [len(found.given), len(found.cancelled), len(found.untold)] == [2, 1, 1]


def test_a_certificate_is_not_for_signing_while_outcomes_are_missing(services: FakeServices, everyone: Visitor) -> None:
    path = f"/organisateur/editions/{b.EDITION_ID}/attestations/{b.PROVIDER_ID}"
    services.answers[rpc.ListTeamDays] = (a_day_told(), b.a_team_day())
    assert "Provisoire : le bilan de 1 séance manque." in text_of(everyone.get(path).text).replace("\u00a0", " ")
    services.answers[rpc.ListTeamDays] = (a_day_told(),)
    text = text_of(everyone.get(path).text)
    assert ("Provisoire" in text, "signature" in text) == (False, True)


def test_a_provider_of_another_edition_has_no_certificate(everyone: Visitor) -> None:
    assert everyone.get(f"/organisateur/editions/{b.EDITION_ID}/attestations/nobody").status_code == 404
