"""Letters to schools that do not read mail: listed, printed on one page start each, noted as printed."""

from __future__ import annotations

import re

import pytest

from services.contracts import rpc
from services.portal.files.paper import can_print
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor
from tests.unit.portal.test_daily import inflated

EDITION = f"/organisateur/editions/{b.EDITION_ID}"
LETTERS = f"{EDITION}/lettres"


def test_letters_are_listed_with_their_address_and_noted_as_printed(services: FakeServices, organiser: Visitor) -> None:
    waits = b.a_mail_summary(id="d1", state="to_print", sent_at=None, recipient="Acy, 1 rue de l’École")
    services.answers[rpc.ListMails] = (waits,)
    page = organiser.get(f"{EDITION}/courriels").text
    assert ("1 lettre à imprimer" in page, "Acy, 1 rue de l’École" in page) == (True, True)
    organiser.submit(LETTERS, {"mail": ["d1", "d2"]}, page=f"{EDITION}/courriels")
    assert services.commands() == [rpc.MarkPrinted(b.EDITION_ID, ("d1", "d2"))]
    told = organiser.get(f"{EDITION}/courriels").text
    assert "1 lettre est notée comme imprimée. 1 ne l’est pas, remplacée" in told


def test_a_letter_shows_the_address_the_text_and_its_link_as_a_code(organiser: Visitor) -> None:
    page = organiser.get(LETTERS).text
    assert [page.count(word) for word in ('<article class="letter"', 'class="to"', "<h1>")] == [1, 1, 1]
    assert b.a_school().name in page


@pytest.mark.skipif(not can_print(), reason="Pango is missing")
def test_each_letter_begins_a_page_of_one_pdf(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListLetters] = (b.a_paper_letter(),) * 3
    answer = organiser.get(f"{LETTERS}?forme=pdf")
    assert answer.headers["content-type"] == "application/pdf"
    inside = inflated(answer.content)
    assert (len(re.findall(rb"/Type\s*/Page\b", inside)), b"pdfuaid:part" in inside) == (3, True)


@pytest.mark.parametrize(("action", "style"), [("by_post", "letter"), ("by_mail", "feed")])
def test_the_organiser_says_how_a_school_is_written_to(
    services: FakeServices, organiser: Visitor, action: str, style: rpc.Style
) -> None:
    organiser.submit(f"{EDITION}/liens", {"kind": "school", "id": b.SCHOOL_ID, "action": action})
    assert services.commands() == [rpc.ChooseStyle(b.EDITION_ID, "school", b.SCHOOL_ID, style)]


def test_a_school_cannot_ask_for_letters_by_itself(services: FakeServices) -> None:
    services.answers[rpc.ListFeeds] = ()
    Visitor(services).open_school().submit("/ecole/agenda", {"style": "letter"}, page="/ecole")
    assert services.commands() == []
