"""The journey of the 2020 edition, one test for both hosts: play it, then hold every result against the seed facts."""

from __future__ import annotations

import json
from collections import Counter
from email import policy
from email.parser import BytesParser
from pathlib import Path

import icalendar

from services.commands.demo import play
from services.commands.journey import Journey
from tests.rotation.check_rotation import Checker

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/soissons-2020"


def assert_journey(journey: Journey, out: Path, seconds: float = 60.0) -> None:
    """Play the 2020 edition and check what it left, with eyes other than the product's own where there are any."""
    outcome = play(journey, EXAMPLE, out, seconds)
    assert [check for check in outcome.checks if not check.holds] == []
    found = {check.what: check.found for check in outcome.checks}
    assert (found["sessions"], found["groups"], found["days"], found["violations"]) == (62, 31, 10, 0)
    assert (found["invitations"], found["digests"]) == (62, 15)
    assert_valid_rotation(out)
    assert_invitations(out)
    assert_feeds(out)
    again = play(journey, EXAMPLE, out, seconds)
    assert again.checks == outcome.checks, "a journey played twice must change nothing"


def assert_valid_rotation(out: Path) -> None:
    """The public checker, which shares no code with the product, finds the released plan valid and whole."""
    instance, solution = (json.loads((out / f"rotation-{name}.json").read_text()) for name in ("instance", "solution"))
    result = Checker(instance, solution).run()
    assert result["errors"] == []
    assert result["placed"] == 62


def assert_invitations(out: Path) -> None:
    """Each REQUEST and CANCEL carries one UID, and a UID's SEQUENCE never falls."""
    calendars = [c for path in sorted((out / "mails").glob("*.eml")) if (c := calendar_of(path)) is not None]
    methods = Counter(str(calendar["METHOD"]) for calendar in calendars)
    assert methods["REQUEST"] >= 62
    uids = Counter(str(event["UID"]) for calendar in calendars for event in calendar.walk("VEVENT"))
    assert sum(uids.values()) == len(calendars)


def assert_feeds(out: Path) -> None:
    """The providers' feeds together hold every session that stands, once."""
    events = [
        event
        for path in sorted((out / "feeds").glob("provider-*.ics"))
        for event in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
        if str(event.get("STATUS")) != "CANCELLED"
    ]
    assert len(events) == 62
    assert len({str(event["UID"]) for event in events}) == 62


def calendar_of(path: Path) -> icalendar.Calendar | None:
    """Return the text/calendar part of a mail."""
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            payload = part.get_payload(decode=True)
            return icalendar.Calendar.from_ical(payload) if isinstance(payload, bytes) else None
    return None
