"""The examples' files, read by the services that own them, give the problems they stand for."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from services.registration.domain.groups import form_groups
from services.registration.domain.imports import File, read_entries
from services.scheduling.adapters.school_calendar import FrenchSchoolCalendar
from services.scheduling.domain.demand import Basis, Registered, build
from services.scheduling.domain.edition import read_edition
from services.scheduling.domain.rotation import to_instance
from tests.unit.scheduling.builders import EXAMPLES

ROTATION = EXAMPLES.parent / "tests" / "rotation" / "instances" / "quinzaine2020.json"


def basis_of(example: str, edition_file: str = "edition.toml") -> Basis:
    folder = EXAMPLES / example
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in (edition_file, "schools.csv", "classes.csv")}
    edition = read_edition(edition_file, texts[edition_file], FrenchSchoolCalendar().days_off)
    files = (File(name, texts[name]) for name in ("schools.csv", "classes.csv"))
    entries, problems = read_entries(*files, edition, ())
    assert problems == ()
    registered = [
        Registered(
            entry.school,
            entry.classes,
            tuple(g for p in edition.programmes for g in form_groups(entry.school, entry.classes, p, ())),
        )
        for entry in entries
    ]
    return Basis(edition, tuple(sorted(registered, key=lambda one: one.school.id)))


def sites(instance: dict[str, Any]) -> list[Any]:
    """Sites by position: the names differ, the positions do not."""
    return sorted(
        (s["lat"], s["lon"], s["room_cap"], sorted(s["windows"].items()), sorted(s["pref"].items()))
        for s in instance["sites"]
    )


def groups(instance: dict[str, Any]) -> Counter[Any]:
    place = {s["id"]: (s["lat"], s["lon"]) for s in instance["sites"]}
    return Counter((place[g["site"]], g["size"], tuple(g["chain"])) for g in instance["groups"])


def teams(instance: dict[str, Any]) -> list[Any]:
    depots = instance["depots"]
    return [(t["activity"], tuple(depots[t["depot"]]), t["avail"], t["max_sessions"]) for t in instance["teams"]]


def test_the_2020_example_is_the_rotation_instance_up_to_ids() -> None:
    ours, public = to_instance(build(basis_of("soissons-2020"))), json.loads(ROTATION.read_text(encoding="utf-8"))
    for name in ("days", "noon", "lunch_min", "activities", "weights", "pins"):
        assert ours[name] == public[name], name
    assert sites(ours) == sites(public)
    assert groups(ours) == groups(public)
    assert teams(ours) == teams(public)


def test_the_pass_internet_has_four_sessions_for_each_of_seventeen_classes() -> None:
    problem = build(basis_of("pass-internet-2020"))
    by_task = Counter(demand.task_id for demand in problem.demands)
    assert by_task == {"officer": 17, "psychologist": 34, "officer-quiz": 17}
    waits: dict[str, Counter[tuple[str, ...]]] = {demand.task_id: Counter() for demand in problem.demands}
    for demand in problem.demands:
        waits[demand.task_id][tuple(sorted(problem.demand_by_id[a].task_id for a in demand.after))] += 1
    assert waits == {
        "officer": {(): 17},
        "psychologist": {("officer",): 34},
        "officer-quiz": {("psychologist", "psychologist"): 17},
    }
    assert {demand.sites[1:] for demand in problem.demands} == {("venue:le-mail",)}
    assert sum(demand.pupils for demand in problem.demands if demand.task_id == "psychologist") == 329
