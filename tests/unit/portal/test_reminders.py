"""Who would be reminded and why, and the organiser's word before a mail leaves."""

from __future__ import annotations

import datetime as dt
import re

from services.contracts import rpc
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = f"/organisateur/editions/{b.EDITION_ID}/reponses"
MAILS = f"/organisateur/editions/{b.EDITION_ID}/courriels"


def test_only_a_school_that_is_due_can_be_ticked_and_each_says_why(organiser: Visitor) -> None:
    page = organiser.get(PAGE).text
    assert re.findall(r'name="remind" value="([^"]+)"', page) == [b.SCHOOL_ID]
    assert "2 séances sans réponse" in page
    assert "moins de sept jours depuis le dernier courriel" in page
    assert "pas avant le 27 oct. 2020" in page


def test_the_schools_ticked_get_a_mail_to_review(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{PAGE}/relances", {"remind": b.SCHOOL_ID}, page=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, MAILS)
    assert services.commands() == [rpc.PrepareReminders(b.EDITION_ID, (b.SCHOOL_ID,))]


def test_nothing_ticked_is_said(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{PAGE}/relances", {}, page=PAGE)
    assert (answer.status_code, services.commands()) == (422, [])
    assert '<a href="#remind">Cochez au moins une école.</a>' in answer.text


def test_a_reminder_that_waits_says_that_it_needs_a_word(services: FakeServices, organiser: Visitor) -> None:
    waits = {
        "state": "waiting",
        "sent_at": None,
        "attempts": 0,
        "leaves_at": dt.datetime(9999, 12, 31, tzinfo=dt.timezone.utc),
    }
    services.answers[rpc.ListMails] = (b.a_mail_summary(kind="reminder", **waits),)
    page = organiser.get(MAILS).text
    assert ("ne part qu’avec votre accord" in page, "9999" in page) == (True, False)
