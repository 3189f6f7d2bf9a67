"""Feeds as calendar programs ask for them."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
from typing import Any

import pytest
import segno

from services.contracts import rpc
from services.contracts.errors import Unavailable, refused
from services.portal.views.feeds import Readings
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import SETTINGS, FakeServices, Visitor

PATH = f"/feeds/{b.FEED_TOKEN}.ics"
PLAIN = {"accept-encoding": "identity"}


def fetch(services: FakeServices | None = None, method: str = "GET", path: str = PATH, **headers: str) -> Any:
    return Visitor(services or FakeServices()).request(method, path, headers=PLAIN | headers)


def asked(services: FakeServices) -> rpc.GetFeed:
    (question,) = [request for request in services.asked if isinstance(request, rpc.GetFeed)]
    return question


def test_a_feed_is_a_calendar_that_clients_may_keep_for_five_minutes() -> None:
    answer = fetch()
    expected = {
        "content-type": "text/calendar; charset=utf-8",
        "etag": '"0123abcd"',
        "last-modified": "Tue, 20 Oct 2020 07:30:00 GMT",
        "cache-control": "private, max-age=300",
        "vary": "Accept-Encoding",
        "content-length": str(len(b.ICS.encode())),
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "content-disposition" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.content == b.ICS.encode()


def test_a_feed_is_compressed_for_who_takes_it_under_its_own_tag() -> None:
    answer = fetch(**{"accept-encoding": "gzip"})
    assert (answer.headers["content-encoding"], answer.headers["etag"]) == ("gzip", '"0123abcd-gzip"')
    assert answer.content == b.ICS.encode()
    assert int(answer.headers["content-length"]) == len(gzip.compress(b.ICS.encode(), mtime=0))


@pytest.mark.parametrize("wish", ["gzip", "identity"])
def test_a_long_feed_varies_by_one_header_said_once(wish: str) -> None:
    services = FakeServices()
    services.answers[rpc.GetFeed] = b.a_feed(body=b.ICS * 20)
    answer = fetch(services, **{"accept-encoding": wish})
    assert (answer.content, answer.headers.get_list("vary")) == ((b.ICS * 20).encode(), ["Accept-Encoding"])


@pytest.mark.parametrize("refusal", ["gzip;q=0", "gzip; q=0.0, identity", "br, GZIP ;q=0.000"])
@pytest.mark.parametrize("path", [PATH, "/accessibilite"])
def test_who_refuses_gzip_gets_none(refusal: str, path: str) -> None:
    assert "content-encoding" not in fetch(path=path, **{"accept-encoding": refusal}).headers


@pytest.mark.parametrize("wish", ["gzip", "br;q=0, gzip;q=0.5", "gzip;q=1.0"])
@pytest.mark.parametrize("path", [PATH, "/accessibilite"])
def test_who_takes_gzip_gets_it(wish: str, path: str) -> None:
    assert fetch(path=path, **{"accept-encoding": wish}).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("tags", ['"0123abcd"', 'W/"0123abcd"', '"0123abcd-gzip"', '"other", "0123abcd"', "*"])
def test_a_client_that_has_it_is_told_so(tags: str) -> None:
    answer = fetch(**{"if-none-match": tags})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"0123abcd"')


def test_a_client_that_has_another_gets_the_new_one() -> None:
    services = FakeServices()
    assert fetch(services, **{"if-none-match": '"older"'}).status_code == 200
    assert asked(services).known_etag == "older"


def test_the_service_may_say_that_nothing_changed() -> None:
    services = FakeServices()
    services.answers[rpc.GetFeed] = b.a_feed(body=None)
    assert fetch(services, **{"if-modified-since": "Tue, 20 Oct 2020 07:30:00 GMT"}).status_code == 304
    assert asked(services).known_since == b.MADE_AT


def test_a_date_counts_only_without_a_tag() -> None:
    services = FakeServices()
    fetch(services, **{"if-modified-since": "Tue, 20 Oct 2020 07:30:00 GMT", "if-none-match": '"older"'})
    assert asked(services) == rpc.GetFeed(b.FEED_TOKEN, "older", None)


@pytest.mark.parametrize("date", ["yesterday", "", "Tue, 99 Oct 2020 07:30:00 GMT"])
def test_a_date_that_is_none_is_ignored(date: str) -> None:
    services = FakeServices()
    assert fetch(services, **{"if-modified-since": date}).status_code == 200
    assert asked(services).known_since is None


def test_a_date_without_zone_is_universal_time() -> None:
    services = FakeServices()
    fetch(services, **{"if-modified-since": "Tue, 20 Oct 2020 07:30:00 -0000"})
    assert asked(services).known_since == dt.datetime(2020, 10, 20, 7, 30, tzinfo=dt.timezone.utc)


def test_head_gives_the_headers_of_get() -> None:
    names = ("etag", "last-modified", "content-type", "cache-control", "content-length")
    get, head = fetch(), fetch(method="HEAD")
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]


def test_an_unknown_feed_is_not_found_and_not_empty() -> None:
    answer = fetch(path="/feeds/unknown.ics")
    assert (answer.status_code, "VCALENDAR" in answer.text) == (404, False)


def test_a_feed_that_cannot_be_had_is_an_error_never_an_empty_calendar() -> None:
    services = FakeServices()
    services.silence("notifications")
    answer = fetch(services)
    assert (answer.status_code, answer.headers["retry-after"], "VCALENDAR" in answer.text) == (503, "300", False)


def test_scenario_44_whatever_fails_is_come_back_later_never_an_empty_calendar() -> None:
    services = FakeServices()
    services.answers[rpc.GetFeed] = OSError("the database is gone")
    answer = fetch(services)
    assert (answer.status_code, answer.headers["retry-after"], "VCALENDAR" in answer.text) == (503, "300", False)


# Addresses and readers ------------------------------------------------------------------------------------------------

THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0"


def notes(services: FakeServices) -> list[str]:
    return [request.client for request in services.asked if isinstance(request, rpc.NoteFeedRead)]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (THUNDERBIRD, "Thunderbird"),
        ("Google-Calendar-Importer", "Google Agenda"),
        ("Microsoft-WebService/1.1", "Outlook"),
        ("iOS/17.5 (21F79) dataaccessd/1.0", "iPhone"),
        ("vdirsyncer/0.21", "vdirsyncer"),
        ("", ""),
        ("<b>x</b>" * 99, ""),
    ],
)
def test_a_program_is_named_as_people_know_it(user_agent: str, name: str) -> None:
    services = FakeServices()
    fetch(services, **{"user-agent": user_agent})
    assert notes(services) == [name]


def test_a_reading_is_noted_once_in_five_minutes_for_each_program() -> None:
    services = FakeServices()
    visitor = Visitor(services)
    for client in ("vdirsyncer/0.21", "vdirsyncer/0.21", "khal/1", "vdirsyncer/0.21"):
        visitor.get(PATH, headers=PLAIN | {"user-agent": client})
    visitor.get("/feeds/unknown.ics", headers=PLAIN)
    assert notes(services) == ["vdirsyncer", "khal"]
    readings = Readings()
    assert [readings.is_news("t", "c", now) for now in (0.0, 299.0, 300.0, 301.0)] == [True, False, True, False]


def test_a_feed_is_given_even_when_nobody_can_note_it() -> None:
    services = FakeServices()
    services.answers[rpc.NoteFeedRead] = Unavailable("notifications")
    assert fetch(services).status_code == 200


def test_the_code_for_telephones_holds_the_address_that_subscribes() -> None:
    answer = fetch(path=f"/feeds/{b.FEED_TOKEN}.svg")
    wanted = io.BytesIO()
    address = f"webcal://{SETTINGS.base_url.partition('://')[2]}/feeds/{b.FEED_TOKEN}.ics"
    segno.make(address, micro=False).save(wanted, kind="svg", scale=5, light="#fff")
    assert (answer.headers["content-type"], answer.content) == ("image/svg+xml", wanted.getvalue())
    assert fetch(path="/feeds/unknown.svg").status_code == 404


@pytest.mark.parametrize(("door", "page"), [("open_school", "/ecole"), ("open_provider", "/prestataire")])
def test_a_party_chooses_how_sessions_reach_it(door: str, page: str) -> None:
    services = FakeServices()
    visitor: Visitor = getattr(Visitor(services), door)()
    assert visitor.submit(f"{page}/agenda", {"style": "invitations"}, page=page).headers["location"] == page
    kind, id_ = ("school", b.SCHOOL_ID) if page == "/ecole" else ("provider", b.PROVIDER_ID)
    assert services.commands()[-1] == rpc.ChooseStyle(b.EDITION_ID, kind, id_, "invitations")  # type: ignore[arg-type]


@pytest.mark.parametrize(("door", "page"), [("open_school", "/ecole"), ("open_provider", "/prestataire")])
def test_a_party_gives_a_number_for_texts_and_takes_it_back(door: str, page: str) -> None:
    services = FakeServices()
    visitor: Visitor = getattr(Visitor(services), door)()
    kind, id_ = ("school", b.SCHOOL_ID) if page == "/ecole" else ("provider", b.PROVIDER_ID)
    for form, phone in (({"phone": "06 12 34 56 78"}, "06 12 34 56 78"), ({"phone": "0612", "action": "end"}, "")):
        assert visitor.submit(f"{page}/sms", form, page=page).headers["location"] == page
        assert services.commands()[-1] == rpc.SetTexts(b.EDITION_ID, kind, id_, phone)  # type: ignore[arg-type]


@pytest.mark.parametrize(("door", "page"), [("open_school", "/ecole"), ("open_provider", "/prestataire")])
def test_a_number_that_is_none_is_told_on_the_page(door: str, page: str) -> None:
    services = FakeServices()
    visitor: Visitor = getattr(Visitor(services), door)()
    services.answers[rpc.SetTexts] = refused("phone_for_texts")
    answer = visitor.submit(f"{page}/sms", {"phone": "0612"}, page=page)
    assert (answer.status_code, "Ce numéro n’est pas celui d’un téléphone portable." in answer.text) == (422, True)


def test_only_who_gave_a_number_can_take_it_back_and_no_house_without_texts_asks() -> None:
    services = FakeServices()
    assert "Ne plus recevoir de SMS" in Visitor(services).open_provider().get("/prestataire").text
    school = Visitor(services).open_school().get("/ecole").text
    assert ("Être prévenu par SMS" in school, "Ne plus recevoir de SMS" in school) == (True, False)
    services.answers[rpc.ListFeeds] = (rpc.FeedAddress("school", b.SCHOOL_ID, "École d’Acy", "t", style="feed"),)
    assert "SMS" not in Visitor(services).open_school().get("/ecole").text


def test_a_provider_changes_the_address_of_its_team_and_of_nobody_else() -> None:
    services = FakeServices()
    visitor = Visitor(services).open_provider()
    team = {"kind": "team", "id": f"{b.PROVIDER_ID}/camion-1"}
    assert visitor.submit("/prestataire/agenda", team, page="/prestataire").status_code == 303
    assert services.commands()[-1] == rpc.RotateFeed(b.EDITION_ID, "team", f"{b.PROVIDER_ID}/camion-1")
    before = len(services.commands())
    for foreign in ({"kind": "school", "id": b.SCHOOL_ID}, {"kind": "public", "id": b.EDITION_ID}, {"style": "no"}):
        assert visitor.submit("/prestataire/agenda", foreign, page="/prestataire").status_code == 404
    assert len(services.commands()) == before


def test_the_organiser_sees_who_read_what_and_when() -> None:
    page = Visitor(FakeServices()).sign_in().get(f"/organisateur/editions/{b.EDITION_ID}/liens").text
    shown = re.findall(r"<h3>([^<]*)</h3>", page)
    assert shown == [
        "Toutes les séances",
        "Programme public",
        "Ze Fab Truck",
        "Camion 1",
        "Médiathèque",
        "École d’Acy",
    ]
    assert page.count("Dernière lecture") == 1
    assert page.count("Personne ne s’est encore abonné.") == 5
    assert "(Thunderbird)" in page
