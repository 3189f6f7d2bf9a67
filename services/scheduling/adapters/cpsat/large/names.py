"""From a timetable to sessions: teams for the trips of each day, start times, groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.identity import name_slots
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.routes import Route
from services.scheduling.adapters.cpsat.timetable import Slot
from services.scheduling.adapters.cpsat.timing import starts_of
from services.scheduling.domain.constraints import chain
from services.scheduling.domain.problem import Placement, Problem


class Names:
    """Hands a timetable's trips to teams; those with the fewest sessions so far come first."""

    def __init__(self, table: Timetable) -> None:
        self.table, self.field, self.shape = table, table.field, table.field.shape
        self.load: dict[int, int] = defaultdict(int)
        self.slots: dict[tuple[int, int], list[Slot]] = defaultdict(list)

    def placements(self) -> list[Placement]:
        """Return the sessions. A trip that no team's hours allow is left out, with what should follow its sessions."""
        trips: dict[tuple[int, int], list[Trip]] = defaultdict(list)
        for trip in self.table.trips:
            trips[trip.day, trip.base].append(trip)
        for (day, base), own in sorted(trips.items(), key=lambda item: item[0]):
            self._day(day, base, sorted(own, key=lambda t: (-held(t), t.visits)))
        return in_order(self.shape.problem, name_slots(self.shape, self.slots, {}))

    def _day(self, day: int, base: int, trips: list[Trip]) -> None:
        date = self.shape.problem.days[day]
        crews = [t for t in self.field.bases[base].crews if date in self.shape.crews[t].available]
        for trip in trips:
            for crew in sorted(crews, key=lambda t: (self.load[t], t)):
                if self._give(trip, crew, self.shape.crews[crew].available[date]):
                    crews.remove(crew)
                    break

    def _give(self, trip: Trip, crew: int, hours: Window) -> bool:
        orders = self.table.days.orders(trip.base, trip.visits, trip.day, hours)
        if not orders:
            return False
        route = min(orders, key=lambda order: self.table.days.price(order, trip.day))
        date, task = self.shape.problem.days[trip.day], self.field.bases[trip.base].task
        for site, start in self._starts(trip, route, hours):
            self.slots[task, site].append(Slot(date, start, self.shape.crews[crew].id))
        self.load[crew] += held(trip)
        return True

    def _starts(self, trip: Trip, route: Route, hours: Window) -> list[tuple[int, int]]:
        """Return (site, start) of each session, each as early as can be: no school has more teams than rooms."""
        sites = [site for site, _ in trip.visits]
        windows = tuple(self.field.windows[trip.day][site] for site in sites)
        day = self.table.days.day(trip.base, sites, windows, hours, [count for _, count in trip.visits])
        local = Route(tuple((sites.index(site), am, pm) for site, am, pm in route.stops), route.road)
        starts = starts_of([day], [local], (1,) * len(sites))
        return [(sites[i], start) for i, start in starts[0]] if starts else []


def held(trip: Trip) -> int:
    """Return the sessions of a trip."""
    return sum(count for _, count in trip.visits)


def in_order(problem: Problem, placements: Sequence[Placement]) -> list[Placement]:
    """Return the sessions whose forerunners are all there and over in time."""
    kept = list(placements)
    while late := {violation.session_ids[0] for violation in chain.violations(problem, kept)}:
        kept = [placement for placement in kept if placement.demand_id not in late]
    return kept
