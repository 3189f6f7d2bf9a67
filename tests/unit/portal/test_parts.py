"""Small parts: words, forms, letters, the development mailbox."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from services.portal.display.agenda import by_day
from services.portal.mail.letters import read_letter
from services.portal.mail.mailbox import Mailbox
from services.portal.web.words import Words, language_of
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import SETTINGS, FakeServices, Visitor

FRENCH, ENGLISH = Words("fr"), Words("en")


# Words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        (None, None, "", "fr"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "de,en;q=0.5,fr;q=0.7", "fr"),
        (None, None, "en;q=0,de", "fr"),
        (None, None, "en;q=high", "fr"),
        (None, "en", "fr", "en"),
        ("fr", "en", "en", "fr"),
        ("xx", "yy", "en", "en"),
    ],
)
def test_the_language_is_what_was_asked_then_remembered_then_accepted(
    asked: str | None, remembered: str | None, accepted: str, expected: str
) -> None:
    assert language_of(asked, remembered, accepted) == expected


@pytest.mark.parametrize(
    ("n", "french", "english"),
    [(0, "0 séance", "0 sessions"), (1, "1 séance", "1 session"), (2, "2 séances", "2 sessions")],
)
def test_french_counts_zero_in_the_singular(n: int, french: str, english: str) -> None:
    said = [words.plural("{n} séance", "{n} séances", n) for words in (FRENCH, ENGLISH)]
    assert said == [french, english]


def test_french_punctuation_stays_with_its_word() -> None:
    assert FRENCH("« {a} » : oui ! {b} %", a="x", b=2) == "«\u00a0x\u00a0»\u00a0: oui\u00a0! 2\u00a0%"


def test_hours_and_days_are_said_as_people_say_them() -> None:
    session = b.a_session(1)
    assert FRENCH.hours(session.start, session.end) == "9\u00a0h\u00a000 – 10\u00a0h\u00a015"
    assert ENGLISH.hours(session.start, session.end) == "09:00 – 10:15"
    assert (FRENCH.minutes(450), ENGLISH.minutes(450)) == ("7\u00a0h\u00a030", "07:30")
    assert FRENCH.instant(b.MADE_AT) == "20 oct. 2020, 9\u00a0h\u00a030"


def test_sessions_come_in_order() -> None:
    one, two = b.a_planned(1), b.a_planned(2)
    assert by_day([two, one]) == [(b.DAYS[0], [one]), (b.DAYS[1], [two])]


# Letters ----------------------------------------------------------------------------------------------------


def test_a_letter_says_what_its_calendar_part_says() -> None:
    letter = read_letter(b.a_raw_mail())
    assert letter.calendar is not None
    assert (letter.calendar.method, letter.calendar.sequence, letter.calendar.location) == ("REQUEST", 2, "Acy")
    assert letter.calendar.attendees == ("camion@ecole.example",)


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"Date: never\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VEV"])
def test_a_letter_that_is_none_is_shown_all_the_same(raw: bytes) -> None:
    letter = read_letter(raw)
    assert (letter.calendar, letter.date) == (None, None)


# The development mailbox ------------------------------------------------------------------------------------


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    mailbox = Mailbox(tmp_path)
    mailbox.store(b.a_raw_mail(), b.MADE_AT)
    return mailbox


def test_the_mailbox_shows_every_mail_to_developers(mailbox: Mailbox) -> None:
    visitor = Visitor(FakeServices(), mailbox=mailbox)
    (letter,) = mailbox.letters()
    pages = [
        visitor.get(f"/mailbox{path}") for path in ("", f"/{letter.id}", f"/{letter.id}/html", f"/{letter.id}/brut")
    ]
    assert [page.status_code for page in pages] == [200] * 4
    assert all("Boîte de développement." in page.text for page in pages[:2])
    assert pages[3].content == b.a_raw_mail()
    assert [visitor.get(f"/mailbox/{id_}").status_code for id_ in ("lost", "..%2Flost")] == [404, 404]


def test_in_service_there_is_no_mailbox() -> None:
    assert Visitor(FakeServices()).get("/mailbox").status_code == 404


class _Door(socketserver.StreamRequestHandler):
    """A mail door that takes one mail and keeps what it was told."""

    def handle(self) -> None:
        taken: list[bytes] = self.server.taken  # type: ignore[attr-defined]
        self.wfile.write(b"220 door\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    taken.append(part)
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


def test_an_invitation_is_answered_in_place_of_its_provider(mailbox: Mailbox) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Door) as door:
        door.taken = []  # type: ignore[attr-defined]
        threading.Thread(target=door.handle_request, daemon=True).start()
        settings = replace(SETTINGS, mail_port=door.server_address[1])
        visitor = Visitor(FakeServices(), settings, mailbox)
        path = f"/mailbox/{mailbox.letters()[0].id}"
        assert visitor.submit(path, {"answer": "ACCEPTED"}).status_code == 303
        reply = message_from_bytes(b"".join(door.taken))  # type: ignore[attr-defined]
    assert (reply["From"], reply["To"]) == ("camion@ecole.example", "agenda@quinzaine.example")
    calendar = next(part for part in reply.walk() if part.get_content_type() == "text/calendar")
    assert b"PARTSTAT=ACCEPTED" in calendar.get_payload(decode=True)  # type: ignore[operator]


def test_an_answer_must_be_one_that_calendars_know(mailbox: Mailbox) -> None:
    visitor = Visitor(FakeServices(), mailbox=mailbox)
    assert visitor.submit(f"/mailbox/{mailbox.letters()[0].id}", {"answer": "MAYBE"}).status_code == 400
