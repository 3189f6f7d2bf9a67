"""``quinzaine explain``: what cannot work, why a session stands here and not there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.commands.instance import add_instance, read_plan, read_problem, seconds_of
from services.commands.left_out import reasons_of
from services.commands.say import Say, put
from services.contracts.errors import Problem as Finding
from services.contracts.errors import refused
from services.kit.i18n import N_
from services.scheduling.domain.explain.before import findings, slack
from services.scheduling.domain.explain.left_out import why_left_out
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.explain.room_for import room_told
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.rules import judge

HALVES = ("am", "pm")
NOTHING_WRONG = N_("Rien n’empêche de tout placer, d’après le compte des places.")


def add(commands: Any) -> None:
    """Declare the command."""
    explain = commands.add_parser("explain", help="say what cannot work, why a session stands here and not there")
    add_instance(explain)
    explain.add_argument("solution", type=Path, nargs="?", metavar="SOLUTION.json")
    explain.add_argument("--session", metavar="GROUP/ACTIVITY", help="one session, such as 4/video")
    explain.add_argument("--at", metavar="DAY/HALF[/TEAM]", help="a place for it, such as 3/am or 2020-11-05/pm/1")
    explain.add_argument("--time-limit", default="3", metavar="S", help="seconds (default 3)")
    explain.set_defaults(run=_run)


def _run(options: argparse.Namespace, _settings: object) -> int:
    seconds, problem = seconds_of(options), read_problem(options.instance)
    say = Say(options.language, problem)
    if options.solution is None:
        lines = _whole(problem, seconds, say)
    elif options.session is None:
        lines = _plan(problem, read_plan(problem, options.solution), say)
    else:
        places = Places(problem, read_plan(problem, options.solution))
        lines = _session(problem, places, options.session, options.at, say)
    put(sys.stdout, lines)
    return 0


def _whole(problem: Problem, seconds: float, say: Say) -> Iterator[str]:
    from services.scheduling.adapters.cpsat.explained.way_out import explain

    found = explain(problem, seconds)
    if not found:
        yield say.text(NOTHING_WRONG)
    for row in slack(problem) if not findings(problem) else ():
        facts = {"providers": ", ".join(row.providers), "places": str(row.places), "sessions": str(row.sessions)}
        yield say.of(Finding("explain_slack", facts))
    yield from say.all(found)


def _plan(problem: Problem, placements: Sequence[Placement], say: Say) -> Iterator[str]:
    yield from say.verdict(placements, judge(problem, placements, {}))
    yield from say.all(tuple(reasons_of(problem, placements).values()))
    yield from say.all(room_told(problem, placements))


def _session(problem: Problem, places: Places, session: str, at: str | None, say: Say) -> Iterator[str]:
    demand_id = _demand(problem, session)
    if at is not None:
        yield from _elsewhere(problem, places, demand_id, at, say)
    elif demand_id in places.placed:
        yield from say.all(places.why_here(demand_id))
    else:
        yield from say.all((why_left_out(places, demand_id),))


def _elsewhere(problem: Problem, places: Places, demand_id: str, at: str, say: Say) -> Iterator[str]:
    day, half, crew_id = _place(problem, at)
    place = places.at(demand_id, problem.days[day], half, crew_id)
    if place is None:
        demand = problem.demand_by_id[demand_id]
        half_day = f"{problem.days[day].isoformat()} {HALVES[half]}"
        facts = {"group": demand.group_id, "activity": demand.task_id, "half_day": half_day}
        yield say.of(Finding("explain_nobody_there", facts))
        return
    yield say.of(places.told(demand_id, place))
    yield from (f"  {text}" for text in say.all(place.broken))


def _demand(problem: Problem, session: str) -> str:
    group, _, activity = session.partition("/")
    found = [d.id for d in problem.demands if (d.group_id, d.task_id) == (group, activity)]
    if not found:
        raise refused("command_session", value=session)
    return found[0]


def _place(problem: Problem, at: str) -> tuple[int, int, str | None]:
    """Read a place such as ``3/am`` or ``2020-11-05/pm/1``."""
    day, half, *team = [*at.split("/"), ""][:3]
    days = {str(i): i for i in range(len(problem.days))} | {d.isoformat(): i for i, d in enumerate(problem.days)}
    crew = next((name for name in team if name), None)
    if day not in days or half not in HALVES or (crew is not None and crew not in problem.crew_by_id):
        raise refused("command_place", value=at)
    return days[day], HALVES.index(half), crew
