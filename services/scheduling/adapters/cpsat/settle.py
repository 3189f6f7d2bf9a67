"""The last steps common to both forms: old start times kept where they fit, a plan's value, which plan is better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from services.scheduling.domain.constraints import hours, right_team, rooms, team_day
from services.scheduling.domain.moves import Moves
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.score import moved, total
from services.scheduling.domain.solution import Solution

OF_A_DAY = (hours, right_team, rooms, team_day)


def key(problem: Problem, solution: Solution) -> tuple[float, ...]:
    """Order of plans, best first: the aims of a replan, then cost."""
    return *aims_reached(problem, moves_of(problem, solution.placements)), solution.value


def aims_reached(problem: Problem, moves: Moves) -> tuple[int, int, int, int]:
    """Return moves beyond those allowed, sessions left out, confirmed ones moved, offered ones moved."""
    most = problem.baseline.most_moved if problem.baseline else None
    beyond = 0 if most is None else max(0, moves.total - most)
    return beyond, moves.unplaced, moves.confirmed, moves.offered


def moves_of(problem: Problem, placements: Sequence[Placement], proved: int = 0) -> Moves:
    """Count what a plan leaves out and moves."""
    changes = moved(problem, placements)
    left = len(problem.demands) - len(placements)
    return Moves(left, len(changes["confirmed"]), len(changes["offered"]), proved)


def solution_of(
    problem: Problem, placements: Sequence[Placement], bound: float | None, method: str, proved: int = 0
) -> Solution:
    """Return placements with their true cost; optimal when the bound leaves nothing to gain (costs are whole).

    ``proved``: how many of a replan's aims are; its bound counts when all are.
    """
    placed = {placement.demand_id for placement in placements}
    unplaced = tuple(demand.id for demand in problem.demands if demand.id not in placed)
    value = float(total(problem, placements))
    moves = moves_of(problem, placements, proved) if problem.baseline else None
    optimal = bound is not None and value < bound + 1 - 1e-6 and (moves is None or moves.proved_all)
    ordered = tuple(sorted(placements, key=lambda p: (p.day, p.start, p.crew_id, p.demand_id)))
    return Solution(ordered, unplaced, "optimal" if optimal else "feasible", value, bound, method, moves)


def keep_starts(problem: Problem, placements: Sequence[Placement]) -> list[Placement]:
    """Give sessions that stay with their team on their half-day their released start again, where that fits."""
    pinned = {pin.demand_id for pin in problem.pins}
    old = {p.demand_id: p for p in problem.baseline.placements if p.demand_id not in pinned} if problem.baseline else {}
    by_day: dict[object, list[Placement]] = defaultdict(list)
    for placement in placements:
        by_day[placement.day].append(placement)
    return [kept for day in by_day.values() for kept in _keep_day(problem, day, old)]


def _keep_day(problem: Problem, held: list[Placement], old: dict[str, Placement]) -> list[Placement]:
    """Try the old starts of the whole day, else team by team."""
    kept = [_as_before(problem, p, old) for p in held]
    if kept == held or _fits(problem, kept):
        return kept
    for crew in sorted({p.crew_id for p in held}):
        tried = [_as_before(problem, p, old) if p.crew_id == crew else p for p in held]
        if _fits(problem, tried):
            held = tried
    return held


def _as_before(problem: Problem, placement: Placement, old: dict[str, Placement]) -> Placement:
    was = old.get(placement.demand_id)
    if was is None or (was.crew_id, was.site_id, was.day) != (placement.crew_id, placement.site_id, placement.day):
        return placement
    return replace(placement, start=was.start) if problem.half_of(was) == problem.half_of(placement) else placement


def _fits(problem: Problem, held: Sequence[Placement]) -> bool:
    return not any(next(rule.violations(problem, held), None) for rule in OF_A_DAY)
