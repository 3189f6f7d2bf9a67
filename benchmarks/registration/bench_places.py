"""Bookings committed a second, beside a bare conditional update of the same row in the same run.

``python -m benchmarks.registration.bench_places`` on SQLite; on PostgreSQL as well where QUINZAINE_TEST_DATABASE_URL
names one of this machine (``make servers``). A booking is a school's whole form: rows, group, place, key, history, and
the event. CPU counts the portal's processes and the database's backends, not the crowd.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl

import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import encode
from services.kit.database import Database
from tests.rush.crowd import Visitor, send_all
from tests.rush.stage import EDITION, Rush, rush
from tests.stage import fresh_database

SCHOOLS = 600
THREADS = 8
WARM = 40
"""Forms sent before the count begins, so that every connection is open."""
BARE = "UPDATE capacity SET asked = asked + 1 WHERE programme_id = 'atelier-0' AND taken < places"


def rate(count: int, work: Callable[[int], None]) -> float:
    """Return how many of ``count`` pieces of work a number of threads do in a second."""
    waiting = iter(range(count))
    lock = threading.Lock()

    def one_thread() -> None:
        while True:
            with lock:
                number = next(waiting, None)
            if number is None:
                return
            work(number)

    threads = [threading.Thread(target=one_thread) for _ in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.perf_counter() - began)


def bare(database: Database) -> Callable[[int], None]:
    """Return one conditional update, committed, by the driver alone."""

    def update(_: int) -> None:
        connection = database.engine.raw_connection()
        cursor = connection.cursor()
        if database.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(BARE)
        if database.is_sqlite:
            cursor.execute("COMMIT")
        connection.commit()
        connection.close()

    return update


def booking(crowd: Rush, visitors: list[Visitor]) -> Callable[[int], None]:
    """Return one form, taken by the service itself."""

    def register(number: int) -> None:
        visitor = visitors[number]
        form = dict(parse_qsl(visitor.register("atelier-0").decode().rpartition("\r\n\r\n")[2]))
        fields = {name: text for name, text in form.items() if name not in ("csrf", "key", "school")}
        request = rpc.RegisterSchool(EDITION, visitor.school_id, fields, form["key"])
        crowd.application.answer(rpc.RegisterSchool, encode(request))

    return register


def through_the_portal(crowd: Rush, visitors: list[Visitor]) -> float:
    """Return the rate of forms sent over 100 connections."""
    requests = [visitor.register("atelier-0") for visitor in visitors]
    began = time.perf_counter()
    answers = send_all(crowd.ports, requests)
    assert {answer.status for answer in answers} == {303}
    return len(answers) / (time.perf_counter() - began)


def cpu_seconds(crowd: Rush) -> float:
    """Return what the portal and its database have used so far."""
    return sum(_used(process) for process in crowd.processes + _backends(crowd.application.database))


def _backends(database: Database) -> list[int]:
    if database.is_sqlite:
        return []
    with database.read() as connection:
        rows = connection.execute(sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"))
        return list(rows.scalars())


def _used(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(name: str, url: str, processes: int) -> None:
    """Print one line."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database_url = stack.enter_context(fresh_database(url)) if url else ""
        crowd = stack.enter_context(rush(folder, SCHOOLS, [10_000], database_url, processes))
        half = SCHOOLS // 2
        alone = rate(half, bare(crowd.application.database))
        service = rate(half, booking(crowd, crowd.visitors[:half]))
        through_the_portal(crowd, crowd.visitors[half : half + WARM])
        used = cpu_seconds(crowd)
        portal = through_the_portal(crowd, crowd.visitors[half + WARM :])
        each = (cpu_seconds(crowd) - used) / (half - WARM)
        assert crowd.audit()[0].held == SCHOOLS
        ratios = f"{service / alone:.2f}   {portal / alone:.2f}"
        print(f"{name:<12}{alone:8.0f}{service:11.0f}{portal:11.0f}   {ratios}{1000 * each:12.1f}{2 / each:15.0f}")


def main() -> None:
    """Measure each database there is."""
    print("            bare/s  service/s   portal/s        ratios   CPU ms each   in 2 CPU s")
    measure("SQLite", "", 1)
    if url := os.environ.get("QUINZAINE_TEST_DATABASE_URL"):
        measure("PostgreSQL", url, 2)


if __name__ == "__main__":
    main()
