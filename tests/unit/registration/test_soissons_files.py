"""The 2020 files say the same as the public planning instance of that edition."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from services.registration.domain.enrolment import Enrolment
from services.registration.domain.imports import Entry, File, read_entries
from tests.unit.registration.builders import a_programme, an_edition

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples/soissons-2020"
INSTANCE: dict[str, Any] = json.loads((ROOT / "tests/rotation/instances/quinzaine2020.json").read_text())
DAYS = [dt.date.fromisoformat(day) for day in INSTANCE["days"]]
EDITION = an_edition(a_programme(id="robotique-video"))


def entries() -> tuple[Entry, ...]:
    files = (File(name, (FOLDER / name).read_text(encoding="utf-8")) for name in ("schools.csv", "classes.csv"))
    found, problems = read_entries(*files, EDITION, ())
    assert problems == ()
    return found


def windows(entry: Entry) -> dict[str, list[list[int]]]:
    hours = {str(i): entry.school.hours.get(day.isoweekday(), ()) for i, day in enumerate(DAYS)}
    return {day: [[w.start, w.end] for w in stretch] for day, stretch in hours.items() if stretch}


def preferences(entry: Entry) -> dict[str, int]:
    return {f"{DAYS.index(h.day)}:{['am', 'pm'].index(h.half)}": 25 for h in entry.school.disliked}


def test_positions_hours_rooms_and_preferences() -> None:
    found = [(e.school.place.lat, e.school.place.lon, windows(e), e.school.rooms, preferences(e)) for e in entries()]
    assert found == [(s["lat"], s["lon"], s["windows"], s["room_cap"], s["pref"]) for s in INSTANCE["sites"]]


def test_groups() -> None:
    formed = [Enrolment(EDITION.id, e.school, e.classes).form_groups(EDITION).groups for e in entries()]
    assert [[g.pupils for g in groups] for groups in formed] == [
        [g["size"] for g in INSTANCE["groups"] if g["site"] == site["id"]] for site in INSTANCE["sites"]
    ]
    assert sum(len(groups) for groups in formed) == 31
    assert sum(g.pupils for groups in formed for g in groups) == 441
    assert all(g.exception is None for groups in formed for g in groups)


def test_the_seed_facts() -> None:
    schools = [entry.school for entry in entries()]
    assert len(schools) == 15
    assert [s.name for s in schools if s.priority_district] == ["École du Centre 1"]
    assert {s.uai for s in schools} == {""}
    assert all(s.contact.email.endswith(".example") for s in schools)
