"""The rounds of one team in the CP-SAT model: from the depot and back, one for each day on which it goes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import permutations
from typing import Any

from ortools.sat.python import cp_model

from services.scheduling.adapters.cpsat.single.events import Event, Literal, any_of
from services.scheduling.domain.problem import Crew, Problem
from services.scheduling.domain.roads import road_minutes

DEPOT = 0


class Rounds:
    """Arcs between stops (a demand at a site); ``terms`` are what days, visits and road cost."""

    def __init__(self, model: cp_model.CpModel, problem: Problem, events: Sequence[Event], crew: Crew) -> None:
        self.model, self.problem, self.events, self.crew = model, problem, events, crew
        self.terms: list[Any] = []
        self.stops = [
            (event, site)
            for event in events
            for site in dict.fromkeys(o.site_id for o in event.options if o.crew.id == crew.id)
        ]
        if not self.stops:
            return
        self.here = [self._here(event, site) for event, site in self.stops]
        self.first = [self.model.new_bool_var("") for _ in self.stops]
        arcs = [arc for number in range(len(self.stops)) for arc in self._depot_arcs(number)]
        arcs += [arc for a, b in permutations(range(len(self.stops)), 2) if (arc := self._leg(a, b))]
        self.model.add_multiple_circuit([*arcs, *self._idle()])
        for day in sorted(crew.available):
            self._one_round(day)

    def _idle(self) -> list[tuple[int, int, Literal]]:
        """A round to nowhere, free of charge: CP-SAT knows no team without any round."""
        nowhere, always = len(self.stops) + 1, self.model.new_constant(1)
        return [(DEPOT, nowhere, always), (nowhere, DEPOT, always)]

    def _here(self, event: Event, site: str) -> Literal:
        return any_of(self.model, event.where(crew_id=self.crew.id, site_id=site))

    def _depot_arcs(self, number: int) -> list[tuple[int, int, cp_model.LiteralT]]:
        """A stop is first, last, both, between others, or not made by this team."""
        last = self.model.new_bool_var("")
        road = road_minutes(self.crew.depot, self.problem.site_by_id[self.stops[number][1]].place)
        weights = self.problem.weights
        self.terms.append((weights.visit + weights.drive * road) * self.first[number] + weights.drive * road * last)
        node = number + 1
        return [(DEPOT, node, self.first[number]), (node, DEPOT, last), (node, node, ~self.here[number])]

    def _leg(self, a: int, b: int) -> tuple[int, int, Literal] | None:
        """One stop right after another on the same day, with time for what lies between."""
        (before, site_a), (after, site_b) = self.stops[a], self.stops[b]
        if before is after or self._must_follow(before, after) or not self._share_a_day(before, after):
            return None
        arc, lunch = self.model.new_bool_var(""), self.problem.lunch
        same_site = site_a == site_b
        change, road = self._change(before, after, site_a, site_b)
        end = before.start + before.task.duration
        self.model.add(after.day == before.day).only_enforce_if(arc)
        self.model.add(after.start >= end + change).only_enforce_if(arc)
        with_lunch = max(change, lunch) if same_site else change + lunch
        self.model.add(after.start >= end + with_lunch).only_enforce_if(arc, ~before.afternoon, after.afternoon)
        weights = self.problem.weights
        self.terms.append((weights.visit * (not same_site) + weights.drive * road) * arc)
        return a + 1, b + 1, arc

    def _change(self, before: Event, after: Event, site_a: str, site_b: str) -> tuple[int, int]:
        """Minutes from one session to the next without lunch, and those on the road."""
        if site_a == site_b:
            same = before.task.id == after.task.id
            return before.task.turnover if same else before.task.packing + after.task.setup, 0
        sites = self.problem.site_by_id
        road = road_minutes(sites[site_a].place, sites[site_b].place)
        return before.task.packing + road + after.task.setup, road

    def _must_follow(self, before: Event, after: Event) -> bool:
        """Whether ``before`` waits for ``after``, so that the two never come in this order."""
        return after.demand.id in before.demand.after

    def _share_a_day(self, before: Event, after: Event) -> bool:
        if before.demand.id in after.demand.after and after.task.min_days > 0:
            return False
        return bool({o.day for o in before.options} & {o.day for o in after.options})

    def _one_round(self, day: dt.date) -> None:
        """At most one round a day, and as many sessions as the team can hold."""
        held = [x for e in self.events for x in e.where(crew_id=self.crew.id, day=day)]
        if not held:
            return
        out = self.model.new_bool_var("")
        self.model.add(sum(held) <= self.crew.max_sessions * out)
        begins = []
        for (event, site), first in zip(self.stops, self.first, strict=True):
            at = event.where(crew_id=self.crew.id, site_id=site, day=day)
            if at:
                begin = self.model.new_bool_var("")
                self.model.add_implication(begin, first)
                self.model.add_implication(begin, at[0])
                self.model.add_bool_or(begin, ~first, ~at[0])
                begins.append(begin)
        self.model.add(sum(begins) == out)
        self.terms.append(self.problem.weights.team_day * out)
