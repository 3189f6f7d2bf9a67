"""The best match of one site's groups to its slots when a plan was released before: a programme of milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

from services.scheduling.adapters.cpsat.linear import HIGHS, Linear, solve
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Slot
from services.scheduling.domain.constraints.refused import is_barred
from services.scheduling.domain.problem import Placement

TEAM = 60
"""Points of another team at the same hours, as many as an hour later."""

GAP = 100
"""Points of one point of gap cost: dearer than any team or hour, cheaper than any move."""


class Naming:
    """The programme: which open slot each group takes for each task; ``fixed`` placements stay as they are."""

    def __init__(self, shape: Shape, site: int, table: list[list[Slot]], fixed: dict[str, Placement]) -> None:
        self.shape, self.site, self.problem = shape, site, shape.problem
        self.groups = shape.groups[site]
        self.model = Linear()
        baseline = self.problem.baseline
        self.old = {p.demand_id: p for p in (baseline.placements if baseline else ())}
        self.confirmed = baseline.confirmed if baseline else frozenset()
        self.sessions = len(self.groups) * len(shape.chain)
        self.offered = self._dear()
        self.offers = {
            (g, task): self._offer(g, task, table[task], fixed)
            for g in range(len(self.groups))
            for task in range(len(table))
        }
        self._once_each(table)
        self._order()
        self._gaps()

    def placements(self) -> list[Placement]:
        """Return the named sessions of the site; none when its pins cannot be named."""
        answer = solve(self.model.table(), HIGHS, gap=0.5)
        if answer.x is None and not self.problem.pins:
            raise RuntimeError(f"no names for the slots of {self.shape.sites[self.site].id}")
        if answer.x is None:
            return []
        return [p for offer in self.offers.values() for p, variable in offer if answer.x[variable] > 0.5]

    def _offer(self, g: int, task: int, free: list[Slot], fixed: dict[str, Placement]) -> list[tuple[Placement, int]]:
        """Return what a group can take for a task, each with its variable; nothing else than what is fixed for it."""
        demand, home = self.groups[g][task], self.shape.sites[self.site].id
        if demand.id in fixed:
            return [(fixed[demand.id], int(self.model.add_columns([0.0], low=1.0)[0]))]
        slots = (Placement(demand.id, slot.crew_id, home, slot.day, slot.start) for slot in free)
        offers = [slot for slot in slots if not is_barred(self.problem, slot)]
        variables = self.model.add_columns([self._upset(offer) for offer in offers])
        if offers:
            self.model.put(self.model.add_rows(1, above=1), variables, 1)
        return list(zip(offers, variables.tolist(), strict=True))

    def _upset(self, new: Placement) -> float:
        """Points of a slot for a group, less what moving its session would cost; a confirmed one above all offered."""
        old = self.old.get(new.demand_id)
        if old is None:
            return 0
        if (new.day, self.problem.half_of(new)) != (old.day, self.problem.half_of(old)):
            return 0
        moved = self.offered * (self.sessions + 1 if new.demand_id in self.confirmed else 1)
        return TEAM * (new.crew_id != old.crew_id) + abs(new.start - old.start) / 10 - moved

    def _dear(self) -> float:
        """Points of an offered session moved: above all gaps, teams and hours of the site."""
        weights, span = self.problem.weights, (self.problem.days[-1] - self.problem.days[0]).days
        return float(self.sessions * (2 * TEAM + 150 + GAP * (weights.same_day + weights.late_gap * span)))

    def _once_each(self, table: list[list[Slot]]) -> None:
        """Every slot is taken by one group; where some were refused or fixed, a slot may find none at a high price."""
        picky = bool(self.problem.pins) or any(demand.barred for group in self.groups for demand in group)
        for task, free in enumerate(table):
            rows = {(slot.crew_id, slot.day, slot.start): self.model.add_rows(1, 1, 1) for slot in free}
            for each in rows.values() if picky else ():
                self.model.put(each, self.model.add_columns([self.offered * (self.sessions + 1) ** 2]), 1)
            for g in range(len(self.groups)):
                for p, variable in self.offers[g, task]:
                    if (row := rows.get((p.crew_id, p.day, p.start))) is not None:
                        self.model.put(row, variable, 1)

    def _order(self) -> None:
        """A group has the task before on an earlier half-day."""
        for first, second in self._pairs():
            for half in {self._half(p) for p, _ in second}:
                row = self.model.add_rows(1, above=0)
                self.model.put(row, [v for p, v in second if self._half(p) <= half], 1)
                self.model.put(row, [v for p, v in first if self._half(p) < half], -1)

    def _gaps(self) -> None:
        """Price pairs on one day, and days between the two beyond the free ones."""
        weights, span = self.problem.weights, len(self.problem.days) ** 2
        for first, second in self._pairs():
            same, late = self.model.add_columns([GAP * weights.same_day, GAP * weights.late_gap], span, whole=False)
            for day in {p.day for p, _ in first} & {p.day for p, _ in second}:
                row = self.model.add_rows(1, above=1)
                self.model.put(row, [v for p, v in (*first, *second) if p.day == day], 1)
                self.model.put(row, same, -1)
            row = self.model.add_rows(1, above=weights.gap_max)
            self.model.put(row, late, -1)
            for sign, offers in ((1, second), (-1, first)):
                self.model.put(row, [v for _, v in offers], [sign * self._days_in(p) for p, _ in offers])

    def _pairs(self) -> Iterator[tuple[list[tuple[Placement, int]], list[tuple[Placement, int]]]]:
        """Yield the offers of each two tasks that follow each other, group by group."""
        for g in range(len(self.groups)):
            for task in range(1, len(self.shape.chain)):
                yield self.offers[g, task - 1], self.offers[g, task]

    def _half(self, placement: Placement) -> tuple[int, int]:
        return self._days_in(placement), self.problem.half_of(placement)

    def _days_in(self, placement: Placement) -> int:
        return (placement.day - self.problem.days[0]).days
