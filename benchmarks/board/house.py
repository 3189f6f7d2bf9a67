"""A house to measure the board in: the 2020 edition some weeks from today, alone or as often as asked, side by side.

Each copy has its own schools and teams, a quarter of a degree from the next; the planner sees one edition.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from services.commands.journey import Doors, Journey
from services.commands.moved import moved
from services.commands.running import free_port, running
from services.contracts import rpc
from services.embedded import House
from services.kit.clock import utc_now
from services.kit.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "soissons-2020"
APART = 0.25
"""Degrees between a copy and the next."""
IN_A_ROW = 5
PLACE = re.compile(r"lat = ([\d.]+), lon = ([\d.]+)")


class Measured(NamedTuple):
    """A house that runs, with a plan in force."""

    house: House
    web: str
    plan: rpc.Plan


@contextmanager
def planned(folder: Path, copies: int = 1, seconds: float = 10.0) -> Iterator[Measured]:
    """Run a house on the data in ``folder``; the first time, make its edition and give the plan ``seconds``."""
    port = free_port()
    web, most = f"http://127.0.0.1:{port}", 1_000  # mails: the copies share their addresses
    settings = Settings(data_dir=folder, port=port, mail_port=free_port(), base_url=web, mails_per_person=most)
    with running(settings) as house:
        journey = Journey(house.ask, Doors.of(house.settings), lambda *_: None, patience=900)
        known = house.ask(rpc.ListEditions())
        edition = known[0].id if known else journey.load(_files(folder / "edition", copies))
        yield Measured(house, web, journey.plan_first(edition, seconds))


def _files(folder: Path, copies: int) -> Path:
    """Write the files of the edition."""
    folder.mkdir(exist_ok=True)
    toml = (EXAMPLE / "edition.toml").read_text(encoding="utf-8")
    shift = moved(toml, utc_now().date(), {})
    makers = {"edition.toml": _edition, "schools.csv": _list, "classes.csv": _list}
    for name, make in makers.items():
        text = make((EXAMPLE / name).read_text(encoding="utf-8"), copies)
        (folder / name).write_text(shift.text(text, ""), encoding="utf-8")
    return folder


def _edition(text: str, copies: int) -> str:
    """Return the edition with each of its providers as often as asked."""
    start, end = text.index("[[providers]]"), text.index("[weights]")
    return text[:start] + "".join(_providers(text[start:end], i) for i in range(copies)) + text[end:]


def _providers(text: str, i: int) -> str:
    text = re.sub(r'^id = "(.+?)"', rf'id = "\1-{i + 1}"', text, flags=re.M)
    text = re.sub(r'^name = "(.+?)"', rf'name = "\1 {i + 1}"', text, flags=re.M)
    return PLACE.sub(lambda found: "lat = {}, lon = {}".format(*_away(found[1], found[2], i)), text)


def _list(text: str, copies: int) -> str:
    """Return a list with each school as often as asked."""
    header, *rows = csv.reader(_said(text), delimiter=";")
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";")
    writer.writerow(header)
    for i in range(copies):
        for row in rows:
            named = [f"{row[0]} {i + 1}", *row[1:]]
            if "latitude" in header:
                at = header.index("latitude")
                named[at : at + 2] = _away(row[at], row[at + 1], i)
            writer.writerow(named)
    return written.getvalue()


def _said(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def _away(latitude: str, longitude: str, i: int) -> list[str]:
    row, column = divmod(i, IN_A_ROW)
    return [f"{float(latitude) + APART * row:.5f}", f"{float(longitude) + APART * column:.5f}"]
