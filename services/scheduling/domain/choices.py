"""What there is to choose from when a released plan has to change, and how far to look for more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from services.contracts.values import Change, HalfDay, Session
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.moves import Moves, frontier
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.roads import DETOUR, great_circle_km
from services.scheduling.domain.score import sites_visited

MOST_TRIES = 5
"""Plans looked for, the one without a limit included: a longer list helps nobody to choose."""


def next_limit(tried: Sequence[tuple[int | None, Moves]]) -> int | None:
    """Return how many released sessions the next plan may move at most; None when there is nothing more to look for.

    ``tried``: limits and what came of them, the first without a limit. Next comes the plan that moves only what must
    move, then the middle of the widest gap between two that are worth choosing from.
    """
    found = [moves for _, moves in tried]
    if len(tried) >= MOST_TRIES or not found[0].total:
        return None
    if len(tried) == 1:
        return 0
    totals = sorted({moves.total for moves in frontier(found)})
    gap, low = max(((high - low, low) for low, high in pairwise(totals)), default=(0, 0))
    middle = low + gap // 2
    return middle if gap > 1 and middle not in {limit for limit, _ in tried} else None


def changes_slot(change: Change, noon: int) -> bool:
    """Whether a session goes to another half-day or place; ``noon`` in minutes after midnight."""
    return _slot(change.before, noon) != _slot(change.after, noon)


def _slot(session: Session | None, noon: int) -> tuple[object, ...]:
    return (HalfDay.of(session.start, noon), session.venue_id, session.place) if session else ()


def told(changes: Iterable[Change]) -> int:
    """Return how many schools and providers hear of these changes."""
    sides = [session for change in changes for session in (change.before, change.after) if session]
    return len({session.school_id for session in sides}) + len({session.provider_id for session in sides})


def kilometres(problem: Problem, placements: Sequence[Placement]) -> int:
    """Return how far all teams drive, in km: great circle x 1.3 from depot to sites and back, each day."""
    return round(sum(_day(problem, stops) for stops in team_days(problem, placements).values()))


def _day(problem: Problem, stops: Sequence[Placement]) -> float:
    depot = problem.crew_by_id[stops[0].crew_id].depot
    places = [depot, *(problem.site_by_id[site_id].place for site_id in sites_visited(stops)), depot]
    return DETOUR * sum(great_circle_km(a.lat, a.lon, b.lat, b.lon) for a, b in pairwise(places))
