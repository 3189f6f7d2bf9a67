"""The exact search: what it proves is true, and what it certifies can be checked by others; what is forged cannot."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from services.contracts.errors import Refused
from services.scheduling.adapters.cpsat.exact.certificate import certificate_of
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.rotation import from_instance, to_solution

ROTATION = Path(__file__).parents[2] / "rotation"
PUBLIC = json.loads((ROTATION / "instances" / "quinzaine2020.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def checker(request: pytest.FixtureRequest) -> ModuleType:
    """Load the independent script as its readers run it: beside check_rotation.py, nothing of ours."""
    sys.path.insert(0, str(ROTATION))
    request.addfinalizer(lambda: sys.path.remove(str(ROTATION)))
    spec = importlib.util.spec_from_file_location("check_certificate", ROTATION / "check_certificate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small(seed: int) -> dict[str, Any]:
    """Return a piece of the public instance: four sites, few groups, four or five days.

    Some have a second truck, some video alone.
    """
    chance, instance = random.Random(seed), copy.deepcopy(PUBLIC)
    sites = sorted(chance.sample(range(len(instance["sites"])), 4))
    days = chance.choice((4, 5))
    instance["days"] = instance["days"][:days]
    for site in instance["sites"]:
        site["windows"] = {day: hours for day, hours in site["windows"].items() if int(day) < days}
        site["pref"] = {half: points for half, points in site["pref"].items() if int(half.split(":")[0]) < days}
    for team in instance["teams"]:
        team["avail"] = {day: hours for day, hours in team["avail"].items() if int(day) < days}
    if seed % 4 == 3:
        instance["teams"].append({**instance["teams"][0], "id": 2})
    if seed % 2:
        chance.choice(instance["sites"])["windows"] = {}
    groups = [
        group for group in instance["groups"] if group["site"] in sites and instance["sites"][group["site"]]["windows"]
    ]
    kept = sorted(chance.sample(range(len(groups)), min(len(groups), 5)))
    chain = ["video"] if seed % 6 == 4 else ["robotics", "video"]
    instance["groups"] = [{**groups[place], "id": i, "chain": chain} for i, place in enumerate(kept)]
    return instance


def solved(instance: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the plan and its certificate, as JSON would carry them."""
    problem = from_instance(instance)
    solution = CpSat().solve(problem, seconds=120, seed=0, report=lambda progress: None)
    told = to_solution(problem, solution), certificate_of(problem, solution)
    return json.loads(json.dumps(told))


@pytest.fixture(scope="module")
def proved() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    instance = small(2)
    solution, certificate = solved(instance)
    assert certificate is not None
    return instance, solution, certificate


def without_prices(checker: ModuleType, instance: dict[str, Any], certificate: dict[str, Any]) -> dict[str, Any]:
    """Return a certificate that prices nothing and leaves no route out: checking it is trying everything."""
    form = checker.Instance(instance)
    days = checker.listed_days(form)
    blind = {**certificate, "activities": {}}
    for a, name in enumerate(form.chain):
        words = {word for (b, _, _), day in days.items() if a == b for word in day.options}
        names = [*form.ids, *form.marks]
        pool = [[[names[i], n] for i, n in enumerate(form.unpack(word)) if n] for word in words]
        prices = {str(name): 0 for name in names}
        blind["activities"][name] = {"bound": 0, "prices": prices, "cuts": [], "pool": pool}
    return blind


@pytest.mark.parametrize("seed", range(12))
def test_what_is_proved_withstands_brute_force(checker: ModuleType, seed: int) -> None:
    instance = small(seed)
    solution, certificate = solved(instance)
    assert solution["status"] == "optimal"
    assert certificate is not None
    assert checker.check(instance, solution, certificate)["proved"] == solution["objective"] == solution["bound"]
    blind = without_prices(checker, instance, certificate)
    assert checker.check(instance, solution, blind)["proved"] == solution["objective"]


def with_pins(instance: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the instance with two sessions of its plan fixed, one of them elsewhere where the rules allow."""
    chance, plan = random.Random(seed), solved(instance)[0]["sessions"]
    kept = [{k: session[k] for k in ("group", "activity", "team", "day", "start")} for session in plan]
    pins = chance.sample(kept, 2)
    for _ in range(20):
        day, start = chance.randrange(len(instance["days"])), chance.choice([540, 547, 810, pins[0]["start"]])
        tried = {**instance, "pins": [{**pins[0], "day": day, "start": start}, pins[1]]}
        with suppress(Refused):
            problem = from_instance(tried)
            if not {v.rule for v in check(problem, problem.pins)} - {"chain"}:
                return tried
    return {**instance, "pins": pins}


@pytest.mark.parametrize("seed", [0, 1, 5, 7, 11, 14])
def test_what_is_proved_around_pins_withstands_brute_force(checker: ModuleType, seed: int) -> None:
    instance = with_pins(small(seed), seed)
    solution, certificate = solved(instance)
    assert solution["status"] == "optimal"
    assert certificate is not None
    assert checker.check(instance, solution, certificate)["proved"] == solution["objective"] == solution["bound"]
    blind = without_prices(checker, instance, certificate)
    assert checker.check(instance, solution, blind)["proved"] == solution["objective"]
    assert solution["objective"] >= solved(small(seed))[0]["objective"]


def test_brute_force_finds_what_is_cheaper(
    checker: ModuleType, proved: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
) -> None:
    """The control: for a plan that is not the cheapest, trying everything says so."""
    instance, solution, certificate = proved
    worse, cost = _worse(checker, instance, solution)
    with pytest.raises(checker.Refused, match="there is a plan of cost"):
        checker.check(instance, worse, without_prices(checker, instance, {**certificate, "value": cost}))


def _worse(checker: ModuleType, instance: dict[str, Any], solution: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Move the last day's sessions of the plan a day later, which costs points and breaks no rule."""
    last = max(session["day"] for session in solution["sessions"])
    for later in range(last + 1, len(instance["days"])):
        moved = [{**s, "day": later} if s["day"] == last else s for s in solution["sessions"]]
        result = checker.Checker(instance, {"sessions": moved}).run()
        if result["valid"]:
            return {**solution, "sessions": moved}, result["total"]
    raise AssertionError("no day is left; choose another seed")


def test_a_forged_certificate_is_refused(
    checker: ModuleType, proved: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
) -> None:
    instance, solution, certificate = proved
    for name, forge in FORGERIES.items():
        forged = copy.deepcopy(certificate)
        forge(forged, forged["activities"]["robotics"])
        with pytest.raises(checker.Refused):
            checker.check(instance, solution, forged)
            pytest.fail(f"{name} went unseen")


def test_the_script_says_what_it_checked(
    proved: tuple[dict[str, Any], dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    paths = [tmp_path / f"{i}.json" for i in range(3)]
    for path, data in zip(paths, proved, strict=True):
        path.write_text(json.dumps(data), encoding="utf-8")
    assert (_run(paths).returncode, json.loads(_run(paths).stdout)["proved"]) == (0, proved[1]["objective"])
    paths[2].write_text(json.dumps({**proved[2], "value": proved[2]["value"] - 1}), encoding="utf-8")
    assert (_run(paths).returncode, list(json.loads(_run(paths).stdout))) == (1, ["refused"])


def _run(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """Run the script without anything of ours on its path."""
    script = [sys.executable, "-E", "-S", str(ROTATION / "check_certificate.py"), *map(str, paths)]
    return subprocess.run(script, capture_output=True, text=True, timeout=300, check=False)


def _raise_price(certificate: dict[str, Any], robotics: dict[str, Any]) -> None:
    site = next(iter(robotics["prices"]))
    robotics["prices"][site] += 1000


def _raise_price_and_bound(certificate: dict[str, Any], robotics: dict[str, Any]) -> None:
    site = next(iter(robotics["prices"]))
    robotics["prices"][site] += 1000
    robotics["bound"] += 1000 * sum(group["site"] == int(site) for group in small(2)["groups"])


def _raise_bound(certificate: dict[str, Any], robotics: dict[str, Any]) -> None:
    robotics["bound"] += 1


def _drop_route(certificate: dict[str, Any], robotics: dict[str, Any]) -> None:
    robotics["pool"].pop(0)


def _lower_value(certificate: dict[str, Any], robotics: dict[str, Any]) -> None:
    certificate["value"] -= 1


def _pay_for_a_cut(certificate: dict[str, Any], robotics: dict[str, Any]) -> None:
    robotics["cuts"].append({"sites": [], "part": 2, "side": "up", "price": -5})


FORGERIES = {
    "a price raised": _raise_price,
    "a price raised with the bound": _raise_price_and_bound,
    "the bound raised": _raise_bound,
    "a route dropped": _drop_route,
    "the value lowered": _lower_value,
    "a cut that pays": _pay_for_a_cut,
}


def test_the_same_problem_gives_the_same_plan() -> None:
    assert solved(small(5)) == solved(small(5))
