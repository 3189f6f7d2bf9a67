"""``quinzaine check``: whether a plan keeps the rules, what it costs and what it moves."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.commands.instance import add_instance, read_plan, read_problem
from services.commands.say import Say, put
from services.kit.i18n import N_
from services.portal.web.labels import COSTS
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.rules import judge
from services.scheduling.domain.score import cost

COST = N_("Coût : {total} points.")


def add(commands: Any) -> None:
    """Declare the command."""
    check = commands.add_parser("check", help="say whether a plan keeps the rules, and what it costs")
    add_instance(check)
    check.add_argument("solution", type=Path, metavar="SOLUTION.json")
    check.add_argument("baseline", type=Path, nargs="?", metavar="BASELINE.json")
    check.set_defaults(run=_run)


def _run(options: argparse.Namespace, _settings: object) -> int:
    problem = read_problem(options.instance, options.baseline)
    placements = read_plan(problem, options.solution)
    say, broken = Say(options.language, problem), judge(problem, placements, {})
    put(sys.stdout, [*say.verdict(placements, broken), *_costs(problem, placements, say), *say.moved(placements)])
    return 1 if broken else 0


def _costs(problem: Problem, placements: Sequence[Placement], say: Say) -> Iterator[str]:
    terms = cost(problem, placements)
    yield say.text(COST, total=sum(terms.values()))
    yield from (f"  {say.text(COSTS[term])} : {points}" for term, points in terms.items() if points)
