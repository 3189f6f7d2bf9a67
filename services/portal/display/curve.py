"""The curve of a calculation: its best plan and the proved minimum, step by step, as lines of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.contracts.rpc import Job

WIDTH, HEIGHT = 640, 200


@dataclass(frozen=True)
class Curve:
    """A drawing of WIDTH by HEIGHT. ``best`` and ``bound``: paths, empty when there is nothing to draw."""

    best: str
    bound: str
    highest: float
    lowest: float
    seconds: float
    disturbed: bool


def curve_of(job: Job) -> Curve | None:
    """Draw what a job found; None before there are two points and two levels.

    A replan is drawn by the sessions that it disturbs.

    The scale is that of the plans with the most sessions: what came before stands on its upper edge.
    """
    disturbed = any(point.moved is not None for point in job.curve)
    points = [(p, float(p.moved) if disturbed and p.moved is not None else p.value) for p in job.curve]
    if len(points) < 2:
        return None
    most = max(p.placed or 0 for p in job.curve)
    values = [value for p, value in points if value is not None and (p.placed or 0) == most]
    bounds = [] if disturbed else [p.bound for p in job.curve if p.bound is not None]
    if not values:
        return None
    lowest, highest = min([*values, *bounds[-1:]]), max(values)
    if lowest == highest:
        return None
    scale = _Scale(max(job.elapsed, job.curve[-1].seconds), lowest, highest)
    best = [(p.seconds, value) for p, value in points if value is not None]
    floor = [] if disturbed else [(p.seconds, p.bound) for p in job.curve if p.bound is not None]
    return Curve(scale.path(best), scale.path(floor), highest, lowest, scale.seconds, disturbed)


@dataclass(frozen=True)
class _Scale:
    seconds: float
    lowest: float
    highest: float

    def path(self, steps: Sequence[tuple[float, float]]) -> str:
        """Return a line that stays where it is until the next step."""
        if not steps:
            return ""
        (first, value), *others = steps
        drawn = f"M{self._x(first)} {self._y(value)}"
        drawn += "".join(f"H{self._x(seconds)}V{self._y(value)}" for seconds, value in others)
        return f"{drawn}H{WIDTH}"

    def _x(self, seconds: float) -> int:
        return round(WIDTH * seconds / self.seconds) if self.seconds else 0

    def _y(self, value: float) -> int:
        span = self.highest - self.lowest
        share = (min(max(value, self.lowest), self.highest) - self.lowest) / span if span else 0.0
        return round(HEIGHT - 10 - share * (HEIGHT - 20))
