"""Schools on file, places to give, and processes that serve them."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import httpx
import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.events import EditionOpened, Envelope, Event
from services.embedded import House
from services.kit.application import Application, Context
from services.registration.adapters import tables
from services.registration.adapters.repository import RegistrationTransaction
from services.registration.domain.enrolment import Enrolment
from services.registration.service import RegistrationService
from tests.rush.crowd import Visitor, visitor
from tests.rush.house import SECRET, settings_of
from tests.stage import ROOT, eventually, free_port
from tests.unit.registration.builders import NOW, a_programme, a_school, an_edition

EDITION = "soissons-2020"


class Audit(NamedTuple):
    """Places there are, those counted as taken, and the groups that hold one or wait."""

    places: int
    taken: int
    held: int
    waiting: int


@dataclass(frozen=True)
class Rush:
    """A house that serves, and the schools at its door. ``processes``: of the portal, by their ids."""

    ports: list[int]
    processes: list[int]
    visitors: list[Visitor]
    application: Application[RegistrationTransaction]

    def audit(self) -> list[Audit]:
        """Return what the tables say of each programme, in the order of their numbers."""
        capacity, claim = tables.capacity.c, tables.claim.c
        held, waiting = (sa.func.count().filter(claim.state == state) for state in ("held", "waiting"))
        joined = tables.capacity.outerjoin(tables.claim, claim.programme_id == capacity.programme_id)
        own = capacity.programme_id, capacity.places, capacity.taken
        query = sa.select(*own, held, waiting).select_from(joined).group_by(*own)
        with self.application.database.read() as connection:
            rows = {int(name.rpartition("-")[2]): Audit(*numbers) for name, *numbers in connection.execute(query)}
        return [rows[number] for number in sorted(rows)]


@contextmanager
def rush(
    folder: Path, schools: int, places: list[int], database_url: str = "", processes: int = 1, control: bool = False
) -> Iterator[Rush]:
    """Put schools on file without a class, give each programme its ``places``, and open the doors."""
    with house_of(folder, places, database_url) as house:
        application = house.applications["registration"]
        tokens = put_on_file(application, schools)
        visitors = [visitor(house.settings, school_id, token) for school_id, token in sorted(tokens.items())]
        arguments = [str(folder), database_url, *(["look-first"] if control else [])]
        with _doors(arguments, processes) as (ports, running):
            yield Rush(ports, running, visitors, application)


@contextmanager
def house_of(folder: Path, places: list[int], database_url: str = "") -> Iterator[House]:
    """Open a house of registration alone, with an edition whose programmes have these places."""
    house = House([RegistrationService], settings_of(folder, database_url))
    # Far ahead, so that the links of its schools are valid.
    days = {"first_day": dt.date(2096, 11, 5), "last_day": dt.date(2096, 11, 16)}
    edition = an_edition(*(a_programme(id=f"atelier-{n}") for n in range(len(places))), **days)
    deliver(house, EditionOpened(edition))
    for programme, limit in zip(edition.programmes, places, strict=True):
        house.ask(rpc.SetPlaces(edition.id, programme.id, limit))
    yield house
    house.stop()


def deliver(house: House, event: Event) -> None:
    """Let registration hear of an event."""
    envelope = Envelope(event.type(), "scheduling", event.type(), NOW, 1, "trace", event.subject, 1, encode(event))
    house.applications["registration"].receive(type(event), encode(envelope))


def put_on_file(application: Application[RegistrationTransaction], schools: int) -> dict[str, str]:
    """Keep schools that have not registered a class yet; return the token of each one's link."""
    with application.database.begin() as connection:
        context = Context("trace")
        tx = RegistrationTransaction(connection, tables.messages, lambda: NOW, context, secret=SECRET)
        for number in range(schools):
            school = replace(a_school(f"ecole-{number}"), hours={})
            tx.enrolments.save(Enrolment(EDITION, school, ()))
            tx.links.issue(EDITION, school.id, NOW)
        return tx.links.tokens(EDITION)


@contextmanager
def _doors(arguments: list[str], processes: int) -> Iterator[tuple[list[int], list[int]]]:
    ports = [free_port(34001 + 500 * n, 34500 + 500 * n) for n in range(processes)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QUINZAINE_")}
    command = [sys.executable, "-m", "tests.rush.house"]
    running = [subprocess.Popen([*command, str(port), *arguments], env=environment, cwd=ROOT) for port in ports]
    try:
        for process, port in zip(running, ports, strict=True):
            eventually(lambda process=process, port=port: _answers(process, port), 300)  # type: ignore[misc]
        yield ports, [process.pid for process in running]
    finally:
        for process in running:
            process.terminate()
            process.wait(timeout=30)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "the portal has ended"
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200
    except httpx.TransportError:
        return False
