"""Feeds as calendar programs ask for them."""

from __future__ import annotations

import datetime as dt
import gzip
from typing import Any

import pytest

from services.contracts import rpc
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

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
