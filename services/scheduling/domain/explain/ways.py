"""Ways out when not everything can be placed: what an organiser could ask of a school or a provider, with a price."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from services.contracts.errors import Problem as Finding
from services.contracts.values import Window
from services.scheduling.domain.explain.before import said
from services.scheduling.domain.problem import Crew, Problem, Site

Kind = Literal["reopen", "team", "session"]

PRICES: dict[Kind, int] = {"reopen": 10, "team": 12, "session": 15}
"""How much each is to ask: a half-day of a school, a half-day of a team, one session more in a team's day."""
NO_HOURS = Window(0, 0)


@dataclass(frozen=True)
class Way:
    """One thing to ask. ``who``: a site's or a team's id; ``hours``: the opening or shift it would give."""

    kind: Kind
    who: str
    day: dt.date
    half: int
    hours: Window = NO_HOURS

    @property
    def price(self) -> int:
        """Points of trouble, to compare ways."""
        return PRICES[self.kind]


def ways(problem: Problem, days: Iterable[dt.date]) -> list[Way]:
    """Return everything that could be asked on these days."""
    days, found = list(days), []
    for site in problem.sites:
        usual = _usual_hours(problem, site)
        for day in (day for day in days if _is_school_day(problem, site, day)):
            shut = [half for half in (0, 1) if not _open(problem, site, day, half)]
            found += [Way("reopen", site.id, day, half, usual[half]) for half in shut if half in usual]
    for crew in problem.crews:
        shift = _usual_shift(problem, crew)
        for day in days:
            found += [Way("team", crew.id, day, half, shift) for half in _absent(problem, crew, day, shift)]
            found += [Way("session", crew.id, day, 0)] if day in crew.available else []
    return found


def with_ways(problem: Problem, chosen: Iterable[Way]) -> Problem:
    """Return the problem as it would be with these ways taken."""
    sites, crews = dict(problem.site_by_id), dict(problem.crew_by_id)
    more: Counter[str] = Counter()
    for way in chosen:
        if way.kind == "reopen":
            site = sites[way.who]
            windows = {**site.windows, way.day: tuple(sorted({*site.windows.get(way.day, ()), way.hours}))}
            sites[way.who] = replace(site, windows=windows)
        elif way.kind == "team":
            crews[way.who] = _present(problem, crews[way.who], way)
        elif way.kind == "session":
            more[way.who] = 1
    crews = {id_: replace(crew, max_sessions=crew.max_sessions + more[id_]) for id_, crew in crews.items()}
    return replace(problem, sites=tuple(sites.values()), crews=tuple(crews.values()))


def told(problem: Problem, chosen: Iterable[Way]) -> tuple[Finding, ...]:
    """Return each way as a sentence, those of one school or team together."""
    together: dict[tuple[Kind, str], list[Way]] = {}
    for way in sorted(chosen, key=lambda w: (w.kind, w.who, w.day, w.half)):
        together.setdefault((way.kind, way.who), []).append(way)
    return tuple(_told(problem, kind, who, asked) for (kind, who), asked in together.items())


def _told(problem: Problem, kind: Kind, who: str, asked: list[Way]) -> Finding:
    half_days = said([(way.day, way.half) for way in asked])
    if kind == "reopen":
        return Finding("explain_way_reopen", {"site": problem.site_by_id[who].place.name, "half_days": half_days})
    if kind == "team":
        return Finding("explain_way_team", {"team": who, "half_days": half_days})
    days = ", ".join(way.day.isoformat() for way in asked)
    return Finding("explain_way_session", {"team": who, "days": days})


def _half_of(problem: Problem, window: Window) -> set[int]:
    return {half for half in (0, 1) if (window.start < problem.noon if half == 0 else window.end > problem.noon)}


def _open(problem: Problem, site: Site, day: dt.date, half: int) -> bool:
    return any(half in _half_of(problem, window) for window in site.windows.get(day, ()))


def _is_school_day(problem: Problem, site: Site, day: dt.date) -> bool:
    """Whether the site opens on this weekday in another week, or most of the others do on this day."""
    if any(windows and other.weekday() == day.weekday() for other, windows in site.windows.items()):
        return True
    others = [bool(other.windows.get(day)) for other in problem.sites if other.id != site.id]
    return 2 * sum(others) >= len(others)


def _usual_hours(problem: Problem, site: Site) -> dict[int, Window]:
    """Return the hours a half-day would have: the site's own most usual ones, else those of the other sites."""
    found: dict[int, Window] = {}
    for windows in (site.windows, *(_all_windows(problem),)):
        for half in (0, 1):
            seen = Counter(w for day in windows.values() for w in day if _half_of(problem, w) == {half})
            if seen and half not in found:
                found[half] = min(seen, key=lambda w: (-seen[w], w))
    return found


def _all_windows(problem: Problem) -> Mapping[dt.date, tuple[Window, ...]]:
    return {day: tuple(w for site in problem.sites for w in site.windows.get(day, ())) for day in problem.days}


def _usual_shift(problem: Problem, crew: Crew) -> Window:
    """Return the team's most usual hours, else the widest of any team, else the whole day."""
    seen = Counter(crew.available.values())
    if seen:
        return min(seen, key=lambda w: (-seen[w], w))
    every = [w for other in problem.crews for w in other.available.values()]
    return max(every, key=lambda w: (w.end - w.start, w), default=Window(8 * 60, 18 * 60))


def _absent(problem: Problem, crew: Crew, day: dt.date, shift: Window) -> list[int]:
    """Return the halves of a day on which the team could be there and is not."""
    there = crew.available.get(day)
    halves = _half_of(problem, shift)
    return sorted(halves - _half_of(problem, there) if there else halves)


def _present(problem: Problem, crew: Crew, way: Way) -> Crew:
    """Return the team with one half-day more; its day stays one stretch."""
    noon = problem.noon
    part = Window(way.hours.start, min(noon, way.hours.end)) if way.half == 0 else Window(noon, way.hours.end)
    there = crew.available.get(way.day)
    hours = Window(min(part.start, there.start), max(part.end, there.end)) if there else part
    return replace(crew, available={**crew.available, way.day: hours})
