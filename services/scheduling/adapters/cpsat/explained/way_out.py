"""The way out when not everything can be placed: what is missing at least, what to ask at least, and what suffices."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from services.contracts.errors import Problem as Finding
from services.scheduling.adapters.cpsat.explained.conflict import Conflict
from services.scheduling.adapters.cpsat.explained.counts import Counts
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.explain.before import findings, slack
from services.scheduling.domain.explain.ways import Way, told, ways, with_ways
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.solution import Progress, Solution, SolverFailed

SHARE = 0.5
"""Of the time given, for each of the two counts at most; they need a fraction of it."""
CONFLICT_SECONDS = 0.6
WORTH_PLANNING = 3.0
"""Seconds that must be left for a whole plan to be looked for, which alone verifies a way out."""


@dataclass(frozen=True)
class WayOut:
    """``missing``: sessions that no plan can place (proved by counting). ``least``: what must be asked at least, empty
    when nothing that can be asked suffices, None when that was not found out in time.

    ``enough``: what suffices, verified by a whole plan; None when no such plan was found in time.
    ``conflict``: facts that cannot all hold, when they are few.
    """

    missing: int
    by_activity: dict[str, int]
    least: tuple[Way, ...] | None
    enough: tuple[Way, ...] | None
    conflict: tuple[Finding, ...]


class _Whole(Exception):
    pass


def explain(
    problem: Problem, seconds: float, *, conflict_seconds: float = CONFLICT_SECONDS, verify: bool = True
) -> tuple[Finding, ...]:
    """Return what cannot work and the ways out as sentences; empty when counting finds nothing against a whole plan.

    ``verify``: look for a whole plan too, when enough of the seconds is left.
    """
    found = way_out(problem, seconds, conflict_seconds=conflict_seconds, verify=verify)
    if found is None or not found.missing:
        return findings(problem)
    return (*findings(problem), *as_findings(problem, found))


def way_out(
    problem: Problem, seconds: float, *, conflict_seconds: float = CONFLICT_SECONDS, verify: bool = True
) -> WayOut | None:
    """Return the way out, or None when the counts did not come to an end in time."""
    until = time.monotonic() + seconds
    counted = Counts(problem).solve(seconds * SHARE)
    if counted is None:
        return None
    by_activity: dict[str, int] = {}
    for lot, count in counted.missing.items():
        by_activity[lot.task_id] = by_activity.get(lot.task_id, 0) + count
    if not by_activity:
        return WayOut(0, {}, (), (), ())
    every = ways(problem, _open_days(problem))
    best = Counts(problem, every).solve(max(0.1, seconds * SHARE))
    least = None if best is None else () if best.missing else best.chosen
    # where a provider is short, every session of its kind is part of the conflict: the numbers say more
    short = any(row.missing for row in slack(problem))
    conflict = () if short else Conflict(problem, min(conflict_seconds, seconds * SHARE)).find()
    enough = _verified(problem, least, every, until - time.monotonic()) if least and verify else None
    return WayOut(sum(by_activity.values()), by_activity, least, enough, conflict)


def as_findings(problem: Problem, found: WayOut) -> tuple[Finding, ...]:
    """Return a way out as sentences."""
    said = [
        Finding("explain_missing", {"activity": task, "missing": str(count)})
        for task, count in found.by_activity.items()
    ]
    if found.enough and sum(w.price for w in found.enough) <= sum(w.price for w in found.least or ()):
        said += [Finding("explain_enough_and_least"), *told(problem, found.enough)]
    elif found.least:
        said += [Finding("explain_least"), *told(problem, found.least)]
        said += [Finding("explain_enough"), *told(problem, found.enough)] if found.enough else []
    elif found.least is not None:
        said.append(Finding("explain_no_way"))
    if found.conflict:
        said += [Finding("explain_conflict"), *found.conflict]
    return tuple(said)


def _open_days(problem: Problem) -> list[dt.date]:
    before = problem.baseline.frozen_before if problem.baseline else None
    return [day for day in problem.days if before is None or day >= before]


def _verified(problem: Problem, least: Sequence[Way], every: Sequence[Way], seconds: float) -> tuple[Way, ...] | None:
    """Return ways that a whole plan uses: among those of the same schools and teams as the least ones."""
    asked = {(way.kind, way.who) for way in least}
    offered = [way for way in every if (way.kind, way.who) in asked]
    if seconds < WORTH_PLANNING:
        return None
    widened = _shy(with_ways(problem, offered), offered)
    placements = _whole_plan(widened, seconds)
    return tuple(w for w in offered if _is_used(widened, w, placements)) if placements else None


def _shy(problem: Problem, offered: Sequence[Way]) -> Problem:
    """Let a plan avoid half-days that would have to be reopened."""
    reopened = {(w.who, w.day) for w in offered if w.kind == "reopen"}
    points = problem.weights.disliked
    sites = tuple(
        replace(s, disliked={**s.disliked, **{day: (points, points) for who, day in reopened if who == s.id}})
        for s in problem.sites
    )
    return replace(problem, sites=sites)


def _is_used(problem: Problem, way: Way, placements: Sequence[Placement]) -> bool:
    there = [p for p in placements if p.day == way.day and way.who in (p.site_id, p.crew_id)]
    if way.kind == "session":
        return len(there) == problem.crew_by_id[way.who].max_sessions
    return any(problem.half_of(p) == way.half for p in there)


def _whole_plan(problem: Problem, seconds: float) -> tuple[Placement, ...] | None:
    """Return the first plan that leaves nothing out."""
    best: list[Solution] = []

    def heard(_progress: Progress) -> None:
        if best and not best[0].unplaced:
            raise _Whole

    def found(solution: Solution) -> None:
        best[:] = [solution]

    with suppress(_Whole, SolverFailed):
        CpSat(found).solve(problem, seconds=seconds, seed=0, report=heard)
    return best[0].placements if best and not best[0].unplaced else None
