"""Random histories: no UID is used again, no SEQUENCE falls, every calendar ends in the organiser’s state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
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


@dataclass
class Client:
    """A calendar as RFC 5546 2.1.5 has it: per UID the message with the greatest SEQUENCE, then DTSTAMP, counts."""

    known: dict[str, tuple[int, dt.datetime, str, dt.datetime]] = field(default_factory=dict)

    def take(self, mail: QueuedMail) -> None:
        parsed = Calendar.from_ical(calendar(mail))
        (event,) = parsed.walk("VEVENT")
        state = int(event["SEQUENCE"]), event["DTSTAMP"].dt, str(parsed["METHOD"]), event["DTSTART"].dt
        uid = str(event["UID"])
        if uid not in self.known or state[:2] >= self.known[uid][:2]:
            self.known[uid] = state

    def shows(self) -> dict[str, dt.datetime]:
        return {uid: start for uid, (_, _, method, start) in self.known.items() if method == "REQUEST"}


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


def told_to_p(bureau: Bureau) -> list[QueuedMail]:
    return [m for m in bureau.tx.mails.queue if m.left and m.draft.recipient == P and m.draft.kind != "digest"]


def wanted(bureau: Bureau) -> dict[str, dt.datetime]:
    return {
        invitation.uid: invitation.revision.entry.start
        for invitation in bureau.tx.invitations.kept.values()
        if invitation.live and invitation.revision.attendee.email == P
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.randoms(use_true_random=False))
def test_any_history_ends_in_the_organisers_state(steps: list[tuple[str, object]], chance: object) -> None:
    bureau = played(steps)
    mails = told_to_p(bureau)
    sequences: dict[str, list[int]] = {}
    methods: dict[str, list[str]] = {}
    for mail in mails:
        parsed = Calendar.from_ical(calendar(mail))
        sequences.setdefault(mail.thread, []).append(int(parsed.walk("VEVENT")[0]["SEQUENCE"]))
        methods.setdefault(mail.thread, []).append(str(parsed["METHOD"]))
    for uid, said in sequences.items():
        assert said == sorted(said), "SEQUENCE never falls"
        assert "CANCEL" not in methods[uid][:-1], "nothing follows a cancellation under its UID"
    assert in_disorder(mails, chance).shows() == wanted(bureau)


def in_disorder(mails: list[QueuedMail], chance: object) -> Client:
    """Return a calendar that got these mails in any order, some twice, some never, then the last of each UID."""
    client = Client()
    noise = [mail for mail in mails + mails if chance.random() < 0.6]  # type: ignore[attr-defined]
    chance.shuffle(noise)  # type: ignore[attr-defined]
    last = {mail.thread: mail for mail in mails}
    for mail in (*noise, *last.values()):
        client.take(mail)
    return client
