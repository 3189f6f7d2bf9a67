"""Feeds of teams, venues, the edition and the public: made of the same sessions, each for its reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from icalendar import Calendar

from services.contracts import rpc
from services.contracts.values import Place, Venue
from services.notifications.adapters.press import HousePress
from services.notifications.domain.feed import FeedContent
from services.notifications.handlers import links, readings
from services.notifications.ports import Desk
from tests.unit.notifications.builders import (
    EDITION_ID,
    NOW,
    a_session,
    an_edition,
    confirmed,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import DESK, NAMES, Bureau

MEDIA = Venue("media", Place("Médiathèque", 49.38, 3.32, "2 rue du Port, 02200 Soissons"), 1, {})
ROBOTICS, VIDEO, BELLEU_ROBOTICS, BELLEU_VIDEO = sessions()
AT_MEDIA = replace(BELLEU_VIDEO, place=MEDIA.place, venue_id="media")
OTHER_TEAM = replace(BELLEU_ROBOTICS, team_id="truck-2")


class CountingPress(HousePress):
    """A press that keeps what it rendered."""

    def __init__(self) -> None:
        super().__init__(NAMES, "https://quinzaine.example")
        self.rendered: list[str] = []

    def feed(self, content: FeedContent) -> bytes:
        self.rendered.append(content.name)
        return super().feed(content)


@pytest.fixture
def told() -> Bureau:
    bureau = Bureau(Desk(CountingPress(), NAMES))
    bureau.hear(edition_opened(venues=(MEDIA,)), registered(), registered("belleu", "École de Belleu"))
    bureau.hear(released(1, ROBOTICS, VIDEO, OTHER_TEAM, AT_MEDIA))
    return bureau


def rendered(bureau: Bureau) -> list[str]:
    """Return what was rendered since the last look, without the edition's name."""
    press = bureau.desk.press
    assert isinstance(press, CountingPress)
    names = [name.removeprefix("Quinzaine du Numérique 2020").removeprefix(" - ") for name in press.rendered]
    press.rendered.clear()
    return sorted(names)


def titles(bureau: Bureau, kind: str, id_: str = EDITION_ID) -> list[str]:
    events = Calendar.from_ical(bureau.feed(kind, id_).body).walk("VEVENT")
    return [str(event["SUMMARY"]) for event in events]


def test_a_team_sees_its_own_sessions_and_no_other_team_s(told: Bureau) -> None:
    morning, acy = "1 séance, 9 h 00 - 10 h 15", "Robotique - École d’Acy (CM1 groupe 1)"
    afternoon, belleu = "1 séance, 14 h 00 - 15 h 15", "Robotique - École de Belleu (CM1 groupe 1)"
    assert titles(told, "team", "truck/truck-1") == [morning, acy]
    assert titles(told, "team", "truck/truck-2") == [afternoon, belleu]
    assert titles(told, "team", "studio/studio-2") == []


def test_a_session_given_to_another_team_leaves_one_feed_and_enters_the_other(told: Bureau) -> None:
    told.hear(released(2, replace(ROBOTICS, team_id="truck-2"), VIDEO, OTHER_TEAM, AT_MEDIA))
    assert titles(told, "team", "truck/truck-1") == []
    card, first, second = titles(told, "team", "truck/truck-2")
    assert (card, first) == ("2 séances, 9 h 00 - 15 h 15", "Robotique - École d’Acy (CM1 groupe 1)")
    assert second == "Robotique - École de Belleu (CM1 groupe 1)"


def test_a_venue_sees_who_comes(told: Bureau) -> None:
    (event,) = Calendar.from_ical(told.feed("venue", "media").body).walk("VEVENT")
    assert event["SUMMARY"] == "Vidéo - École de Belleu"
    assert event["DESCRIPTION"] == "Groupe : CM1 groupe 1\nPrestataire : Studio Pixel\nÉquipe : Studio Pixel 1"
    assert event["LOCATION"] == "Médiathèque, 2 rue du Port, 02200 Soissons"


def test_the_edition_and_the_public_see_every_session_the_public_no_details(told: Bureau) -> None:
    every = ["Robotique - École d’Acy", "Robotique - École de Belleu", "Vidéo - École d’Acy", "Vidéo - École de Belleu"]
    assert (titles(told, "edition"), titles(told, "public")) == (every, every)
    public = told.feed("public", EDITION_ID).body.decode().replace("\r\n ", "")
    people = (an_edition().organiser, *(p.contact for p in an_edition().providers))
    private = [
        "DESCRIPTION",
        "CM1",
        "Direction",
        "@acy.example",
        *(c.email for c in people),
        *(c.phone for c in people),
    ]
    assert [word for word in private if word in public] == []
    assert "DESCRIPTION:Groupe : CM1 groupe 1" in told.feed("edition", EDITION_ID).body.decode()


def test_a_cancelled_session_stays_visible_in_each(told: Bureau) -> None:
    told.hear(released(2, VIDEO, OTHER_TEAM))
    gone = {kind: [t for t in titles(told, kind, id_) if t.startswith("ANNULÉ")] for kind, id_ in READERS}
    assert gone == {
        "team": ["ANNULÉ - Robotique - École d’Acy (CM1 groupe 1)"],
        "venue": ["ANNULÉ - Vidéo - École de Belleu"],
        "edition": ["ANNULÉ - Robotique - École d’Acy", "ANNULÉ - Vidéo - École de Belleu"],
        "public": ["ANNULÉ - Robotique - École d’Acy", "ANNULÉ - Vidéo - École de Belleu"],
    }


def test_a_cancelled_session_fades_a_week_after_its_hour_at_the_next_reading(told: Bureau) -> None:
    told.hear(released(2, VIDEO, OTHER_TEAM, AT_MEDIA))
    (team,) = (feed for feed in feeds(told) if feed.id == "truck/truck-1")
    before = told.feed("team", "truck/truck-1")

    def shown_at(now: dt.datetime) -> list[str]:
        told.tx.now = now
        readings.note_feed_read(rpc.NoteFeedRead(team.token, "Thunderbird"), told.tx, desk=DESK)
        return titles(told, "team", "truck/truck-1")

    week_later = ROBOTICS.end + dt.timedelta(days=7)
    assert shown_at(week_later) == ["ANNULÉ - Robotique - École d’Acy (CM1 groupe 1)"]
    assert told.feed("team", "truck/truck-1") == before
    assert shown_at(week_later + dt.timedelta(hours=1)) == []
    assert told.feed("team", "truck/truck-1").modified > before.modified


READERS = (("team", "truck/truck-1"), ("venue", "media"), ("edition", EDITION_ID), ("public", EDITION_ID))


def test_a_feed_is_rendered_once_for_each_state(told: Bureau) -> None:
    rendered(told)
    told.hear(edition_opened(venues=(MEDIA,)), registered(), released(2, ROBOTICS, VIDEO, OTHER_TEAM, AT_MEDIA))
    assert rendered(told) == []  # told again, nothing new
    told.hear(confirmed(2))
    assert rendered(told) == [
        "Studio Pixel",
        "Studio Pixel 1",
        "Ze Fab Truck",
        "Ze Fab Truck 1",
        "École d’Acy",
    ]  # whoever counts the pupils; the others show nothing of an answer
    told.hear(released(3, a_session(hour=10), VIDEO, OTHER_TEAM, AT_MEDIA))
    moved = ["", "Toutes les séances", "Ze Fab Truck", "Ze Fab Truck 1", "École d’Acy"]
    assert rendered(told) == moved
    for _ in range(3):
        token = feeds(told)[0].token
        assert links.get_feed(rpc.GetFeed(token), told.tx, names=NAMES).body
    assert rendered(told) == []  # reading renders nothing


# Addresses ---------------------------------------------------------------------------------------------------------


def feeds(bureau: Bureau, kind: rpc.PartyKind | None = None, id_: str = "") -> tuple[rpc.FeedAddress, ...]:
    return links.list_feeds(rpc.ListFeeds(EDITION_ID, kind, id_), bureau.tx, names=NAMES)


def test_every_feed_has_its_own_address_the_edition_s_first(told: Bureau) -> None:
    listed = feeds(told)
    assert [(feed.kind, feed.name, feed.style) for feed in listed] == [
        ("edition", "", None),
        ("public", "", None),
        ("provider", "Ze Fab Truck", "both"),
        ("team", "Ze Fab Truck 1", None),
        ("team", "Ze Fab Truck 2", None),
        ("provider", "Studio Pixel", "both"),
        ("team", "Studio Pixel 1", None),
        ("team", "Studio Pixel 2", None),
        ("venue", "Médiathèque", None),
        ("school", "École d’Acy", "feed"),
        ("school", "École de Belleu", "feed"),
    ]
    assert len({feed.token for feed in listed}) == 11
    bodies = {links.get_feed(rpc.GetFeed(feed.token), told.tx, names=NAMES).body for feed in listed}
    assert len(bodies) == 11
    assert [feed.id for feed in feeds(told, "provider", "truck")] == ["truck", "truck/truck-1", "truck/truck-2"]
    assert [feed.id for feed in feeds(told, "school", "acy")] == ["acy"]


def test_the_last_reader_of_a_feed_is_known_until_its_address_changes(told: Bureau) -> None:
    def note(token: str) -> None:
        readings.note_feed_read(rpc.NoteFeedRead(token, "Thunderbird"), told.tx, desk=DESK)

    (team,) = (feed for feed in feeds(told) if feed.id == "truck/truck-1")
    told.tx.now = NOW + dt.timedelta(days=1)
    note(team.token)
    note("nobody's")
    read = {feed.id: (feed.read_at, feed.client) for feed in feeds(told) if feed.read_at}
    assert read == {"truck/truck-1": (told.tx.now, "Thunderbird")}
    changed = links.rotate_feed(rpc.RotateFeed(EDITION_ID, "team", "truck/truck-1"), told.tx, desk=DESK)
    assert (changed.token == team.token, changed.read_at, changed.client) == (False, None, "")
