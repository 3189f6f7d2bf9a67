"""A plan taken apart and put together again, over and over (ruin and recreate: Schrimpf and others 2000).

Now some teams' days around a date, now the sessions of some schools, now any are taken out, and inserted again in an
order of chance. A dearer plan is gone on from now and then, less and less often (simulated annealing).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import TypeVar

from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.insertion import TRY, Insertion
from services.scheduling.domain.problem import Demand, Placement
from services.scheduling.domain.score import total

T = TypeVar("T")

METHOD = "renewal"

ROUNDS = 40
"""Rounds for each session that may change."""

HEAT = 0.6
"""How much dearer a plan may well be at first, in visits."""

DAYS, TEAM_DAYS, SCHOOLS, SESSIONS = 3, 4, 3, 10
"""The most that is taken out at once."""

OF_SCHOOLS, OF_ANY = 0.3, 0.2
"""How often sessions of some schools are taken out, and any sessions; else those of some teams' days."""


class Renewal:
    """One run of at most so many seconds, see Budget; it hands better plans to ``best``."""

    def __init__(self, best: Best, seed: int, seconds: float) -> None:
        self.best, self.problem, self.seconds = best, best.problem, max(seconds, 1e-9)
        self.began, self.insertion = best.budget.used, Insertion(best.problem)
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.rounds = ROUNDS * (len(self.problem.demands) - len(self.insertion.kept))
        self.schools = sorted({demand.home for demand in self.problem.demands})

    def run(self) -> None:
        """Go on until time is over or the rounds are."""
        plan, value = list(self.best.placements), total(self.problem, self.best.placements)
        for done in range(self.rounds):
            rest = 1 - max(done / self.rounds, (self.best.budget.used - self.began) / self.seconds)
            if rest <= 0:
                return
            new = self._renewed(plan)
            price = total(self.problem, new)
            if price < value + self._bearable(rest):
                plan, value = new, price
            if price < self.best.solution.value:
                self.best.take(new, METHOD)

    def _bearable(self, rest: float) -> float:
        """Return how much dearer the next plan may be, when so much of the run is left: a little as a rule."""
        return -math.log(1 - self.random.random()) * rest * HEAT * self.problem.weights.visit

    def _renewed(self, plan: list[Placement]) -> list[Placement]:
        """Take some sessions out of a plan and insert them again, as far as they find a place."""
        order = {school: self.random.random() for school in self.schools}
        before, out = self.insertion.tries, set(self._some(plan))

        def rank(demand: Demand) -> tuple[int, float]:
            return -demand.priority, order[demand.home]

        new = self.insertion.beside([p for p in plan if p.demand_id not in out], rank)
        self.best.budget.spend(TRY * (self.insertion.tries - before))
        return new

    def _some(self, plan: list[Placement]) -> Iterable[str]:
        """Choose what to take out."""
        choice = self.random.random()
        if not plan or choice < OF_SCHOOLS:
            schools = self._sample(self.schools, SCHOOLS)
            return (p.demand_id for p in plan if self.problem.demand_by_id[p.demand_id].home in schools)
        if choice < OF_SCHOOLS + OF_ANY:
            return (p.demand_id for p in self._sample(plan, SESSIONS))
        around = self.random.choice(plan).day
        dates = sorted({p.day for p in plan}, key=lambda day: (abs(day - around), day))[: self._most(DAYS)]
        team_days = self._sample(sorted({(p.crew_id, p.day) for p in plan if p.day in dates}), TEAM_DAYS)
        return (p.demand_id for p in plan if (p.crew_id, p.day) in team_days)

    def _sample(self, things: list[T], most: int) -> list[T]:
        return self.random.sample(things, min(len(things), self._most(most)))

    def _most(self, most: int) -> int:
        return self.random.randint(1, most)
