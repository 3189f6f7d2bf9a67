"""Random histories: no UID is used again, no SEQUENCE falls, every calendar ends in the organiser’s state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from services.contracts.values import Session
from tests.unit.notifications.builders import a_session, edition_opened, registered, released
from tests.unit.notifications.fakes import Bureau, QueuedMail
from tests.unit.notifications.reading import calendar

P = "contact@truck.example"
SESSIONS = (
    a_session(hour=9),
    a_session(hour=10),
    a_session(hour=14),
    replace(a_session(hour=9), provider_id="studio", team_id="studio-1"),
    replace(a_session(hour=9), team_id="truck-2"),
    None,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("release"), st.sampled_from(SESSIONS)),
        st.tuples(st.just("send"), st.none()),
        st.tuples(st.just("answer"), st.sampled_from(("ACCEPTED", "DECLINED"))),
    ),
    max_size=8,
)


@dataclass(frozen=True)
class Said:
    """What one mail says of a session."""

    uid: str
    sequence: int
    stamp: dt.datetime
    method: str
    start: dt.datetime


def said(mail: QueuedMail) -> Said:
    parsed = Calendar.from_ical(calendar(mail))
    (event,) = parsed.walk("VEVENT")
    facts = int(event["SEQUENCE"]), event["DTSTAMP"].dt, str(parsed["METHOD"]), event["DTSTART"].dt
    return Said(str(event["UID"]), *facts)


@dataclass
class Client:
    """A calendar as RFC 5546 2.1.5 has it: per UID the message with the greatest SEQUENCE, then DTSTAMP, counts."""

    known: dict[str, Said] = field(default_factory=dict)

    def take(self, new: Said) -> None:
        old = self.known.get(new.uid)
        if old is None or (new.sequence, new.stamp) >= (old.sequence, old.stamp):
            self.known[new.uid] = new

    def shows(self) -> dict[str, dt.datetime]:
        return {uid: last.start for uid, last in self.known.items() if last.method == "REQUEST"}


def played(steps: list[tuple[str, object]]) -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered())
    for number, (step, what) in enumerate(steps, 1):
        if step == "release":
            assert what is None or isinstance(what, Session)
            bureau.hear(released(number, *([what] if what else [])))
        elif step == "send":
            bureau.send()
        elif any(mail.draft.party == "truck" for mail in bureau.sent("invitation")):
            bureau.accept(a_session().id, str(what))
    bureau.send()
    return bureau


def told_to_p(bureau: Bureau) -> list[Said]:
    left = [m for m in bureau.tx.mails.queue if m.left and m.draft.recipient == P and m.draft.kind != "digest"]
    return [said(mail) for mail in left]


def wanted(bureau: Bureau) -> dict[str, dt.datetime]:
    return {
        invitation.uid: invitation.revision.entry.start
        for invitation in bureau.tx.invitations.kept.values()
        if invitation.live and invitation.revision.attendee.email == P
    }


def broken_rules(told: list[Said]) -> set[str]:
    """Return which rules the messages break, in the order in which they left."""
    broken: set[str] = set()
    for uid in {message.uid for message in told}:
        mine = [message for message in told if message.uid == uid]
        if any(later.sequence < earlier.sequence for earlier, later in pairwise(mine)):
            broken.add("SEQUENCE falls")
        if any(message.method == "CANCEL" for message in mine[:-1]):
            broken.add("a UID is used again")
    return broken


@settings(max_examples=40)
@given(STEPS, st.randoms(use_true_random=False))
def test_any_history_ends_in_the_organisers_state(steps: list[tuple[str, object]], chance: Random) -> None:
    bureau = played(steps)
    told = told_to_p(bureau)
    assert broken_rules(told) == set()
    assert in_disorder(told, chance).shows() == wanted(bureau)


def in_disorder(told: list[Said], chance: Random) -> Client:
    """Return a calendar that got these messages in any order, some twice, some never, then the last of each UID."""
    client = Client()
    noise = [message for message in told + told if chance.random() < 0.6]
    chance.shuffle(noise)
    last = {message.uid: message for message in told}
    for message in (*noise, *last.values()):
        client.take(message)
    return client


@pytest.mark.parametrize(
    ("spoil", "broken", "follows"),
    [
        (lambda told: told, set(), True),
        (lambda told: [*told[:3], replace(told[3], uid=told[0].uid)], {"a UID is used again", "SEQUENCE falls"}, False),
        (lambda told: [told[0], replace(told[1], sequence=5), *told[2:]], {"SEQUENCE falls"}, False),
        (lambda told: [*told[:2], replace(told[2], sequence=1, stamp=told[0].stamp), told[3]], set(), False),
        (lambda told: told[:-1], set(), False),
    ],
    ids=["as it is", "UID again", "SEQUENCE falls", "nothing rises", "the last is lost"],
)
def test_an_organiser_who_breaks_a_rule_is_found_out(
    spoil: Callable[[list[Said]], list[Said]], broken: set[str], follows: bool
) -> None:
    """The control: told once, moved, cancelled, planned again."""
    nine, ten, *_, nothing = SESSIONS
    bureau = played([step for what in (nine, ten, nothing, nine) for step in (("release", what), ("send", None))])
    told = spoil(told_to_p(bureau))
    assert broken_rules(told) == broken
    ends = [in_disorder(told, Random(seed)).shows() == wanted(bureau) for seed in range(20)]
    assert all(ends) is follows
