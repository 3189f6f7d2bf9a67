"""OR-Tools routing: a vehicle is one team on one day, time runs in minutes from the first day to the last."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from peers.ground import Ground, Key

DAY = 24 * 60


class Routing:
    """The routing model of one instance."""

    def __init__(self, instance: dict[str, Any]) -> None:
        self.ground = g = Ground(instance)
        self.keys: list[Key] = [key for activity in g.chain for key in g.keys(activity)]
        depots = len(instance["depots"])
        self.nodes: list[tuple[float, float]] = [tuple(d) for d in instance["depots"]]  # type: ignore[misc]
        self.nodes += [g.place(g.site(key)) for key in self.keys]
        ends = [g.teams[team]["depot"] for team, _ in g.team_days]
        self.manager = pywrapcp.RoutingIndexManager(len(self.nodes), len(ends), ends, ends)
        self.model = pywrapcp.RoutingModel(self.manager)
        self.index = {key: self.manager.NodeToIndex(depots + i) for i, key in enumerate(self.keys)}
        self.key_of = {i: key for key, i in self.index.items()}
        self._costs()
        self._times()
        self._sessions()
        self._chains()
        self._rooms()

    def _costs(self) -> None:
        """Road minutes, visits and team-days; what is left out costs as the checker says."""
        weights = self.ground.weights

        def cost(a: int, b: int) -> int:
            visit = self._is_session(b) and (not self._is_session(a) or self.nodes[a] != self.nodes[b])
            return weights["drive"] * self.ground.road(self.nodes[a], self.nodes[b]) + weights["visit"] * visit

        self.model.SetArcCostEvaluatorOfAllVehicles(self._matrix(cost))
        self.model.SetFixedCostOfAllVehicles(weights["team_day"])
        for i in self.key_of:
            self.model.AddDisjunction([i], weights["unplaced"])

    def _matrix(self, value: Callable[[int, int], int]) -> int:
        """Register values between nodes. A matrix: calls back into Python are ten times slower."""
        nodes = range(len(self.nodes))
        return self.model.RegisterTransitMatrix([[value(a, b) for b in nodes] for a in nodes])

    def _is_session(self, node: int) -> bool:
        return node >= len(self.ground.instance["depots"])

    def _times(self) -> None:
        g = self.ground
        evaluators = {a: self._matrix(self._minutes(act)) for a, act in g.activities.items()}
        by_vehicle = [evaluators[g.teams[team]["activity"]] for team, _ in g.team_days]
        horizon = DAY * len(g.instance["days"])
        self.model.AddDimensionWithVehicleTransits(by_vehicle, horizon, horizon, False, "time")
        self.time = self.model.GetDimensionOrDie("time")
        one = self.model.RegisterUnaryTransitVector([int(self._is_session(node)) for node in range(len(self.nodes))])
        most = [g.teams[team]["max_sessions"] for team, _ in g.team_days]
        self.model.AddDimensionWithVehicleCapacity(one, 0, most, True, "sessions")
        for vehicle, (team, day) in enumerate(g.team_days):
            leave, back = g.teams[team]["avail"][str(day)]
            for end in (self.model.Start(vehicle), self.model.End(vehicle)):
                self.time.CumulVar(end).SetRange(day * DAY + leave, day * DAY + back)
            self._lunch(vehicle, team, day)

    def _minutes(self, act: dict[str, int]) -> Callable[[int, int], int]:
        """Minutes from the start of one session to the next: the session, packing, road, setting up."""

        def minutes(a: int, b: int) -> int:
            if self._is_session(a) and self._is_session(b) and self.nodes[a] == self.nodes[b]:
                return act["dur"] + act["turnover"]
            packing = act["dur"] + act["teardown"] if self._is_session(a) else 0
            return packing + self.ground.road(self.nodes[a], self.nodes[b]) + act["setup"] * self._is_session(b)

        return minutes

    def _lunch(self, vehicle: int, team: int, day: int) -> None:
        """A break between the last window of any morning and the first of any afternoon; outside the day it is free."""
        g = self.ground
        windows = [w for site in g.sites for w in site["windows"].get(str(day), [])]
        mornings = [b for a, b in windows if a < g.noon]
        afternoons = [a for a, _ in windows if a >= g.noon]
        if not mornings or not afternoons:
            return
        lunch, act = g.instance["lunch_min"], g.activities[g.teams[team]["activity"]]
        first, last = day * DAY + min(mornings), day * DAY + min(afternoons) - lunch
        rest = self.model.solver().FixedDurationIntervalVar(first, last, lunch, False, "lunch")
        session = [act["dur"] * (i in self.key_of) for i in range(self.model.Size() + self.model.vehicles())]
        self.time.SetBreakIntervalsOfVehicle([rest], vehicle, session)

    def _sessions(self) -> None:
        """Only teams of the activity, only wholly inside a window of the school."""
        g = self.ground
        for key, i in self.index.items():
            dur, teams = g.activities[key[1]]["dur"], set(g.teams_of(key[1]))
            allowed = [v for v, (team, _) in enumerate(g.team_days) if team in teams]
            self.model.VehicleVar(i).SetValues([-1, *allowed])
            free = 0
            for half, a, b in g.halves(g.site(key)):
                start, end = half // 2 * DAY + a, half // 2 * DAY + b - dur
                if start > free:
                    self.time.CumulVar(i).RemoveInterval(free, start - 1)
                free = end + 1
            self.time.CumulVar(i).RemoveInterval(free, DAY * len(g.instance["days"]))

    def _chains(self) -> None:
        """The next activity of a group only after the one before, in a later half-day: a least delay says that."""
        g, solver = self.ground, self.model.solver()
        for group in g.groups:
            for before, after in pairwise(g.chain):
                first, second = self.index[group["id"], before], self.index[group["id"], after]
                solver.Add(self.model.ActiveVar(second) <= self.model.ActiveVar(first))
                self.time.AddNodePrecedence(first, second, self._delay(group["site"], before, after))

    def _delay(self, site: int, before: str, after: str) -> int:
        """Minutes between two starts that every pair of half-days allows and no single half-day does."""
        g = self.ground
        windows = [(half // 2 * DAY + a, half // 2 * DAY + b) for half, a, b in g.halves(site)]
        inside = max(b - g.activities[after]["dur"] - a for a, b in windows)
        apart = min(c - (b - g.activities[before]["dur"]) for (_, b), (c, _) in pairwise(windows))
        assert inside < apart, "windows too close for a delay to say half-days"
        return inside + 1

    def _rooms(self) -> None:
        """At most so many sessions at once at a school."""
        g, solver = self.ground, self.model.solver()
        for site in g.sites:
            here = [key for key in self.keys if g.site(key) == site["id"]]
            most_at_once = sum(min(len(g.teams_of(a)), len(here)) for a in g.chain)
            if here and site["room_cap"] < most_at_once:
                spans = [
                    solver.FixedDurationIntervalVar(
                        self.time.CumulVar(self.index[key]),
                        g.activities[key[1]]["dur"],
                        self.model.ActiveVar(self.index[key]),
                        f"room {key}",
                    )
                    for key in here
                ]
                solver.Add(solver.Cumulative(spans, [1] * len(spans), site["room_cap"], f"rooms {site['id']}"))

    def solve(self, seconds: float) -> list[dict[str, Any]]:
        """Return the sessions of the best plan found."""
        search = pywrapcp.DefaultRoutingSearchParameters()
        search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        search.time_limit.FromMilliseconds(int(seconds * 1000))
        found = self.model.SolveWithParameters(search)
        return list(self._read(found)) if found else []

    def _read(self, found: Any) -> Any:
        for vehicle, (team, day) in enumerate(self.ground.team_days):
            i = found.Value(self.model.NextVar(self.model.Start(vehicle)))
            while not self.model.IsEnd(i):
                group, activity = self.key_of[i]
                start = found.Min(self.time.CumulVar(i)) - day * DAY
                yield {"group": group, "activity": activity, "team": team, "day": day, "start": start}
                i = found.Value(self.model.NextVar(i))


def solve(instance: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """See peers.__init__."""
    return Routing(instance).solve(seconds)
