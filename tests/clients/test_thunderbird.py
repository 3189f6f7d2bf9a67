"""Thunderbird under Xvfb follows a feed as it changes, and answers invitations: by its own buttons, through our mail door.

Debian's thunderbird, xvfb and dovecot-imapd (make test-clients installs them); without them these tests fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.contracts.rpc import Received, ReceiveMail
from services.notifications.handlers import incoming
from services.portal.mail.mailbox import Mailbox
from tests.clients.dovecot import Server, running
from tests.clients.thunderbird import Mail, Thunderbird
from tests.integration.mail_door import MailDoor
from tests.subscribed import followed, until
from tests.unit.notifications.builders import a_session, edition_opened, registered, released
from tests.unit.notifications.fakes import Bureau

P = "contact@truck.example"
ROBOTICS = a_session()
QUESTION = ["Accept", "Tentative", "Decline"]


@pytest.fixture
def thunderbird(tmp_path: Path) -> Iterator[Thunderbird]:
    program = Thunderbird(tmp_path)
    yield program
    program.stop()


def test_scenario_41_thunderbird_follows_a_move_a_cancellation_and_a_removal(thunderbird: Thunderbird) -> None:
    with followed() as (address, steps):
        thunderbird.subscribe(address)
        for expected in steps:
            until(lambda: thunderbird.refresh() == expected, f"not shown: {expected}")  # noqa: B023


class Truck:
    """The provider of a bureau, whose mail is in Thunderbird; its answers come in by our own mail door."""

    def __init__(self, folder: Path, inbox: Server) -> None:
        self.bureau, self.said = Bureau(), list[Received]()
        settings = MailDoor.settings(answer_address="agenda@quinzaine.example")
        self._door = MailDoor(self._take, settings, Mailbox(folder / "copies"))
        self.mail = Mail(folder, P, inbox, settings.mail_port)

    def _take(self, request: ReceiveMail, _traceid: str) -> None:
        self.said.append(incoming.receive_mail(request, self.bureau.tx, desk=self.bureau.desk))

    def gets(self, *events: Any) -> list[list[str]]:
        """Let the bureau hear of something; return what Thunderbird offers for each mail that the truck then gets."""
        self.bureau.hear(*events)
        return [self.mail.take(mail.letter.raw) for mail in self.bureau.send() if mail.draft.recipient == P]

    def answers(self, button: str) -> str:
        """Press a button whose answer is mailed; return what the bureau then knows."""
        self.mail.press(button)
        until(lambda: self.said, "no answer comes")
        assert self.said.pop() == Received("applied", "", ROBOTICS.id)
        return self.bureau.answer(ROBOTICS.id)

    def presses(self, button: str, shown: list[list[Any]]) -> None:
        """Press a button that mails nothing, and wait until the calendar shows what is expected."""
        self.mail.press(button)
        until(lambda: self.mail.shows() == shown, f"not shown: {shown}")
        assert self.said == []

    def stop(self) -> None:
        self.mail.stop()
        self._door.close()


@pytest.fixture
def truck(tmp_path: Path) -> Iterator[Truck]:
    with running() as inbox:
        truck = Truck(tmp_path, inbox)
        yield truck
        truck.stop()


def test_scenario_22_thunderbird_accepts_says_perhaps_to_a_move_and_declines_what_is_planned_anew(truck: Truck) -> None:
    asked = truck.gets(edition_opened(), registered(), released(1, ROBOTICS))
    assert (asked, truck.answers("Accept")) == ([QUESTION], "accepted")
    assert truck.mail.shows() == [["20201103T090000", "CONFIRMED", 0, "ACCEPTED"]]

    other_team = a_session(team_id="truck-2")
    assert truck.gets(released(2, other_team)) == [["Update"]]
    truck.presses("Update", [["20201103T090000", "CONFIRMED", 0, "ACCEPTED"]])

    moved = a_session(hour=14, team_id="truck-2")
    assert (truck.gets(released(3, moved)), truck.answers("Tentative")) == ([QUESTION], "tentative")
    assert truck.mail.shows() == [["20201103T140000", "CONFIRMED", 1, "TENTATIVE"]]

    assert truck.gets(released(4)) == [["Delete"]]
    truck.presses("Delete", [])
    assert (truck.gets(released(5, ROBOTICS)), truck.answers("Decline")) == ([QUESTION], "declined")


def test_scenario_38_thunderbird_shows_details_alone_when_the_same_bytes_come_again(truck: Truck) -> None:
    truck.bureau.hear(edition_opened(), registered(), released(1, ROBOTICS))
    (raw,) = [mail.letter.raw for mail in truck.bureau.send() if mail.draft.recipient == P]
    assert (truck.mail.take(raw), truck.answers("Accept")) == (QUESTION, "accepted")
    assert truck.mail.take(raw) == ["Details"]
    assert truck.mail.shows() == [["20201103T090000", "CONFIRMED", 0, "ACCEPTED"]]
