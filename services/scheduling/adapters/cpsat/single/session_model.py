"""The CP-SAT model over single sessions: the rules between them and the prices of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from ortools.sat.python import cp_model

from services.scheduling.adapters.cpsat.single.events import Event, any_of, options_of
from services.scheduling.adapters.cpsat.single.rounds import Rounds
from services.scheduling.domain.constraints.excludes import excluded_pairs
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.roads import road_minutes
from services.scheduling.domain.score import moved


class SessionModel:
    """The model and its two objectives: ``disturbance`` (left out, moved) and ``price`` (the cost of the plan)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.events = {d.id: Event(self.model, problem, d, list(options_of(problem, d))) for d in problem.demands}
        self.terms: list[Any] = []
        self.moves: list[tuple[int, Any]] = []
        self._fixed()
        self._chains()
        self._excludes()
        self._rooms()
        for crew in problem.crews:
            self.terms.extend(Rounds(self.model, problem, list(self.events.values()), crew).terms)
        self._prices()
        self._moves()
        self.price = sum(self.terms)
        self.disturbance = sum(weight * term for weight, term in self.moves)

    def placements(self, value: Callable[[cp_model.LinearExprT], int]) -> list[Placement]:
        """Read a plan out of a solution."""
        found = []
        for event in self.events.values():
            for option, literal in zip(event.options, event.chosen, strict=True):
                if value(literal):
                    start = int(value(event.start))
                    found.append(Placement(event.demand.id, option.crew.id, option.site_id, option.day, start))
        return found

    def hint(self, placements: Sequence[Placement]) -> None:
        """Let the search begin at this plan."""
        self.model.clear_hints()
        placed = {p.demand_id: p for p in placements}
        for event in self.events.values():
            at = placed.get(event.demand.id)
            self.model.add_hint(event.placed, at is not None)
            if at is not None:
                self.model.add_hint(event.start, at.start)
                self.model.add_hint(event.afternoon, bool(self.problem.half_of(at)))
            for option, literal in zip(event.options, event.chosen, strict=True):
                here = at is not None and (at.crew_id, at.site_id, at.day) == (
                    option.crew.id,
                    option.site_id,
                    option.day,
                )
                self.model.add_hint(literal, here)

    def keep_disturbance(self, placements: Sequence[Placement]) -> None:
        """Allow no more sessions left out or moved than this plan has, tier by tier in one weighted sum."""
        changes = moved(self.problem, placements)
        numbers = (len(self.events) - len(placements), len(changes["confirmed"]), len(changes["offered"]))
        self.model.add(self.disturbance <= sum(w * n for w, n in zip(self.tiers, numbers, strict=True)))

    @property
    def tiers(self) -> tuple[int, int, int]:
        """Weights that put sessions left out before confirmed ones moved before offered ones moved."""
        many = len(self.events) + 1
        return many * many, many, 1

    def _fixed(self) -> None:
        for placement in (*frozen(self.problem).values(), *self.problem.pins):
            event = self.events.get(placement.demand_id)
            if event:
                self.model.add(event.placed == 1)
                self.model.add(event.start == placement.start)

    def _chains(self) -> None:
        for event in self.events.values():
            task = event.task
            for before in (self.events[a] for a in event.demand.after):
                self.model.add_implication(event.placed, before.placed)
                self.model.add(event.half_day >= before.half_day + task.min_half_days).only_enforce_if(event.placed)
                self.model.add(event.time >= before.time + before.task.duration).only_enforce_if(event.placed)
                self.model.add(event.day >= before.day + task.min_days).only_enforce_if(event.placed)
                if task.max_days is not None:
                    self.model.add(event.day <= before.day + task.max_days).only_enforce_if(event.placed)

    def _excludes(self) -> None:
        sites = self.problem.site_by_id
        for first, second in excluded_pairs(self.problem):
            a, b = self.events[first], self.events[second]
            first_is_first = self.model.new_bool_var("")
            for at_a, at_b in product(a.demand.sites, b.demand.sites):
                road = road_minutes(sites[at_a].place, sites[at_b].place)
                both = [any_of(self.model, a.where(site_id=at_a)), any_of(self.model, b.where(site_id=at_b))]
                self.model.add(b.time >= a.time + a.task.duration + road).only_enforce_if([*both, first_is_first])
                self.model.add(a.time >= b.time + b.task.duration + road).only_enforce_if([*both, ~first_is_first])

    def _rooms(self) -> None:
        for site in self.problem.sites:
            intervals = []
            for event in self.events.values():
                here = event.where(site_id=site.id)
                if here:
                    size = event.task.duration
                    intervals.append(
                        self.model.new_optional_fixed_size_interval_var(event.time, size, any_of(self.model, here), "")
                    )
            if intervals:
                self.model.add_cumulative(intervals, [1] * len(intervals), site.rooms)

    def _prices(self) -> None:
        weights, problem = self.problem.weights, self.problem
        last = self.model.new_int_var(0, len(problem.days) - 1, "last")
        number = {day: i for i, day in enumerate(problem.days)}
        for event in self.events.values():
            self.terms.append(problem.price_of_leaving(event.demand) * (1 - event.placed))
            self.model.add(last >= event.weigh(lambda o: number[o.day]))
            self._price_dislikes(event)
            for before in (self.events[a] for a in event.demand.after):
                self._price_gap(before, event)
        self.terms.append(weights.end * last)
        for kind in sorted({task.provider_kind for task in problem.tasks}):
            self._price_fairness(kind)

    def _price_dislikes(self, event: Event) -> None:
        for half, literal in ((0, ~event.afternoon), (1, event.afternoon)):
            for points, bad in event.disliked(self.problem, half).items():
                disliked = self.model.new_bool_var("")
                self.model.add(disliked >= sum(bad) + literal - 1)
                self.terms.append(points * disliked)

    def _price_gap(self, before: Event, event: Event) -> None:
        weights, span = self.problem.weights, (self.problem.days[-1] - self.problem.days[0]).days
        same, late = self.model.new_bool_var(""), self.model.new_int_var(0, max(0, span - weights.gap_max), "")
        self.model.add(event.day > before.day).only_enforce_if([event.placed, ~same])
        self.model.add(late >= event.day - before.day - weights.gap_max).only_enforce_if(event.placed)
        self.terms.extend([weights.same_day * same, weights.late_gap * late])

    def _price_fairness(self, kind: str) -> None:
        crews = [crew for crew in self.problem.crews if kind in crew.kinds]
        if len(crews) < 2:
            return
        own = [event for event in self.events.values() if event.task.provider_kind == kind]
        high, low = (self.model.new_int_var(0, len(own), "") for _ in range(2))
        for crew in crews:
            load: Any = sum(x for event in own for x in event.where(crew_id=crew.id))
            self.model.add(high >= load)
            self.model.add(low <= load)
        self.terms.append(self.problem.weights.fair * (high - low))

    def _moves(self) -> None:
        for event in self.events.values():
            self.moves.append((self.tiers[0], 1 - event.placed))
        old = self.problem.baseline.placements if self.problem.baseline else ()
        past = frozen(self.problem)
        for placement in old:
            if placement.demand_id not in self.events or placement.demand_id in past:
                continue
            event = self.events[placement.demand_id]
            kept = self.model.new_bool_var("")
            self.model.add(sum(event.where(day=placement.day, site_id=placement.site_id)) >= kept)
            self.model.add(event.afternoon == self.problem.half_of(placement)).only_enforce_if(kept)
            confirmed = self.problem.baseline is not None and placement.demand_id in self.problem.baseline.confirmed
            self.moves.append((self.tiers[1 if confirmed else 2], 1 - kept))
            times = self.problem.baseline.moved_before.get(event.demand.home, 0) if self.problem.baseline else 0
            self.terms.append(self.problem.weights.again * times * (1 - kept))
