"""A large problem on a plane: where schools and depots are, what is needed there and what teams can hold."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property

from services.contracts.values import Place, Window
from services.scheduling.domain.explain.capacity import of_one_team, starts_in
from services.scheduling.domain.problem import Problem, Task
from services.scheduling.domain.roads import DETOUR, PARKING_MINUTES, SPEED_KM_H

KM_OF_DEGREE = 111.2


class Land:
    """``at``, ``depot``: schools and depots of teams in km; ``kind``: of each team that gives an activity."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        kinds = {task.provider_kind for task in problem.tasks}
        self.kind = {c.id: kind for c in problem.crews for kind in c.kinds if kind in kinds}
        self.at = {site.id: _km(site.place) for site in problem.sites}
        self.depot = {crew.id: _km(crew.depot) for crew in problem.crews}
        self._most = cache(self._most_sessions)

    @cached_property
    def need(self) -> dict[str, Counter[str]]:
        """Sessions of each school by kind of provider."""
        need: dict[str, Counter[str]] = {site.id: Counter() for site in self.problem.sites}
        for demand in self.problem.demands:
            need[demand.sites[0]][self.problem.task_by_id[demand.task_id].provider_kind] += 1
        return need

    @cached_property
    def room(self) -> dict[str, int]:
        """Days of each team on which most schools are open."""
        sites = self.problem.sites
        days = [day for day in self.problem.days if 2 * sum(bool(s.windows.get(day)) for s in sites) >= len(sites)]
        return {c.id: sum(day in c.available for day in days) for c in self.problem.crews}

    def rooms(self, crews: Iterable[str]) -> Counter[str]:
        """Return the team-days of teams together, by kind."""
        room: Counter[str] = Counter()
        for crew in crews:
            room[self.kind[crew]] += self.room[crew]
        return room

    def by_kind(self, crews: Iterable[str]) -> dict[str, list[str]]:
        """Return teams by kind."""
        found: dict[str, list[str]] = defaultdict(list)
        for crew in crews:
            found[self.kind[crew]].append(crew)
        return found

    def road(self, site: str, crews: Iterable[str]) -> float:
        """Return the km from a school to the nearest of these depots of each kind, for each of its sessions."""
        depots = ({self.depot[crew] for crew in own} for own in self.by_kind(crews).values())
        return sum(self.need[site].values()) * sum(min(abs(self.at[site] - d) for d in own) for own in depots)

    def centre(self, sites: Sequence[str]) -> complex:
        """Return the middle of some schools."""
        return sum(self.at[site] for site in sites) / max(1, len(sites))

    def km(self, site: str, crew: str) -> float:
        """Return the distance of a school from a team's depot."""
        return abs(self.at[site] - self.depot[crew])

    def one_of_each_depot(self, crews: Iterable[str]) -> list[str]:
        """Return one of the teams at each depot."""
        return list({self.depot[crew]: crew for crew in crews}.values())

    def most(self, site: str, crew: str) -> int:
        """Return the sessions that a team can hold in a day at a school that needs enough of them."""
        minutes = int(self.km(site, crew) * DETOUR / SPEED_KM_H * 60 + PARKING_MINUTES)
        return self._most(self._opens[site], self._works[crew], minutes)

    @cached_property
    def _opens(self) -> dict[str, tuple[Window, ...]]:
        """Hours of each school on the day it is open longest."""
        return {site.id: max(site.windows.values(), key=_length, default=()) for site in self.problem.sites}

    @cached_property
    def _works(self) -> dict[str, tuple[Task, Window, int]]:
        """Task of each team, its hours on its longest day and the sessions of a day at most."""
        tasks = {task.provider_kind: task for task in self.problem.tasks}
        nothing = Window(0, 0)
        return {
            crew.id: (
                tasks[self.kind[crew.id]],
                max(crew.available.values(), key=lambda hours: _length([hours]), default=nothing),
                crew.max_sessions,
            )
            for crew in self.problem.crews
            if crew.id in self.kind
        }

    def _most_sessions(self, opens: tuple[Window, ...], works: tuple[Task, Window, int], minutes: int) -> int:
        task, hours, most = works
        there = Window(hours.start + minutes, hours.end - minutes)
        halves = (starts_in(self.problem, task, window, there, half) for window in opens for half in (0, 1))
        return min(most, sum(of_one_team(task, *starts) for starts in halves))


def _length(windows: Iterable[Window]) -> int:
    return sum(window.end - window.start for window in windows)


def _km(place: Place) -> complex:
    """Return a place on a plane that is true in the middle of France."""
    return KM_OF_DEGREE * complex(place.lon * math.cos(math.radians(47)), place.lat)
