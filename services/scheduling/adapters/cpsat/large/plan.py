"""Plan a large problem: undated routes of each task, then days, task after task; then region by region anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.dating import Before, Dating, redated, settled
from services.scheduling.adapters.cpsat.large.field import Field, field_of
from services.scheduling.adapters.cpsat.large.improve import Improver, together
from services.scheduling.adapters.cpsat.large.names import Names
from services.scheduling.adapters.cpsat.large.sides import Sides, keep
from services.scheduling.adapters.cpsat.large.stage import cover, nothing, workers
from services.scheduling.adapters.cpsat.large.timetable import Timetable
from services.scheduling.adapters.cpsat.repair import repaired
from services.scheduling.adapters.cpsat.settle import key, solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.solution import Progress, Solution

METHOD = "large day routes"

COVER_SHARE, FOLLOW_SHARE, DATE_SHARE = 0.5, 0.15, 0.12
"""Shares of the time for routes, for those that follow dated ones, and at most for days; the rest is for regions."""

TELL_SECONDS = 3.0
"""Seconds between two plans handed on while regions are made anew."""

REPAIR_SHARE = 0.06
"""Share of the time at the end for what whole days leave out."""

FEW_SITES = 100
"""Sites below which a line through them leaves too little on its sides."""

LINE_SECONDS = 6.0
"""Seconds for both sides of a line."""


class LargeRoutes:
    """One run of some seconds, see Budget, over one problem in its fast form; ``best`` is the best plan so far."""

    def __init__(
        self,
        shape: Shape,
        budget: Budget,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        found: Callable[[Solution], None],
        processes: int = 2,
    ) -> None:
        self.shape, self.seed, self.report, self.found = shape, seed, report, found
        self.budget, self.seconds, self.processes = budget, seconds, processes
        self.began = budget.used
        self.field: Field = field_of(shape)
        self.random = np.random.default_rng(seed)
        self.bound: float | None = None
        self.best: Solution | None = None

    def run(self) -> Solution:
        """Search until time is over and return the best plan. Raises TooMany when half-days cannot be listed."""
        covers = self._cover()
        self.bound = lower_bound(self.field, sum(each.bound for each in covers))
        self._say("days")
        alone = self.processes < 2 or len(self.shape.sites) < FEW_SITES
        table = self._improve(covers) if alone else self._improve_sides(covers)
        plan = self._keep(table).placements
        return self._take(repaired(self.shape.problem, plan, self.seed, self.budget, self._left()))

    def _improve(self, covers: list[Cover]) -> Timetable:
        """Return a timetable whose regions were made anew, one after the other."""
        table, told, budget = self._dated(covers), self.budget.used, self.budget
        together(table, [trip for each in covers for trip in each.trips], self.seed, budget, self._left())
        improver = Improver(table, covers, self.seed, budget, lambda: self._left() - self._repair(improver.table))
        while improver.step():
            if budget.used - told > TELL_SECONDS:
                self._keep(improver.table)
                improver.table = redated(improver.table, self.random, budget)
                told = budget.used
        return improver.table

    def _improve_sides(self, covers: list[Cover]) -> Timetable:
        """Return a timetable made anew on both sides of one line after the other, each in a process.

        The processes begin while routes get their days: that takes seconds.
        """
        with self._workers(partial(keep, covers)) as pool:
            for _ in range(self.processes):
                pool.submit(nothing)
            sides = Sides(pool, self._dated(covers, pool), self.seed, self.budget)
            while self._left() > self._repair(sides.table) and sides.has_more:
                sides.begin(min(LINE_SECONDS, self._left()))
                self._keep(sides.table)
                sides.end()
                sides.table = redated(sides.table, self.random, self.budget)
        return sides.table

    def _repair(self, table: Timetable) -> float:
        """Return the seconds for what a timetable leaves out: sessions that some must follow on the same day, say."""
        return REPAIR_SHARE * self.seconds if table.left().any() else 0.0

    def _dated(self, covers: list[Cover], pool: ProcessPoolExecutor | None = None) -> Timetable:
        """Give the routes of every task their days, those of a later one made to follow the task before."""
        dating = Dating(Timetable(self.field), self.random, self.budget)
        for task, (each, after) in enumerate(zip(covers, [*covers[1:], None], strict=True)):
            if task:
                each = self._following(each, Before(dating, task), len(covers) - 1)
            dating.begin(task, each.trips, after.trips if after else [])
            self._keep(dating.in_order())  # what there is when the search is stopped before all is settled
            if task:
                self._settle(dating, DATE_SHARE / (len(covers) - 1) * self.seconds, pool)
        return dating.in_order()

    def _settle(self, dating: Dating, seconds: float, pool: ProcessPoolExecutor | None) -> None:
        """Settle the days, in each process of a pool by another chance; the best are taken."""
        if not pool:
            return dating.settle(seconds)
        seeds = self.random.integers(2**31, size=self.processes).tolist()
        found = [job.result() for job in [pool.submit(settled, dating, seed, seconds) for seed in seeds]]
        self.budget.beside(each.spent for each in found)
        dating.take(min(found, key=lambda each: each.value).days)

    def _following(self, undated: Cover, before: Before, tasks: int) -> Cover:
        """Return a cover whose routes go where the task before has been within days of each other."""
        following = undated.beside(before.least(undated.pool), self.budget)
        until = self.budget.used + min(FOLLOW_SHARE / tasks * self.seconds, self._left() / 2)
        following.run(lambda: self.budget.used > until, self.seconds / 10)
        return following

    def _left(self) -> float:
        return self.seconds - (self.budget.used - self.began)

    def _cover(self) -> list[Cover]:
        """Return the routes of every task, worked out side by side."""
        seconds, tasks = COVER_SHARE * self.seconds, range(len(self.shape.chain))
        shape, budget, seed = self.shape, self.budget, self.seed
        if self.processes < 2:
            each = seconds / len(tasks)
            return [cover(shape, task, budget.used + each, seed, budget)[0] for task in tasks]
        with self._workers() as pool:
            until = self.began + seconds  # the processes need some of it to begin
            parts = [pool.submit(cover, shape, task, until, seed, budget) for task in tasks]
            while wait(parts, 0.5).not_done:
                self._say("routes")
            budget.beside(part.result()[1] for part in parts)
            return [part.result()[0] for part in parts]

    @contextmanager
    def _workers(self, first: Callable[[], None] = nothing) -> Iterator[ProcessPoolExecutor]:
        """Processes that end at once when this search is broken off."""
        pool = workers(self.processes, first)
        try:
            yield pool
        except BaseException:
            for process in list(pool._processes.values()):
                process.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _keep(self, table: Timetable) -> Solution:
        """Take the plan of a timetable."""
        return self._take(Names(table).placements())

    def _take(self, placements: Sequence[Placement]) -> Solution:
        """Take a plan when it is better than the best, and return the best."""
        solution = solution_of(self.shape.problem, placements, self.bound, METHOD)
        if self.best is None or key(self.shape.problem, solution) < key(self.shape.problem, self.best):
            self.best = solution
            self.found(solution)
        self._say("improve")
        return self.best

    def _say(self, phase: str) -> None:
        placed = len(self.best.placements) if self.best else None
        value = self.best.value if self.best else None
        self.report(Progress(phase, placed, value, self.bound, self.budget.elapsed))


def lower_bound(field: Field, routes: float) -> float:
    """Return a bound of every plan's cost from one of its routes.

    The last day cannot be early; a plan that leaves a session out may end earlier, but pays for that session.
    """
    weights, days = field.shape.problem.weights, field.shape.problem.days
    last = 0
    for task in range(len(field.shape.chain)):
        crews = [(field.shape.crews[t], base.most) for base in field.bases if base.task == task for t in base.crews]
        reached = np.cumsum([sum(most for crew, most in crews if day in crew.available) for day in days])
        last = max(last, int(np.searchsorted(reached, field.sizes.sum())))
    return min(routes + weights.end * min(last, len(days) - 1), max(routes, float(weights.unplaced)))
