"""What the linter asks of each METHOD (the tables of RFC 5546 3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from services.notifications.domain.contentlines import Component, Fault

_ONE_UID = ("REQUEST", "CANCEL", "REPLY", "COUNTER", "DECLINECOUNTER")


def check_method(calendar: Component) -> Iterator[Fault]:
    """Yield what a calendar's METHOD asks for and it has not; nothing to ask of one without METHOD."""
    method, events = calendar.value("METHOD"), calendar.named("VEVENT")
    if method not in ("", *_CHECKS):
        yield Fault(calendar.line, f"METHOD {method!r} is not for us", "RFC 5546 1.4")
    if method in _ONE_UID and len({event.value("UID") for event in events}) != 1:
        yield Fault(calendar.line, f"a {method} speaks of one UID", "RFC 5546 3.2")
    for event in events:
        if method in _CHECKS:
            yield from _CHECKS[method](event)


def _check_request(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "SUMMARY": 1, "DTSTART": 1}, "RFC 5546 3.2.2")
    if not event.all("ATTENDEE"):
        yield Fault(event.line, "a REQUEST needs an ATTENDEE", "RFC 5546 3.2.2")
    if event.value("STATUS") == "CANCELLED":
        yield Fault(event.line, "a REQUEST is not CANCELLED", "RFC 5546 3.2.2")


def _check_cancel(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "SEQUENCE": 1}, "RFC 5546 3.2.5")
    if event.value("SEQUENCE") == "0":
        yield Fault(event.line, "a CANCEL raises SEQUENCE", "RFC 5546 2.1.4")
    if event.value("STATUS") not in ("", "CANCELLED"):
        yield Fault(event.line, f"a CANCEL is CANCELLED, not {event.value('STATUS')}", "RFC 5546 3.2.5")
    if any("RSVP" in prop.params for prop in event.all("ATTENDEE")):
        yield Fault(event.line, "a CANCEL asks for no answer (RSVP)", "RFC 5546 3.2.5")
    if event.components:
        yield Fault(event.line, "a CANCEL has no alarm", "RFC 5546 3.2.5")


def _check_publish(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "ATTENDEE": 0, "SUMMARY": 1, "DTSTART": 1}, "RFC 5546 3.2.1")


def _check_reply(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "ATTENDEE": 1}, "RFC 5546 3.2.3")


def _check_counter(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "SUMMARY": 1, "DTSTART": 1}, "RFC 5546 3.2.7")


def _check_decline(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1}, "RFC 5546 3.2.8")


_CHECKS = {
    "REQUEST": _check_request,
    "CANCEL": _check_cancel,
    "PUBLISH": _check_publish,
    "REPLY": _check_reply,
    "COUNTER": _check_counter,
    "DECLINECOUNTER": _check_decline,
}


def _require(event: Component, counts: dict[str, int], source: str) -> Iterator[Fault]:
    for name, expected in counts.items():
        found = len(event.all(name))
        if found != expected:
            yield Fault(event.line, f"{name} stands {found} times, expected {expected}", source)
