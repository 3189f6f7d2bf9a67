"""Problems for planner tests: the 2020 edition, a small chain, and a programme like the Pass Internet."""

from __future__ import annotations

import datetime as dt
import functools
import json
import random
from dataclasses import replace
from pathlib import Path

from services.contracts.values import Place, Window
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem, Site, Task
from services.scheduling.domain.rotation import from_instance

INSTANCES = Path(__file__).parents[2] / "rotation" / "instances"
MONDAY = dt.date(2021, 3, 1)
OPEN = (Window(510, 690), Window(810, 990))
DEPOT = Place("Dépôt", 49.37, 3.33)


@functools.cache
def instance_2020() -> dict:
    """The 2020 edition in rotation-1 form."""
    return json.loads((INSTANCES / "quinzaine2020.json").read_text(encoding="utf-8"))


@functools.cache
def problem_2020() -> Problem:
    """The 2020 edition: 15 sites, 31 groups, 62 sessions, 10 days."""
    return from_instance(instance_2020())


def days(count: int) -> tuple[dt.date, ...]:
    """Return working days in a row, from Monday 1 March 2021."""
    every = (MONDAY + dt.timedelta(days=i) for i in range(2 * count))
    return tuple(day for day in every if day.weekday() < 5)[:count]


def a_site(name: str, when: tuple[dt.date, ...], *, lat: float = 49.38, lon: float = 3.32, rooms: int = 1) -> Site:
    """Return a school open 8:30-11:30 and 13:30-16:30."""
    return Site(name, Place(name, lat, lon), rooms, dict.fromkeys(when, OPEN))


def a_crew(name: str, kind: str, when: tuple[dt.date, ...], most: int = 4) -> Crew:
    """Return a team on the road 7:30-17:30."""
    return Crew(name, f"{name}-org", (kind,), DEPOT, dict.fromkeys(when, Window(450, 1050)), most)


def a_chain(*, groups: int = 2, sites: int = 2, length: int = 4) -> Problem:
    """Return a problem of two activities, one team each."""
    when = days(length)
    tasks = (Task("robotics", "truck", 75, 20, 15, 10), Task("video", "film", 75, 10, 10, 10))
    places = tuple(a_site(f"school{i}", when, lat=49.38 + 0.02 * i) for i in range(sites))
    demands = []
    for i in range(groups):
        home = f"school{i % sites}"
        demands.append(Demand(f"g{i}-robotics", "robotics", f"g{i}", 12, home, (home,)))
        demands.append(Demand(f"g{i}-video", "video", f"g{i}", 12, home, (home,), (f"g{i}-robotics",)))
    crews = (a_crew("truck", "truck", when), a_crew("film", "film", when))
    return Problem(when, 750, 45, tasks, places, crews, tuple(demands))


def a_pass(*, classes: int = 2, length: int = 10) -> Problem:
    """Return a problem like the Pass Internet.

    An officer sees the whole class, a psychologist its two halves at school or at a common venue from the day after,
    the officer the whole class again two days later at the earliest. The second class's halves share a pupil.
    """
    when = days(length)
    tasks = (
        Task("meet", "officer", 55, 10, 10, 10),
        Task("talk", "psychologist", 60, 10, 10, 15, min_days=1, max_days=10),
        Task("quiz", "officer", 60, 10, 10, 10, min_days=2),
    )
    schools = tuple(a_site(f"school{i}", when, lat=49.36 + 0.02 * i) for i in range(classes))
    house = Site("house", Place("Maison", 49.38, 3.34), 2, dict.fromkeys(when, (Window(540, 720), Window(800, 1020))))
    crews = (
        a_crew("officer", "officer", when),
        a_crew("psychologist", "psychologist", when),
        a_crew("second", "psychologist", when[::2]),
    )
    demands = tuple(demand for i in range(classes) for demand in _class_demands(i))
    return Problem(when, 750, 45, tasks, (*schools, house), crews, demands)


def _class_demands(i: int) -> list[Demand]:
    home, here = f"school{i}", f"c{i}"
    halves = [f"{here}-talk-a", f"{here}-talk-b"]
    share = i == 1
    return [
        Demand(f"{here}-meet", "meet", here, 24, home, (home,)),
        Demand(
            halves[0], "talk", f"{here}a", 12, home, (home, "house"), (f"{here}-meet",), (halves[1],) if share else ()
        ),
        Demand(halves[1], "talk", f"{here}b", 12, home, (home, "house"), (f"{here}-meet",)),
        Demand(f"{here}-quiz", "quiz", here, 24, home, (home, "house"), tuple(halves)),
    ]


def closed(problem: Problem, site_id: str, *when: dt.date) -> Problem:
    """Return the problem with a site closed on some days."""
    sites = tuple(
        replace(site, windows={d: w for d, w in site.windows.items() if d not in when}) if site.id == site_id else site
        for site in problem.sites
    )
    return replace(problem, sites=sites)


def a_random_plan(problem: Problem, chance: random.Random) -> list[Placement]:
    """Return sessions anywhere, mostly near something sensible, often against the rules; some are left out."""
    plan = []
    for demand in problem.demands:
        if chance.random() < 0.05:
            continue
        kind = problem.task_by_id[demand.task_id].provider_kind
        crew = chance.choice([crew for crew in problem.crews if kind in crew.kinds])
        day = chance.choice(problem.days)
        start = chance.choice([510, 525, 540, 600, 615, 630, 640, 735, 750, 810, 825, 885, 895, 905, 915, 990])
        plan.append(Placement(demand.id, crew.id, chance.choice(demand.sites), day, start))
    return plan


def shaken(problem: Problem, plan: list[Placement], chance: random.Random) -> list[Placement]:
    """Return a plan with a few sessions moved, dropped or swapped."""
    shaken_plan = list(plan)
    for _ in range(chance.randint(0, 3)):
        i = chance.randrange(len(shaken_plan))
        one = shaken_plan[i]
        what = chance.randrange(4)
        if what == 0:
            shaken_plan[i] = replace(one, start=one.start + chance.choice([-90, -15, -5, 5, 15, 85, 90]))
        elif what == 1:
            shaken_plan[i] = replace(one, day=chance.choice(problem.days))
        elif what == 2:
            del shaken_plan[i]
        else:
            j = chance.randrange(len(shaken_plan))
            other = shaken_plan[j]
            shaken_plan[i] = replace(one, day=other.day, start=other.start)
            shaken_plan[j] = replace(other, day=one.day, start=one.start)
    return shaken_plan
