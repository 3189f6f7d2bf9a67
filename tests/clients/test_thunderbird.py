"""Thunderbird under Xvfb follows a feed as it changes, and answers invitations by its own buttons and our mail door.

Debian's thunderbird, xvfb and dovecot-imapd (make test-clients installs them); without them these tests fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.contracts.events import Event
from tests.clients import dovecot
from tests.clients.invited import ROBOTICS, TRUCK, Invited, invited
from tests.clients.thunderbird import Mail, Thunderbird
from tests.subscribed import followed, until
from tests.unit.notifications.builders import a_session, edition_opened, registered, released

QUESTION = ["Accept", "Tentative", "Decline"]


def test_scenario_41_thunderbird_follows_a_move_a_cancellation_and_a_removal(tmp_path: Path) -> None:
    with followed() as (address, steps), closing(Thunderbird(tmp_path)) as thunderbird:
        thunderbird.subscribe(address)
        for expected in steps:
            until(lambda: thunderbird.refresh() == expected, f"not shown: {expected}")  # noqa: B023


@dataclass
class Person:
    """The truck's, at Thunderbird."""

    truck: Invited
    mail: Mail

    def is_offered(self, *events: Event) -> list[list[str]]:
        """Return what Thunderbird offers for each mail the truck gets when the bureau hears of something."""
        return [self.mail.take(raw) for raw in self.truck.gets(*events)]

    def answers(self, button: str) -> str:
        """Press a button whose answer is mailed; return what the bureau then knows."""
        self.mail.press(button)
        return self.truck.answered()

    def presses(self, button: str, shown: list[list[Any]]) -> None:
        """Press a button that mails nothing, and wait until the calendar shows what is expected."""
        self.mail.press(button)
        until(lambda: self.mail.shows() == shown, f"not shown: {shown}")
        assert self.truck.silent


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    with (
        invited(tmp_path) as truck,
        dovecot.running() as inbox,
        closing(Mail(tmp_path, TRUCK, inbox, truck.port)) as mail,
    ):
        yield Person(truck, mail)


def test_scenario_22_thunderbird_accepts_then_says_perhaps_to_a_move_and_no_to_what_is_planned_anew(
    person: Person,
) -> None:
    asked = person.is_offered(edition_opened(), registered(), released(1, ROBOTICS))
    assert (asked, person.answers("Accept")) == ([QUESTION], "accepted")
    assert person.mail.shows() == [["20201103T090000", "CONFIRMED", 0, "ACCEPTED", "Ze Fab Truck 1"]]

    assert person.is_offered(released(2, a_session(team_id="truck-2"))) == [["Update"]]
    person.presses("Update", [["20201103T090000", "CONFIRMED", 0, "ACCEPTED", "Ze Fab Truck 2"]])

    moved = released(3, a_session(hour=14, team_id="truck-2"))
    assert (person.is_offered(moved), person.answers("Tentative")) == ([QUESTION], "tentative")
    assert person.mail.shows() == [["20201103T140000", "CONFIRMED", 1, "TENTATIVE", "Ze Fab Truck 2"]]

    assert person.is_offered(released(4)) == [["Delete"]]
    person.presses("Delete", [])
    assert (person.is_offered(released(5, ROBOTICS)), person.answers("Decline")) == ([QUESTION], "declined")


def test_scenario_38_thunderbird_shows_details_alone_when_the_same_bytes_come_again(person: Person) -> None:
    (raw,) = person.truck.gets(edition_opened(), registered(), released(1, ROBOTICS))
    assert (person.mail.take(raw), person.answers("Accept")) == (QUESTION, "accepted")
    assert person.mail.take(raw) == ["Details"]
    assert person.mail.shows() == [["20201103T090000", "CONFIRMED", 0, "ACCEPTED", "Ze Fab Truck 1"]]
