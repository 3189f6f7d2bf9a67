"""Requests a second for one calendar of 62 events: our feed, Radicale and Xandikos, in turn and in one run.

``bash benchmarks/calendars/peers.sh serving`` makes what it needs. Each server runs in a process of its own; wrk asks
over 8 connections, without gzip, first for the whole calendar, then with the entity tag it has. Beside what wrk counts
stands what one answer costs the server in CPU time, which neighbours on the machine do not change.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from icalendar import Calendar

from services.commands.running import free_port

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "var" / "calendar-peers" / "bin"
SECONDS, ROUNDS, CONNECTIONS = 4, 2, 8
CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}
Answer = tuple[int, bytes, dict[str, str]]
Start = Callable[[Path], "contextlib.AbstractContextManager[tuple[str, int]]"]


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """Ask once; return status, body and headers, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, b"", dict(error.headers)


@contextlib.contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a server until the end of the block, from when it answers."""
    with log.open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                ask(f"http://127.0.0.1:{port}/")
                break
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[tuple[str, int]]:
    """Our feed, as a town serves it."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("our_server.py")), str(port), str(folder / "data")]
    with running(command, port, folder / "log") as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{port}{process.stdout.readline().strip()}", process.pid


@contextlib.contextmanager
def radicale(folder: Path) -> Iterator[tuple[str, int]]:
    """Radicale, which answers GET of a collection with the whole calendar."""
    port = free_port()
    options = {"server-hosts": f"127.0.0.1:{port}", "auth-type": "none"}
    options |= {"storage-filesystem-folder": str(folder / "data"), "logging-level": "error"}
    options |= {"rights-type": "from_file", "rights-file": str(folder / "rights")}
    (folder / "rights").write_text("[all]\nuser: .*\ncollection: .*\npermissions: RrWw\n")
    command = [str(PEERS / "radicale"), *(word for name, value in options.items() for word in (f"--{name}", value))]
    with running(command, port, folder / "log") as process:
        url = f"http://127.0.0.1:{port}/town/agenda/"
        assert [ask(url.removesuffix("agenda/"), "MKCOL")[0], ask(url, "PUT", EVENTS, **CALENDAR)[0]] == [201, 201]
        yield url, process.pid


@contextlib.contextmanager
def xandikos(folder: Path) -> Iterator[tuple[str, int]]:
    """Xandikos, which keeps one event a file and exports the collection."""
    port = free_port()
    command = [str(PEERS / "xandikos"), "serve", "-d", str(folder / "data"), "--defaults", "-p", str(port)]
    with running([*command, "--no-detect-systemd"], port, folder / "log") as process:
        url = f"http://127.0.0.1:{port}/user/calendars/calendar/"
        whole = Calendar.from_ical(EVENTS)
        for number, event in enumerate(whole.walk("VEVENT")):
            one = Calendar({name: whole[name] for name in ("PRODID", "VERSION")})
            for part in (*whole.walk("VTIMEZONE"), event):
                one.add_component(part)
            assert ask(f"{url}{number}.ics", "PUT", one.to_ical(), **CALENDAR)[0] == 201
        yield f"{url}?export", process.pid


def spent(pid: int) -> float:
    """Return the CPU seconds of a process and of its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(url: str, pid: int, **headers: str) -> tuple[float, float]:
    """Return answers a second, and milliseconds of CPU for each."""
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    before = spent(pid)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "30s", *given, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) requests in.*?Requests/sec: +([\d.]+)", said, re.S)
    assert found, said
    assert "Non-2xx" not in said or headers.get("If-None-Match"), said
    return float(found[2]), (spent(pid) - before) * 1000 / int(found[1])


def measure(start: Start) -> list[tuple[float, float]]:
    """Return the medians for 200 and for 304; the second is that of 200 where the server does not revalidate."""
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as (url, pid):
        status, body, headers = ask(url)
        assert (status, len(Calendar.from_ical(body).walk("VEVENT"))) == (200, 62)
        etag = {name.lower(): value for name, value in headers.items()}.get("etag", '"none"')
        status = ask(url, **{"If-None-Match": etag})[0]
        print(f"  {start.__name__}: {len(body)} octets, ETag {etag[:20]}, asked again: {status}", file=sys.stderr)
        rounds = [[load(url, pid), load(url, pid, **{"If-None-Match": etag})] for _ in range(ROUNDS)]
    return [tuple(map(statistics.median, zip(*(r[i] for r in rounds), strict=True))) for i in (0, 1)]  # type: ignore[misc]


def main() -> None:
    """Print one line for each server."""
    global EVENTS
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: start this through benchmarks/calendars/peers.sh.")
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as (url, _):
        EVENTS = ask(url)[1]
    print("server     200/s   CPU ms   304/s   CPU ms")
    for start in (ours, radicale, xandikos):
        (whole, whole_cpu), (same, same_cpu) = measure(start)
        print(f"{start.__name__:9} {whole:6.0f}   {whole_cpu:6.2f}   {same:5.0f}   {same_cpu:6.2f}", flush=True)


EVENTS = b""
"""The calendar all serve: the one we rendered."""

if __name__ == "__main__":
    main()
