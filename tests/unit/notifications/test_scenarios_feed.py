"""Acceptance scenarios 41 to 44: calendars that are subscribed to. What HTTP adds is tested with the portal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from icalendar import Calendar, Component

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import Session
from services.notifications.adapters.links import blank, fill
from services.notifications.domain.entry import Party
from services.notifications.handlers import links, queries
from tests.unit.notifications.builders import EDITION_ID, a_session, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import NAMES, Bureau

ROBOTICS, VIDEO, BELLEU_ROBOTICS, BELLEU_VIDEO = sessions()
MOVED = a_session(hour=10)


@dataclass
class Evolution:
    """A subscribed calendar that believes an event changed only when SEQUENCE or LAST-MODIFIED did (measured so in
    evolution-data-server 3.46), and forgets an event that is gone."""

    known: dict[str, Component] = field(default_factory=dict)

    def refresh(self, body: bytes) -> dict[str, tuple[str, dt.datetime]]:
        shown = {str(event["UID"]): event for event in Calendar.from_ical(body).walk("VEVENT")}
        for uid, event in shown.items():
            if uid not in self.known or self._revision(self.known[uid]) != self._revision(event):
                self.known[uid] = event
        self.known = {uid: event for uid, event in self.known.items() if uid in shown}
        return {uid: (str(event["STATUS"]), event["DTSTART"].dt) for uid, event in self.known.items()}

    @staticmethod
    def _revision(event: Component) -> tuple[int, dt.datetime]:
        return int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt


@pytest.fixture
def told() -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    bureau.hear(released(1, ROBOTICS, VIDEO, BELLEU_ROBOTICS, BELLEU_VIDEO))
    bureau.send()
    return bureau


def token(bureau: Bureau, kind: str = "provider", id_: str = "truck") -> str:
    parties = queries.list_parties(rpc.ListParties(EDITION_ID), bureau.tx, names=NAMES)
    return next(party.feed_token for party in parties if (party.kind, party.id) == (kind, id_))


def get(bureau: Bureau, feed_token: str, **known: object) -> rpc.Feed:
    return links.get_feed(rpc.GetFeed(feed_token, **known), bureau.tx, names=NAMES)  # type: ignore[arg-type]


def truth(bureau: Bureau) -> dict[str, tuple[str, dt.datetime]]:
    invitations = bureau.tx.invitations.of_party(EDITION_ID, Party("provider", "truck"))
    return {
        i.uid: ("CONFIRMED" if i.live else "CANCELLED", i.revision.entry.start.astimezone(dt.timezone.utc))
        for i in invitations
    }


@pytest.mark.parametrize(
    "plans",
    [
        ((MOVED, VIDEO, BELLEU_ROBOTICS),),
        ((MOVED, VIDEO), (ROBOTICS, VIDEO)),
        ((VIDEO,), (MOVED, VIDEO)),
        ((MOVED, BELLEU_ROBOTICS), (ROBOTICS, BELLEU_ROBOTICS), (MOVED, BELLEU_ROBOTICS)),
        ((),),
    ],
)
def test_scenario_41_a_subscribed_calendar_follows_moves_and_cancellations(
    told: Bureau, plans: tuple[tuple[Session, ...], ...]
) -> None:
    reader = Evolution()
    assert reader.refresh(told.feed("provider", "truck").body) == truth(told)
    for number, plan in enumerate(plans, 2):
        told.hear(released(number, *plan))
        assert reader.refresh(told.feed("provider", "truck").body) == truth(told)
        told.send()


def test_scenario_41_moved_and_moved_back_before_any_mail_left_is_followed_too(told: Bureau) -> None:
    reader = Evolution()
    for number, plan in enumerate(((MOVED,), (ROBOTICS,), (MOVED,), (), (ROBOTICS,)), 2):
        told.hear(released(number, *plan))
        assert reader.refresh(told.feed("provider", "truck").body) == truth(told)


def test_scenario_42_a_client_that_has_it_gets_nothing_again(told: Bureau) -> None:
    feed = get(told, token(told))
    assert get(told, token(told), known_etag=feed.etag).body is None
    assert get(told, token(told), known_since=feed.last_modified).body is None


def test_scenario_42_a_client_that_asks_by_date_gets_a_cancellation_and_every_later_change(told: Bureau) -> None:
    told.tx.now -= dt.timedelta(days=3)  # a clock that was put back
    for number, plan in enumerate(((VIDEO,), (ROBOTICS, VIDEO)), 2):
        before = get(told, token(told))
        told.hear(released(number, *plan))
        after = get(told, token(told), known_since=before.last_modified)
        assert after.body is not None
        assert after.last_modified > before.last_modified


def test_scenario_42_a_renamed_school_counts_as_a_change(told: Bureau) -> None:
    before = get(told, token(told))
    told.hear(registered("acy", "École Jean Moulin"))
    after = get(told, token(told), known_since=before.last_modified)
    assert (after.body is None, after.etag == before.etag) == (False, False)


def test_scenario_43_a_new_address_ends_the_old_one_and_touches_no_other(told: Bureau) -> None:
    mine, others = token(told), (token(told, "provider", "studio"), token(told, "school", "acy"))
    before = [get(told, other) for other in others]
    party = told.rotate_feed("provider", "truck")
    assert party.token == token(told) != mine
    with pytest.raises(Refused) as refusal:
        get(told, mine)
    assert [problem.code for problem in refusal.value.problems] == ["unknown_link"]
    assert get(told, party.token).body == told.feed("provider", "truck").body.decode()
    assert [get(told, other) for other in others] == before
    page = queries.get_provider_page(rpc.GetProviderPage(EDITION_ID, "truck"), told.tx, desk=told.desk)
    assert page.feed_token == party.token


def test_scenario_43_the_next_mail_names_the_new_address(told: Bureau) -> None:
    new = told.rotate_feed("school", "acy").token
    told.hear(released(2, MOVED, VIDEO, BELLEU_ROBOTICS, BELLEU_VIDEO))
    (digest,) = [mail for mail in told.send() if mail.draft.kind == "digest"]
    left = fill(digest.letter.raw, {blank("school", "feed"): new})
    assert left.replace(b"=\r\n", b"").count(new.encode()) == 2


def test_scenario_43_an_address_of_nobody_is_refused(told: Bureau) -> None:
    with pytest.raises(Refused) as refusal:
        told.rotate_feed("school", "nowhere")
    assert [problem.code for problem in refusal.value.problems] == ["unknown_party"]
