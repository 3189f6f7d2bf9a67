"""The master over lots: which sorties are made, and how many of each step are held at each spot and half-day.

Its rows hold for every plan (first come, first served within a lot), so its relaxation is a bound of every plan. What
it leaves open is timed by ``days``; what cannot be timed comes back as a cut.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.linear import Floats, Ints, Linear, Table
from services.scheduling.adapters.cpsat.lots.edge import Calendar, Edge
from services.scheduling.adapters.cpsat.lots.lot import Step
from services.scheduling.adapters.cpsat.lots.sorties import Duals, Sorties
from services.scheduling.adapters.cpsat.lots.spots import Forms
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.problem import Barred, Placement
from services.scheduling.domain.roads import open_windows
from services.scheduling.domain.score import crews_of


@dataclass(frozen=True)
class Held:
    """A step held at a spot in a half-day: what a variable of the master counts."""

    lot: int
    step: int
    spot: int
    day: int
    half: int

    @property
    def cell(self) -> int:
        """The cell of the sorties that hold it."""
        return 2 * self.spot + self.half


class Master:
    """The model in counts, without sorties; ``table`` adds some."""

    def __init__(self, forms: Forms) -> None:
        self.forms, self.problem, self.model = forms, forms.problem, Linear()
        self.calendar = Calendar(tuple(day.toordinal() for day in forms.problem.days))
        self.fixed = {pin.demand_id: pin for pin in forms.problem.pins} | frozen(forms.problem)
        self.held = list(self._open())
        self.count = self._counts()
        self.reached: dict[tuple[int, int], Ints] = {}
        self.left: dict[tuple[int, int], int] = {}
        self._cover()
        for lot, step, one in forms.steps:
            for before in one.before:
                self._chain(lot, before, step)
        self._rooms()
        self._teams()
        self.cuts: list[tuple[int, Sorties]] = []

    def _open(self) -> Iterator[Held]:
        """Yield what may be held: where and when at least one session has time, or where the organiser fixed it."""
        problem = self.problem
        first = problem.baseline.frozen_before if problem.baseline else None
        for lot, step, one in self.forms.steps:
            for site in one.one.sites:
                spot = self.forms.spot_of[site, one.task.provider_kind]
                for number, day in enumerate(problem.days):
                    for half in (0, 1):
                        at = self.fixed.get(one.one.id)
                        if at:
                            here = (at.site_id, at.day, problem.half_of(at)) == (site, day, half)
                        else:
                            is_open = (first is None or day >= first) and Barred(day, half) not in one.one.barred
                            here = is_open and self._has_time(one, site, day, half)
                        if here:
                            yield Held(lot, step, spot, number, half)

    def _has_time(self, step: Step, site: str, day: dt.date, half: int) -> bool:
        noon, duration = self.problem.noon, step.task.duration
        for window in open_windows(self.problem, step.one, site, day):
            start = max(window.start, noon) if half else window.start
            if start + duration <= window.end and (half or start < noon):
                return True
        return False

    def _counts(self) -> Ints:
        """One variable for each; a session costs what its site dislikes."""
        spots, problem = self.forms.spots, self.problem
        points = [spots[h.spot].site.dislike(problem.days[h.day], h.half) for h in self.held]
        found = self.model.add_columns(np.array(points, float))
        for number, held in zip(found, self.held, strict=True):
            self.model.high[0][number] = self.forms.lots[held.lot].steps[held.step].size
        return found

    def _cover(self) -> None:
        """Count up what is held by the end of each half-day; what is never held is left out."""
        halves, model = 2 * len(self.problem.days), self.model
        by_step: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for number, held in zip(self.count, self.held, strict=True):
            by_step[held.lot, held.step].append((2 * held.day + held.half, number))
        for lot, step, one in self.forms.steps:
            reached = model.add_columns(np.zeros(halves), float(one.size))
            rows = model.add_rows(halves, 0, 0)
            model.put(rows, reached, 1)
            model.put(rows[1:], reached[:-1], -1)
            for half, number in by_step[lot, step]:
                model.put(rows[half], number, -1)
            self.reached[lot, step] = reached
            price = self.problem.price_of_leaving(one.one)
            self.left[lot, step] = int(model.add_columns([price], float(one.size))[0])
            row = model.add_rows(1, one.size, one.size)
            model.put(row, [reached[-1], self.left[lot, step]], 1)

    def _chain(self, lot: int, before: int, step: int) -> None:
        """Order and delays between two steps, the price of pairs on one day and of long gaps."""
        first, then = (self.forms.lots[lot].steps[i] for i in (before, step))
        reached = self.reached[lot, before], self.reached[lot, step]
        edge = Edge(self.model, self.calendar, self.problem.weights, *reached, first, then, self.left[lot, step])
        edge.order()
        edge.deadline()
        edge.same_day()
        edge.late()

    def _rooms(self) -> None:
        """At most as many sessions in a half-day as rooms can hold one after another, measured by each duration."""
        here: dict[tuple[str, int, int], list[int]] = defaultdict(list)
        past = {(at.site_id, at.day) for at in self.fixed.values()}
        for i, held in enumerate(self.held):
            site = self.forms.spots[held.spot].site.id
            if (site, self.problem.days[held.day]) not in past:
                here[site, held.day, held.half].append(i)
        for (site, _, half), among in here.items():
            stretches = self._stretches([self.held[i] for i in among], half)
            durations = [self._step(i).task.duration for i in among]
            for unit in set(durations):
                most = self.problem.site_by_id[site].rooms * sum((w.end - w.start) // unit for w in stretches)
                parts = [duration // unit for duration in durations]
                if sum(part * self._step(i).size for part, i in zip(parts, among, strict=True)) > most:
                    self.model.put(self.model.add_rows(1, above=most), self.count[among], parts)

    def _step(self, i: int) -> Step:
        held = self.held[i]
        return self.forms.lots[held.lot].steps[held.step]

    def _stretches(self, held: list[Held], half: int) -> list[Window]:
        """When rooms can be in use by sessions that start in a half-day."""
        longest = max(self.forms.lots[h.lot].steps[h.step].task.duration for h in held)
        opens, closes = (self.problem.noon, 1440) if half else (0, self.problem.noon + longest - 1)
        steps = {(h.lot, h.step, h.spot, h.day) for h in held}
        windows = {
            Window(max(w.start, opens), min(w.end, closes))
            for lot, step, spot, day in steps
            for w in open_windows(
                self.problem,
                self.forms.lots[lot].steps[step].one,
                self.forms.spots[spot].site.id,
                self.problem.days[day],
            )
        }
        return _merged(sorted(w for w in windows if w.start < w.end))

    def _teams(self) -> None:
        """Rows that sorties enter: one a day for each team while the plan lasts, their sessions, shares, pins."""
        problem, model = self.problem, self.model
        crews, days, cells = len(problem.crews), len(self.problem.days), 2 * len(self.forms.spots)
        self.one_a_day = model.add_rows(crews * days, above=0).reshape(crews, days)
        self.session = model.add_rows(days * cells, 0, 0).reshape(days, cells)
        for number, held in zip(self.count, self.held, strict=True):
            model.put(self.session[held.day, held.cell], number, -1)
        lasts = model.add_columns(np.where(np.arange(days) > 0, problem.weights.end, 0))
        model.put(self.one_a_day, lasts, -1)
        rows = model.add_rows(max(0, days - 1), above=0)
        model.put(rows, lasts[1:], 1)
        model.put(rows, lasts[:-1], -1)
        self._outs()
        self._shares()
        self._pins()

    def _outs(self) -> None:
        """Sessions of a kind that are still to be held need at least so many days of its teams."""
        problem, model = self.problem, self.model
        kinds, past = sorted({spot.kind for spot in self.forms.spots}), frozen(problem)
        self.outs = model.add_rows(len(kinds))
        self.goes = np.zeros((len(kinds), len(problem.crews)))
        for k, kind in enumerate(kinds):
            most = max((crew.max_sessions for crew in crews_of(problem, kind)), default=1)
            open_ones = [(i, j, s) for i, j, s in self.forms.steps if s.one.id not in past]
            own = [(i, j, s) for i, j, s in open_ones if s.task.provider_kind == kind]
            gone = sum(kind in problem.crew_by_id[crew].kinds for crew, _ in team_days(problem, list(past.values())))
            model.below[self.outs[k]] = gone - (-sum(step.size for _, _, step in own) // most)
            model.put(self.outs[k], [self.left[i, j] for i, j, _ in own], 1)
            self.goes[k] = [kind in crew.kinds for crew in problem.crews]

    def _shares(self) -> None:
        """The most and the fewest sessions of the teams of a kind."""
        problem, model = self.problem, self.model
        self.share: list[tuple[int, int, int, int]] = []
        for kind in sorted({task.provider_kind for task in problem.tasks}):
            crews = [i for i, crew in enumerate(problem.crews) if kind in crew.kinds]
            if len(crews) < 2:
                continue
            high, low = model.add_columns([problem.weights.fair, -problem.weights.fair], high=1e4, whole=False)
            spots = [i for i, spot in enumerate(self.forms.spots) if spot.kind == kind]
            for crew in crews:
                most, least = int(model.add_rows(1, below=0)[0]), int(model.add_rows(1, above=0)[0])
                model.put([most, least], [high, low], 1)
                self.share += [(crew, spot, most, least) for spot in spots]

    def _pins(self) -> None:
        """What is fixed is held by its own team."""
        problem = self.problem
        crews = {crew.id: i for i, crew in enumerate(problem.crews)}
        first = problem.baseline.frozen_before if problem.baseline else None
        fixed = Counter(
            (crews[at.crew_id], problem.days.index(at.day), self._cell(at))
            for at in self.fixed.values()
            if first is None or at.day >= first
        )
        self.pinned = {where: int(self.model.add_rows(1, below=number)[0]) for where, number in fixed.items()}

    def _cell(self, at: Placement) -> int:
        spot = self.forms.spot_of[at.site_id, self.problem.task_of(at).provider_kind]
        return 2 * spot + self.problem.half_of(at)

    def with_sorties(self, sorties: Sorties) -> Table:
        """Return the model with these sorties as its last columns."""
        whole = _copy(self.model)
        x = whole.add_columns(sorties.cost, high=2.0)  # one a day is said by a row, so that its price is the row's
        cells = 2 * len(self.forms.spots)
        which, place = np.nonzero(sorties.cells < cells)
        cell, crew, day = sorties.cells[which, place], sorties.crew[which], sorties.day[which]
        whole.put(self.one_a_day[sorties.crew, sorties.day], x, 1)
        whole.put(self.session[day, cell], x[which], 1)
        for row, goes in zip(self.outs, self.goes, strict=True):
            whole.put(row, x, goes[sorties.crew])
        for team, spot, most, least in self.share:
            own = x[which[(crew == team) & (cell // 2 == spot)]]
            whole.put(most, own, -1)
            whole.put(least, own, -1)
        for (team, date, at), row in self.pinned.items():
            whole.put(row, x[which[(crew == team) & (day == date) & (cell == at)]], 1)
        for row, together in self.cuts:
            whole.put(row, x[together.among(sorties)], 1)
        return whole.table()

    def surcharge(self, sorties: Sorties, held: dict[int, int], points: int | None) -> None:
        """Make these sorties with what they hold cost more than the master thought; None: forbid them together."""
        row = int(self.model.add_rows(1, above=len(sorties) + len(held) - 1)[0])
        for number, times in held.items():
            self.model.put(row, self._at_least(number, times), 1)
        if points is not None:
            self.model.put(row, self.model.add_columns([points]), -1)
        self.cuts.append((row, sorties))

    def _at_least(self, number: int, times: int) -> int:
        """Return a variable that is 1 when something is held so often, or more."""
        most = int(np.concatenate(self.model.high)[self.count[number]])
        if most == 1:
            return int(self.count[number])
        reached = int(self.model.add_columns([0.0])[0])
        self.model.put(self.model.add_rows(1, above=times - 1), [self.count[number], reached], [1, times - 1 - most])
        return reached

    def duals(self, values: Floats) -> Duals:
        """Return what a relaxation pays for sorties."""
        crews = len(self.problem.crews)
        session = np.repeat(values[self.session][None], crews, axis=0)
        for team, spot, most, least in self.share:
            session[team, :, 2 * spot : 2 * spot + 2] -= values[most] + values[least]
        for (team, date, at), row in self.pinned.items():
            session[team, date, at] += values[row]
        team_day = values[self.one_a_day] + (values[self.outs] @ self.goes)[:, None]
        return Duals(session, team_day)


def _copy(model: Linear) -> Linear:
    """The same model, to which columns and rows can be added without changing the first."""
    lists = {f.name: list(getattr(model, f.name)) for f in fields(model) if f.name != "columns"}
    return Linear(columns=model.columns, **lists)


def _merged(windows: list[Window]) -> list[Window]:
    """Join stretches that overlap."""
    found: list[Window] = []
    for window in windows:
        if found and window.start <= found[-1].end:
            found[-1] = Window(found[-1].start, max(found[-1].end, window.end))
        else:
            found.append(window)
    return found
