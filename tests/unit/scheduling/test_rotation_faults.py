"""Faulty rotation-1 files: each fault is named with its path, all at once, and nothing else is said."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from services.contracts.errors import Refused
from services.kit.i18n import sentence
from services.scheduling.domain import rotation
from services.scheduling.domain.json_reader import LONGEST_FILE, MOST_FAULTS, MOST_VALUES, read_json
from tests.unit.scheduling.rotations import instance_2020, problem_2020

A_PIN = {"group": 0, "activity": "robotics", "team": 0, "day": 0, "start": 540}


def faults_of(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        rotation.from_instance(data)
    for problem in refusal.value.problems:
        assert "{" not in sentence(problem, "fr").replace("{…}", "").replace("{}", "")
        assert sentence(problem, "en") != sentence(problem, "fr")
    return [(problem.code, problem.facts.get("where", "")) for problem in refusal.value.problems]


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the instance of 2020 with another value at a path such as ``sites/3/lat``; a missing one for ``...``."""
    data = copy.deepcopy(instance_2020())
    *way, last = [int(step) if step.isdigit() and "." not in step else step for step in path.split("/")]
    inner: Any = data
    for step in way:
        inner = inner[step if isinstance(inner, list) else str(step)]
    key = last if isinstance(inner, list) else str(last)
    if value is ...:
        del inner[key]
    else:
        inner[key] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("noon", True, ("json_whole", "noon")),
        ("lunch_min", ..., ("json_missing", "lunch_min")),
        ("days/2", "2020-11-31", ("json_day", "days[2]")),
        ("days/2", "2020-11-03", ("rotation_day_order", "days[2]")),
        ("activities/video/dur", -75, ("json_whole", 'activities["video"].dur')),
        ("activities/video/setup", 1.5, ("json_whole", 'activities["video"].setup')),
        ("sites/3/lat", float("nan"), ("json_number", "sites[3].lat")),
        ("sites/3/lon", float("inf"), ("json_number", "sites[3].lon")),
        ("sites/3/lon", "3,32", ("json_number", "sites[3].lon")),
        ("sites/3/windows/4", [[600, 540]], ("rotation_reversed", 'sites[3].windows["4"][0]')),
        ("sites/3/windows/4", [[540]], ("json_pair", 'sites[3].windows["4"][0]')),
        ("sites/3/windows/11", [[540, 600]], ("rotation_day_key", 'sites[3].windows["11"]')),
        ("sites/3/pref/3:2", 25, ("rotation_half_day", 'sites[3].pref["3:2"]')),
        ("sites/3/id", 2, ("rotation_rank", "sites[3].id")),
        ("sites/3", 7, ("json_object", "sites[3]")),
        ("teams/1/activity", "pottery", ("json_choice", "teams[1].activity")),
        ("teams/1/depot", 2, ("json_whole", "teams[1].depot")),
        ("teams/1/avail/0", [1050, 450], ("rotation_reversed", 'teams[1].avail["0"]')),
        ("groups/30/site", 15, ("json_whole", "groups[30].site")),
        ("groups/30/chain", ["robotics", "pottery"], ("json_choice", "groups[30].chain[1]")),
        ("groups/30/chain", ["video", "video"], ("rotation_twice_in_chain", "groups[30].chain[1]")),
        ("weights/drive", -1, ("json_whole", "weights.drive")),
        ("pins", {}, ("json_list", "pins")),
        ("pins", [A_PIN, A_PIN], ("rotation_pin_twice", "pins[1]")),
        ("pins", [{**A_PIN, "team": 1}], ("rotation_pin_team", "pins[0]")),
        ("pins", [{**A_PIN, "start": 700}], ("rotation_pin_hours", "pins[0]")),
        ("pins", [{**A_PIN, "group": 31}], ("json_whole", "pins[0].group")),
    ],
)
def test_one_fault_is_named_alone(path, value, fault):
    assert faults_of(changed(path, value)) == [fault]


def test_a_pin_on_a_day_the_team_is_away():
    data = changed("teams/0/avail/0", ...)
    assert faults_of({**data, "pins": [A_PIN]}) == [("rotation_pin_away", "pins[0]")]


def test_all_faults_are_told_at_once():
    data = changed("noon", None)
    data["sites"][0]["room_cap"] = "one"
    data["groups"][0] = []
    assert faults_of(data) == [
        ("json_whole", "noon"),
        ("json_whole", "sites[0].room_cap"),
        ("json_object", "groups[0]"),
    ]


def test_each_half_day_has_a_price_of_its_own():
    data = changed("sites/0/pref/0:0", 0)
    data["sites"][0]["pref"]["0:1"] = 7
    problem = rotation.from_instance(data)
    site = problem.sites[0]
    assert [site.dislike(problem.days[0], half) for half in (0, 1)] == [0, 7]
    assert rotation.to_instance(problem)["sites"][0]["pref"] == {k: v for k, v in data["sites"][0]["pref"].items() if v}


def test_a_group_with_nothing_left_to_do_asks_for_nothing():
    data = changed("groups/0/chain", [])
    assert len(rotation.from_instance(data).demands) == len(rotation.from_instance(changed("name", "same")).demands) - 2


def test_the_instance_itself_is_sound_without_what_may_be_left_out():
    data = copy.deepcopy(instance_2020())
    del data["pins"], data["meta"], data["sites"][0]["pref"]
    assert len(rotation.from_instance(data).demands) == 62


@pytest.mark.parametrize("data", [None, [], "nonsense", {}, {"format": "rotation-2"}])
def test_another_format_is_refused(data):
    assert faults_of(data) == [("rotation_format", "")]


def test_after_many_faults_the_rest_is_not_read():
    found = faults_of({**instance_2020(), "groups": [0] * 100_000})
    assert (len(found), found[-1][0]) == (MOST_FAULTS + 1, "json_more_faults")
    assert faults_of({**instance_2020(), "groups": [0] * 1_000_000})[-1] == ("json_too_many", "groups")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json_malformed"),
        (b'{"format": "rotation-1",}', "json_malformed"),
        (b"\xff\xfe{", "json_encoding"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "json_malformed"),
        (b"x" * (LONGEST_FILE + 1), "json_too_long"),
        (b"[" + b"1," * MOST_VALUES + b"1]", "json_too_much"),
    ],
)
def test_nonsense_is_no_json(raw, code):
    with pytest.raises(Refused) as refusal:
        read_json("plan.json", raw)
    assert [(problem.code, problem.file) for problem in refusal.value.problems] == [(code, "plan.json")]


def test_as_many_values_as_may_be_are_read():
    assert len(read_json("plan.json", b"[" + b"1," * (MOST_VALUES - 1) + b"1]")) == MOST_VALUES


def test_json_with_a_byte_order_mark_is_read():
    assert read_json("plan.json", b"\xef\xbb\xbf" + json.dumps([1]).encode()) == [1]


@pytest.mark.parametrize(
    ("session", "fault"),
    [
        ({**A_PIN, "group": -1}, ("json_whole", "sessions[0].group")),
        ({**A_PIN, "activity": "pottery"}, ("json_choice", "sessions[0].activity")),
        ({**A_PIN, "day": 10}, ("json_whole", "sessions[0].day")),
        ({**A_PIN, "state": "perhaps"}, ("json_choice", "sessions[0].state")),
        (3, ("json_object", "sessions[0]")),
    ],
)
def test_a_faulty_baseline(session, fault):
    with pytest.raises(Refused) as refusal:
        rotation.from_baseline(problem_2020(), {"sessions": [session]})
    assert [(p.code, p.facts["where"]) for p in refusal.value.problems] == [fault]


def test_a_solution_that_breaks_rules_is_read_for_the_checker_to_judge():
    sessions = [{**A_PIN, "team": 1, "start": 0}] * 2
    assert len(rotation.from_solution(problem_2020(), {"sessions": sessions})) == 2
