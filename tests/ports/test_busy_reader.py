"""Calendars are fetched from hosts that may lie, drip, redirect and send bombs. Every guard has its control."""

from __future__ import annotations

import datetime as dt
import io
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest

from services.contracts.values import Busy
from services.notifications.adapters.busy_reader import LARGEST, CalendarReader
from services.notifications.adapters.outside import INTERNET, Outside
from services.notifications.domain.busy import BusyCalendar, Reading
from tests.unit.notifications.test_busy import FRIDAY, MONDAY, ONCE, calendar

Answer = tuple[int, dict[str, str], bytes]


class PlainTls:
    """Stands for TLS: the fixture server speaks none."""

    def wrap_socket(self, line: socket.socket, **_: object) -> socket.socket:
        return line


class Host:
    """Serves calendars at 127.0.0.1 and notes what it was asked."""

    def __init__(
        self, answer: Callable[[BaseHTTPRequestHandler], Answer], at: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.asked: list[dict[str, str]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((at, port), Handler)
        self.port = self.server.server_port

    @property
    def url(self) -> str:
        return f"https://agenda.example:{self.port}/a.ics"

    def __enter__(self) -> Host:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def always(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], Answer]:
    """Return the same answer whatever is asked."""
    return lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def leads_to(*addresses: str) -> Callable[..., Any]:
    """Return a resolver whose next answer is the next of these addresses; the last one stays."""
    left = list(addresses)

    def resolve(_host: str, port: int, **_: object) -> list[Any]:
        return [(0, 0, 0, "", (left.pop(0) if len(left) > 1 else left[0], port))]

    return resolve


def outside(*addresses: str, allowed: Callable[[Any], bool] = lambda address: True) -> Outside:
    return Outside(allowed, leads_to(*addresses or ("127.0.0.1",)), cast(Any, PlainTls))


def reader(way: Outside | None = None, seconds: float = 20.0, cpu_seconds: int = 15) -> CalendarReader:
    return CalendarReader("quinzaine.example", way or outside(), seconds=seconds, cpu_seconds=cpu_seconds)


def to_read(url: str, **seen: str) -> BusyCalendar:
    return BusyCalendar("e", "robotics", "", url, (MONDAY, FRIDAY), {k.replace("_", "-"): v for k, v in seen.items()})


def code(reading: Reading) -> str:
    assert reading.problem
    assert reading.busy is None
    return reading.problem.code


def test_a_calendar_is_read_and_nothing_but_its_times_is_kept() -> None:
    with Host(always(200, calendar(ONCE + "\nSUMMARY:Rendez-vous de Claire"), ETag='"1"')) as host:
        reading = reader().read(to_read(host.url))
    assert reading == Reading((Busy(MONDAY, 600, 660),), {"ETag": '"1"'})
    assert host.asked[0]["host"] == f"agenda.example:{host.port}"
    assert "claire" not in str(host.asked).lower() + str(reading).lower()


def test_a_calendar_that_did_not_change_is_not_sent_again() -> None:
    with Host(always(304)) as host:
        reading = reader().read(to_read(host.url, ETag='"1"', Last_Modified="Mon, 02 Nov 2020 08:00:00 GMT"))
    assert (reading.busy, reading.problem) == (None, None)
    assert (host.asked[0]["if-none-match"], host.asked[0]["if-modified-since"][:3]) == ('"1"', "Mon")


@pytest.mark.parametrize("status", [401, 404, 410, 500, 206])
def test_what_the_host_says_is_told(status: int) -> None:
    with Host(always(status)) as host:
        reading = reader().read(to_read(host.url))
    assert (code(reading), reading.problem and reading.problem.facts) == ("busy_status", {"status": str(status)})


@pytest.mark.parametrize("body", [b"<html>Connexion</html>", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"\x00\xff"])
def test_what_is_no_calendar_is_told(body: bytes) -> None:
    with Host(always(200, body)) as host:
        assert code(reader().read(to_read(host.url))) == "busy_unreadable"


def test_a_packed_answer_is_not_unpacked() -> None:
    with Host(always(200, calendar(ONCE), Content_Encoding="gzip")) as host:
        assert code(reader().read(to_read(host.url))) == "busy_unreadable"
    assert host.asked[0]["accept-encoding"] == "identity"


# Where it leads -----------------------------------------------------------------------------------------------------


INSIDE = ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1", "fe80::1", "fd00::1"]
INSIDE += ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "0.0.0.0", "224.0.0.1", "255.255.255.255"]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    with Host(always(200, calendar(ONCE))) as host:
        guarded = replace(outside(address), allowed=INTERNET.allowed)
        assert code(reader(guarded).read(to_read(host.url))) == "busy_inside"
    assert host.asked == []


def test_one_address_inside_among_several_is_enough() -> None:
    def resolve(_host: str, port: int, **_: object) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", port)), (0, 0, 0, "", ("127.0.0.1", port))]

    with Host(always(200, calendar(ONCE))) as host:
        assert code(reader(Outside(resolve=resolve)).read(to_read(host.url))) == "busy_inside"
    assert host.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "http://agenda.example/a.ics",
        "file:///etc/passwd",
        "//localhost/a.ics",
        "https://[",
        "",
    ],
)
def test_a_redirection_inside_or_to_another_scheme_is_not_followed(location: str) -> None:
    with Host(lambda asked: (302, {"Location": location}, b"") if asked.path == "/a.ics" else (200, {}, b"")) as host:
        reading = reader().read(to_read(host.url))
    assert code(reading) in ("busy_inside", "busy_redirects")
    assert {one["path"] for one in host.asked} == {"/a.ics"}


def test_a_redirection_to_a_name_that_leads_inside_is_not_followed() -> None:
    """The control: the same redirection is followed to a name that leads outside."""
    moved: Callable[[BaseHTTPRequestHandler], Answer] = lambda asked: (  # noqa: E731
        (307, {"Location": f"https://intranet.example:{host.port}/b.ics"}, b"")
        if asked.path == "/a.ics"
        else (200, {}, calendar(ONCE))
    )

    def is_first(address: object) -> bool:
        return address == ipaddress.ip_address("127.0.0.1")

    with Host(moved) as host:
        guarded = outside("127.0.0.1", "127.0.0.2", allowed=is_first)
        assert code(reader(guarded).read(to_read(host.url))) == "busy_inside"
        assert [one["path"] for one in host.asked] == ["/a.ics"]
        assert reader().read(to_read(host.url)).busy == (Busy(MONDAY, 600, 660),)


def test_redirections_have_an_end() -> None:
    with Host(always(302, Location="/a.ics")) as host:
        assert code(reader().read(to_read(host.url))) == "busy_redirects"
    assert len(host.asked) == 4


def test_a_name_that_changes_its_mind_leads_where_it_was_judged() -> None:
    """DNS rebinding. The control: judged by one answer and connected by the next, the secret comes out."""
    secret = calendar("DTSTART:20201103T090000Z\nDURATION:PT1H")

    def is_open(address: object) -> bool:
        return address == ipaddress.ip_address("127.0.0.2")

    with Host(always(200, secret)) as within, Host(always(200, calendar(ONCE)), "127.0.0.2", within.port):
        way = outside("127.0.0.2", "127.0.0.1", allowed=is_open)
        assert reader(way).read(to_read(within.url)).busy == (Busy(MONDAY, 600, 660),)
        assert within.asked == []

        resolve = leads_to("127.0.0.2", "127.0.0.1")
        assert is_open(ipaddress.ip_address(resolve("", within.port)[0][4][0]))
        naive = reader(Outside(lambda address: True, resolve, cast(Any, PlainTls)))
        assert naive.read(to_read(within.url)).busy == (Busy(MONDAY + dt.timedelta(1), 600, 660),)


def test_a_host_that_is_not_whom_it_says_it_is_is_not_read() -> None:
    with Host(always(200, calendar(ONCE))) as host:
        strict = Outside(lambda address: True, leads_to("127.0.0.1"))
        assert code(reader(strict).read(to_read(host.url))) == "busy_silent"
    assert host.asked == []


# What it costs ------------------------------------------------------------------------------------------------------


def test_fifty_megabytes_are_not_read_to_the_end() -> None:
    sent = 0

    def endless(asked: BaseHTTPRequestHandler) -> Answer:
        nonlocal sent
        asked.send_response(200)
        asked.end_headers()
        for _ in range(50):
            asked.wfile.write(b"X" * 2**20)
            sent += 2**20
        return 200, {}, b""

    def quietly(asked: BaseHTTPRequestHandler) -> Answer:
        try:
            return endless(asked)
        except OSError:
            asked.wfile = io.BytesIO()  # the line is gone
            return 200, {}, b""

    with Host(quietly) as host:
        reading = reader().read(to_read(host.url))
    assert (code(reading), reading.problem and reading.problem.facts) == ("busy_large", {"limit": "4"})
    assert sent < 5 * LARGEST


@contextmanager
def dripping(head: bytes) -> Iterator[int]:
    """A host that says ``head`` and then a letter at a time, for ever."""
    line = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        peer, _ = line.accept()
        try:
            peer.sendall(head)
            while True:
                peer.sendall(b"X")
                threading.Event().wait(0.02)
        except OSError:
            peer.close()

    threading.Thread(target=drip, daemon=True).start()
    yield line.getsockname()[1]
    line.close()


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\nBEGIN:VCALENDAR\r\n"])
def test_a_slow_drip_is_cut(head: bytes) -> None:
    with dripping(head) as port:
        assert code(reader(seconds=0.3).read(to_read(f"https://agenda.example:{port}/"))) == "busy_silent"


BOMBS = {
    "each second": calendar("DTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"),
    "each second of a list": calendar(
        "DTSTART:20200101T000000Z\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYHOUR="
        + ",".join(map(str, range(24)))
        + ";BYMINUTE="
        + ",".join(map(str, range(60)))
        + ";BYSECOND="
        + ",".join(map(str, range(60)))
    ),
    "many days since the year one": calendar(*["DTSTART:00010102T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"] * 400),
}


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS)
def test_bombs_of_repetition_go_off_in_a_process_of_their_own(raw: bytes) -> None:
    with Host(always(200, raw)) as host:
        assert code(reader(cpu_seconds=1).read(to_read(host.url))) == "busy_heavy"
