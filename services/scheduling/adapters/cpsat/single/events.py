"""A demand in the CP-SAT model of single sessions: its options (team, site, day), its start, its half-day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from services.scheduling.domain.constraints.past import frozen, open_minute
from services.scheduling.domain.problem import Crew, Demand, Problem, Task
from services.scheduling.domain.roads import road_minutes, team_windows

DAY = 1440
Literal = cp_model.IntVar


@dataclass(frozen=True)
class Option:
    """One way to hold a demand: who, where, when; ``starts`` are the spans in which it may begin."""

    crew: Crew
    site_id: str
    day: dt.date
    starts: tuple[tuple[int, int], ...]


class Event:
    """A demand in the model: its options, its start, whether it is in the afternoon."""

    def __init__(self, model: cp_model.CpModel, problem: Problem, demand: Demand, options: list[Option]) -> None:
        self.demand, self.options = demand, options
        self.task: Task = problem.task_by_id[demand.task_id]
        self.start = model.new_int_var(0, DAY - 1, f"start {demand.id}")
        self.afternoon = model.new_bool_var(f"afternoon {demand.id}")
        model.add(self.start >= problem.noon).only_enforce_if(self.afternoon)
        model.add(self.start < problem.noon).only_enforce_if(~self.afternoon)
        self.chosen = [model.new_bool_var("") for _ in options]
        self.placed = model.new_bool_var(f"placed {demand.id}")
        model.add(sum(self.chosen) == self.placed)
        for option, literal in zip(options, self.chosen, strict=True):
            spans = cp_model.Domain.from_intervals([list(span) for span in option.starts])
            model.add_linear_expression_in_domain(self.start, spans).only_enforce_if(literal)
        origin = problem.days[0].toordinal()
        self.day = self.weigh(lambda option: option.day.toordinal() - origin)
        self.half_day = 2 * self.day + self.afternoon
        span = (problem.days[-1].toordinal() - origin + 1) * DAY
        self.time = model.new_int_var(0, span, f"time {demand.id}")
        model.add(self.time == DAY * self.day + self.start)

    def weigh(self, weight: Callable[[Option], int]) -> Any:
        """Return the weight of the chosen option; 0 when the demand is not placed."""
        return sum(weight(o) * x for o, x in zip(self.options, self.chosen, strict=True))

    def where(
        self, *, crew_id: str | None = None, site_id: str | None = None, day: dt.date | None = None
    ) -> list[Literal]:
        """Return the literals of the options with this team, site and day; None: whichever."""
        return [
            literal
            for option, literal in zip(self.options, self.chosen, strict=True)
            if crew_id in (None, option.crew.id) and site_id in (None, option.site_id) and day in (None, option.day)
        ]

    def disliked(self, problem: Problem, half: int) -> dict[int, list[Literal]]:
        """Return the literals of the options whose site would rather avoid that half-day, by the points it costs."""
        found: dict[int, list[Literal]] = defaultdict(list)
        for option, literal in zip(self.options, self.chosen, strict=True):
            points = problem.site_by_id[option.site_id].dislike(option.day, half)
            if points:
                found[points].append(literal)
        return found


def any_of(model: cp_model.CpModel, literals: list[Literal]) -> Literal:
    """Return a literal that holds when one of these does (at most one can)."""
    found = model.new_bool_var("")
    model.add(sum(literals) == found)
    return found


def options_of(problem: Problem, demand: Demand) -> Iterator[Option]:
    """Yield the ways to hold a demand; only one for a pinned or past session, none in the past for others."""
    fixed = {pin.demand_id: pin for pin in problem.pins} | frozen(problem)
    if demand.id in fixed:
        at = fixed[demand.id]
        yield Option(problem.crew_by_id[at.crew_id], at.site_id, at.day, ((at.start, at.start),))
        return
    task = problem.task_by_id[demand.task_id]
    first = problem.baseline.frozen_before if problem.baseline else None
    for crew in (crew for crew in problem.crews if task.provider_kind in crew.kinds):
        for day in (day for day in problem.days if day in crew.available and (first is None or day >= first)):
            for site_id in demand.sites:
                if starts := _starts(problem, demand, task, crew, site_id, day):
                    yield Option(crew, site_id, day, starts)


def _starts(
    problem: Problem, demand: Demand, task: Task, crew: Crew, site_id: str, day: dt.date
) -> tuple[tuple[int, int], ...]:
    """Spans of starts that the site's windows and the team's way from and to its depot leave."""
    road, hours = road_minutes(crew.depot, problem.site_by_id[site_id].place), crew.available[day]
    first, last = hours.start + road + task.setup, hours.end - road - task.packing - task.duration
    first = max(first, open_minute(problem, day))
    windows = team_windows(problem, demand, crew, site_id, day)
    barred = demand.barred_halves(crew, day)
    first = max(first, problem.noon) if 0 in barred else first
    last = min(last, problem.noon - 1) if 1 in barred else last
    spans = ((max(first, w.start), min(last, w.end - task.duration)) for w in windows)
    return tuple(sorted(span for span in spans if span[0] <= span[1]))
