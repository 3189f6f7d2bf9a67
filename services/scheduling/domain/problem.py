"""The rotation problem as plain values: what must be placed, where, when and by whom it can be.

Days are dates; hours are minutes after local midnight; a half-day is a morning (0) or an afternoon (1) of a day.
Sites, teams and demands are addressed by id. See docs/reference/rotation-format.md for the JSON form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from services.contracts.values import Place, Weights, Window


@dataclass(frozen=True)
class Site:
    """A school or a common venue. ``windows``: day -> stretches in which a session must lie whole.

    ``disliked``: day -> points each session costs in its morning and in its afternoon, where the site would rather
    have none.
    """

    id: str
    place: Place
    rooms: int
    windows: Mapping[dt.date, tuple[Window, ...]]
    disliked: Mapping[dt.date, tuple[int, int]] = field(default_factory=dict)

    def dislike(self, day: dt.date, half: int) -> int:
        """Return the points a session costs there on a half-day because the site would rather have none."""
        return self.disliked.get(day, (0, 0))[half]


@dataclass(frozen=True)
class Crew:
    """A team ready to plan with. ``available``: day -> (leave the depot not before, be back not after).

    ``busy``: day -> stretches that no session, nor its set-up or packing, meets.
    """

    id: str
    provider_id: str
    kinds: tuple[str, ...]
    depot: Place
    available: Mapping[dt.date, Window]
    max_sessions: int
    busy: Mapping[dt.date, tuple[Window, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """An activity as the planner needs it; durations in minutes, delays counted from the activity before."""

    id: str
    provider_kind: str
    duration: int
    setup: int
    packing: int
    turnover: int
    min_half_days: int = 1
    min_days: int = 0
    max_days: int | None = None


@dataclass(frozen=True, order=True)
class Barred:
    """A half-day (0 morning, 1 afternoon) that was refused for a session: by its school, or by one provider."""

    day: dt.date
    half: int
    provider_id: str = ""


@dataclass(frozen=True)
class Demand:
    """A session to place. ``sites``: where it may be held (the school, common venues, or both).

    ``after``: ids of the demands that must be placed, and over, before this one, each with the delays of the task.
    ``excludes``: ids of demands of overlapping pupils, never at the same time as this one.
    ``barred``: the half-days refused for it, in order. ``priority``: points that leaving it out costs beyond
    ``Weights.unplaced``.
    """

    id: str
    task_id: str
    group_id: str
    pupils: int
    home: str
    sites: tuple[str, ...]
    after: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    barred: tuple[Barred, ...] = ()
    priority: int = 0

    def barred_halves(self, crew: Crew, day: dt.date) -> set[int]:
        """Return the halves of a day on which a team must not hold it: its school, or this team's provider, refused."""
        return {each.half for each in self.barred if each.day == day and each.provider_id in ("", crew.provider_id)}


@dataclass(frozen=True)
class Placement:
    """Where, when and by whom a demand is served. ``start`` in minutes after local midnight of ``day``."""

    demand_id: str
    crew_id: str
    site_id: str
    day: dt.date
    start: int


@dataclass(frozen=True)
class Baseline:
    """What was released before, for replanning. ``confirmed``: demand ids a school confirmed (dearer to move).

    ``most_moved``: how many released sessions may move at most, confirmed and offered together; None: any number. Where
    more must move, as their slots are gone, a plan moves as few as it can. ``moved_before``: school -> how many
    releases moved sessions of it already; moving it again costs more. ``frozen_before``: the first day that may change;
    what starts on it before ``frozen_minute`` stays as well.
    """

    placements: tuple[Placement, ...]
    confirmed: frozenset[str] = frozenset()
    frozen_before: dt.date | None = None
    most_moved: int | None = None
    moved_before: Mapping[str, int] = field(default_factory=dict)
    frozen_minute: int = 0


@dataclass(frozen=True)
class Problem:
    """Everything a plan depends on. ``days`` ascending; ``noon`` parts morning from afternoon; ``lunch`` in minutes.

    ``start``: a plan to begin the search with, all of which may change.
    """

    days: tuple[dt.date, ...]
    noon: int
    lunch: int
    tasks: tuple[Task, ...]
    sites: tuple[Site, ...]
    crews: tuple[Crew, ...]
    demands: tuple[Demand, ...]
    pins: tuple[Placement, ...] = ()
    weights: Weights = field(default_factory=Weights)
    baseline: Baseline | None = None
    start: tuple[Placement, ...] = ()

    @cached_property
    def site_by_id(self) -> dict[str, Site]:
        return {site.id: site for site in self.sites}

    @cached_property
    def site_position(self) -> dict[str, int]:
        return {site.id: i for i, site in enumerate(self.sites)}

    @cached_property
    def crew_by_id(self) -> dict[str, Crew]:
        return {crew.id: crew for crew in self.crews}

    @cached_property
    def task_by_id(self) -> dict[str, Task]:
        return {task.id: task for task in self.tasks}

    @cached_property
    def demand_by_id(self) -> dict[str, Demand]:
        return {demand.id: demand for demand in self.demands}

    def price_of_leaving(self, demand: Demand) -> int:
        """Return the points that leaving a session out costs."""
        return self.weights.unplaced + demand.priority

    def task_of(self, placement: Placement) -> Task:
        """Return the task a placement serves."""
        return self.task_by_id[self.demand_by_id[placement.demand_id].task_id]

    def end_of(self, placement: Placement) -> int:
        """Return the minute at which the session is over."""
        return placement.start + self.task_of(placement).duration

    def half_of(self, placement: Placement) -> int:
        """Return 0 for a session that starts in the morning, 1 in the afternoon."""
        return int(placement.start >= self.noon)
