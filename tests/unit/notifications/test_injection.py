"""Whatever people write in names and texts, no foreign line appears: in no calendar, in no header of a mail."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from functools import cache

import pytest

from services.contracts import rpc
from services.contracts.values import Contact
from services.notifications.domain.lint import lint
from tests.unit.notifications.builders import (
    a_group,
    a_provider,
    a_school,
    a_session,
    declined,
    edition_opened,
    registered,
    released,
)
from tests.unit.notifications.fakes import Bureau, QueuedMail
from tests.unit.notifications.reading import calendar, lines

SEPARATORS = ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
PROPERTIES = (
    *("ATTENDEE:mailto:evil@evil.example", "ORGANIZER:mailto:evil@evil.example", "UID:evil", "SEQUENCE:99"),
    *("DTSTART:20200101T000000Z", "RRULE:FREQ=DAILY", "STATUS:CANCELLED", "METHOD:CANCEL", "END:VEVENT"),
    *("BEGIN:VALARM", "URL:https://evil.example", "ATTACH:https://evil.example/x"),
)
HEADERS = (
    *("Bcc", "Cc", "To", "From", "Sender", "Reply-To", "Return-Path", "Subject", "Date", "Message-ID", "In-Reply-To"),
    *("References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID"),
    *("List-Unsubscribe", "List-ID", "Precedence", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance"),
    *("X-Priority", "Priority", "Disposition-Notification-To", "Return-Receipt-To", "Errors-To", "Resent-To"),
    *("Resent-From", "Resent-Date", "Received", "DKIM-Signature", "Authentication-Results", "ARC-Seal", "X-Spam-Flag"),
    *("X-Mailer", "User-Agent", "Organization", "Keywords", "Comments", "Thread-Topic", "Thread-Index", "Expires"),
    *("Supersedes", "Newsgroups", "Approved", "Content-Language", "Content-Location", "X-Evil"),
)


def poisoned(evil: str) -> Bureau:
    """A house where every name and text that people give holds ``evil``, after an invitation, a move and an end."""
    bureau = Bureau()
    place = replace(a_school().place, name=evil, address=evil)
    school = registered("acy", evil, contact=Contact(evil, "direction@acy.example", evil), place=place)
    school = replace(school, groups=(a_group(name=evil),))
    providers = (
        a_provider(name=evil, contact=Contact(evil, "contact@truck.example", evil)),
        a_provider("studio", evil),
    )
    bureau.hear(edition_opened(name=evil, providers=providers), school)
    bureau.choose_style("school", "acy", "both")
    bureau.hear(released(1, a_session(place=place)))
    bureau.hear(declined(reason=evil))
    bureau.send()
    bureau.hear(released(2, a_session(hour=10, place=place)))
    bureau.send()
    bureau.hear(released(3))
    bureau.send()
    return bureau


WHOLE = ("BEGIN:", "END:", "METHOD:", "STATUS:", "SEQUENCE:")


@cache
def harmless() -> Bureau:
    return poisoned("x")


def bodies(bureau: Bureau) -> list[bytes]:
    """Return every calendar that left, and every feed."""
    mails = [mail for mail in bureau.tx.mails.queue if mail.draft.kind in ("invitation", "cancellation")]
    return [*map(calendar, mails), *(stored.body for stored in bureau.tx.parties.feeds.values())]


def names(body: bytes) -> list[str]:
    """Return the names of the properties in their order, some with what they say."""
    return [line if line.startswith(WHOLE) else re.split("[;:]", line)[0] for line in lines(body)]


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_no_text_becomes_a_property(separator: str) -> None:
    assert len(PROPERTIES) == 12
    bad, good = bodies(poisoned(separator.join(("x", *PROPERTIES, "y")))), bodies(harmless())
    assert len(bad) > 10
    assert [names(body) for body in bad] == [names(body) for body in good]
    for body in bad:
        assert lint(body) == ()
        assert body.decode().replace("\r\n", "").isprintable()


def test_a_line_that_came_in_would_be_seen() -> None:
    """The control."""
    body = bodies(harmless())[0]
    assert names(body.replace(b"\r\nTRANSP", b"\r\nURL:x\r\nTRANSP")) != names(body)


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_no_text_becomes_a_header(separator: str) -> None:
    assert len(HEADERS) == 50
    evil = separator.join(("x", *(f"{name}: evil@evil.example" for name in HEADERS), "", "body"))
    bad, good = poisoned(evil).tx.mails.queue, harmless().tx.mails.queue
    assert [headers(mail) for mail in bad] == [headers(mail) for mail in good]
    assert {mail.draft.recipient for mail in bad} == {mail.draft.recipient for mail in good}
    assert all(mail.letter.raw.count(b"\n") == mail.letter.raw.count(b"\r\n") for mail in bad)


def headers(mail: QueuedMail) -> list[list[str]]:
    """Return the names of the headers of a mail and of each of its parts."""
    return [part.keys() for part in message_from_bytes(mail.letter.raw).walk()]


def test_the_organisers_words_in_a_refusal_stay_words() -> None:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), released(1, a_session()))
    bureau.send()
    asked = calendar(bureau.sent("invitation")[0]).replace(b"METHOD:REQUEST", b"METHOD:COUNTER")
    assert bureau.receive(b"Content-Type: text/calendar\r\n\r\n" + asked).outcome == "countered"
    settled = bureau.settle("refuse", "non\r\nBcc: evil@evil.example\r\nEND:VEVENT\r\nMETHOD:REQUEST")
    assert isinstance(settled, rpc.IncomingMail)
    (mail,) = bureau.send()
    assert b"\r\nMETHOD:REQUEST" not in calendar(mail)
    assert message_from_bytes(mail.letter.raw)["Bcc"] is None
