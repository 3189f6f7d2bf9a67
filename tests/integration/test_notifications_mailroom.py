"""The mail door by SMTP in development and by LMTP in service."""

from __future__ import annotations

import base64
import datetime as dt
import smtplib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.contracts.errors import Unavailable
from services.contracts.rpc import Received, ReceiveMail
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import LARGEST_MAIL
from tests.integration.mail_door import MailDoor
from tests.unit.notifications.builders import NOW

OURS = "agenda@quinzaine.example"
RAW = b"From: a@b.example\r\nTo: x@y.example\r\nSubject: =?utf-8?q?=C3=89?=\r\n\r\nBonjour\r\n.\r\nfin\r\n"


class Notifications:
    """Takes mails in, or does not answer."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.absent = False

    def __call__(self, request: ReceiveMail, _traceid: str = "") -> Received:
        if self.absent:
            raise Unavailable("notifications")
        self.taken.append(base64.b64decode(request.raw))
        return Received("applied")


@pytest.fixture
def service() -> Notifications:
    return Notifications()


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mailbox")


@pytest.fixture
def door(service: Notifications, mailbox: Mailbox) -> Iterator[MailDoor]:
    door = MailDoor(service, MailDoor.settings(), mailbox)
    yield door
    door.close()


@pytest.fixture
def lmtp(service: Notifications) -> Iterator[smtplib.LMTP]:
    door = MailDoor(service, MailDoor.settings(mailbox="off"), None)
    with smtplib.LMTP(*door.address) as server:
        yield server
    door.close()


def send(door: MailDoor, *recipients: str, raw: bytes = RAW) -> Any:
    with smtplib.SMTP(*door.address, timeout=10) as server:
        return server.sendmail("a@b.example", recipients, raw)


def test_a_mail_for_others_is_only_kept(door: MailDoor, service: Notifications, mailbox: Mailbox) -> None:
    send(door, "x@y.example")
    (letter,) = mailbox.letters()
    assert (letter.sender, letter.recipient, letter.subject) == ("a@b.example", "x@y.example", "É")
    assert mailbox.get(letter.id) == RAW
    assert service.taken == []


@pytest.mark.parametrize("address", [OURS, "Agenda@QUINZAINE.example", "agenda+tag@quinzaine.example"])
def test_a_mail_for_the_answer_address_is_handed_over(door: MailDoor, service: Notifications, address: str) -> None:
    send(door, address, "x@y.example")
    assert service.taken == [RAW]


@pytest.mark.parametrize("address", ["agenda@autre.example", "agendas@quinzaine.example"])
def test_a_near_miss_is_not_ours(door: MailDoor, service: Notifications, address: str) -> None:
    send(door, address)
    assert service.taken == []


def test_while_notifications_is_absent_the_sender_is_asked_to_come_again(
    door: MailDoor, service: Notifications, mailbox: Mailbox
) -> None:
    service.absent = True
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(door, OURS)
    assert refusal.value.smtp_code == 451
    assert mailbox.letters() == []
    service.absent = False
    send(door, OURS)
    assert (service.taken, len(mailbox.letters())) == ([RAW], 1)


def test_a_huge_mail_is_refused_at_the_door(door: MailDoor, mailbox: Mailbox) -> None:
    with pytest.raises(smtplib.SMTPResponseException) as refusal:
        send(door, OURS, raw=RAW + b"x" * 70 * (LARGEST_MAIL // 70 + 1))
    assert refusal.value.smtp_code == 552
    assert mailbox.letters() == []


def test_in_service_only_the_answer_address_is_known(lmtp: smtplib.LMTP, service: Notifications) -> None:
    assert set(lmtp.sendmail("a@b.example", [OURS, "x@y.example"], RAW)) == {"x@y.example"}
    assert service.taken == [RAW]


def test_in_service_every_recipient_has_its_own_answer(lmtp: smtplib.LMTP, service: Notifications) -> None:
    lmtp.ehlo()
    lmtp.mail("a@b.example")
    lmtp.rcpt(OURS)
    lmtp.rcpt("agenda+tag@quinzaine.example")
    assert lmtp.data(RAW)[0] == 250
    assert lmtp.getreply()[0] == 250  # Python's LMTP reads one answer only
    assert lmtp.noop()[0] == 250
    assert service.taken == [RAW]


def test_no_port_means_no_door(service: Notifications) -> None:
    door = MailDoor(service, MailDoor.settings().__class__(mail_port=0), None)
    door.close()


def test_the_mailbox_lists_the_newest_first_and_opens_nothing_else(mailbox: Mailbox, tmp_path: Path) -> None:
    first, second = mailbox.store(RAW, NOW), mailbox.store(RAW, NOW + dt.timedelta(seconds=1))
    (tmp_path / "mailbox" / "half.new").write_bytes(b"half")
    (tmp_path / "secret.eml").write_bytes(b"secret")
    assert [(letter.id, letter.received_at) for letter in mailbox.letters()] == [
        (second, NOW + dt.timedelta(seconds=1)),
        (first, NOW),
    ]
    assert [mailbox.get(id_) for id_ in ("../secret", "half", "", first + "x")] == [None] * 4
    assert Mailbox(tmp_path / "none").letters() == []
