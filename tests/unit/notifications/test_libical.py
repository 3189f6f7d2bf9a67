"""libical looks at every calendar the suite makes, the golden ones too: the control shows that it would object."""

from __future__ import annotations

import pytest

from services.notifications.adapters import ical
from services.notifications.domain.lint import lint
from tests.unit.notifications import libical
from tests.unit.notifications.reading import lines
from tests.unit.notifications.test_golden import EVERYTHING

pytestmark = pytest.mark.skipif(libical.library() is None, reason="libical is not installed")
FEED = EVERYTHING["provider-truck.ics"]


def test_a_calendar_that_libical_alone_refuses_does_not_leave() -> None:
    *content, end_of_event, _ = lines(FEED)[4:]
    assert ical._calendar(*content, end_of_event) == FEED
    assert lint(FEED.replace(b"END:VEVENT", b"UNHEARD-OF:x\r\nEND:VEVENT")) == ()
    with pytest.raises(ical.InvalidCalendar, match=r"PARSE-ERROR:Parse error in property name: UNHEARD-OF \(libical\)"):
        ical._calendar(*content, "UNHEARD-OF:x", end_of_event)
