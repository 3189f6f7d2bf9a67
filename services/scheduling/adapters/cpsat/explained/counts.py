"""The count of places as a small linear model, roads left out: what is missing at least, and the cheapest ways out.

Everything it forbids is impossible; what it allows may still fail for the road. It never takes "unknown" for "no".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.scheduling.adapters.cpsat.linear import HIGHS, Linear, solve
from services.scheduling.domain.explain.capacity import WHOLE_DAY, Capacity, HalfDay, Lot, of_one_room, starts_in
from services.scheduling.domain.explain.ways import Way, with_ways
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.score import crews_of

LEFT_OUT = 1000
"""Price of a session left out, above any sum of ways that would place it."""


@dataclass(frozen=True)
class Counted:
    """What the counts say. ``missing``: sessions left out, by lot; ``chosen``: the ways taken."""

    missing: dict[Lot, int]
    chosen: tuple[Way, ...]


class Counts:
    """The model: how many sessions of each lot on each half-day at each site."""

    def __init__(self, problem: Problem, ways: Sequence[Way] = ()) -> None:
        self.problem, self.ways = problem, tuple(ways)
        self.capacity = Capacity(problem)
        # what teams can give is counted with every opening there could be
        self.wide = Capacity(with_ways(problem, (way for way in self.ways if way.kind == "reopen")))
        self.model = Linear()
        # ties are broken towards the earliest day, so that the answer is always the same
        self.taken = self.model.add_columns([way.price + 0.001 * i for i, way in enumerate(self.ways)])
        self.left: dict[Lot, int] = {}
        self.held: dict[Lot, list[tuple[str, HalfDay, int]]] = {lot: [] for lot in self.capacity.lots}
        self.row_of_lot: dict[Lot, int] = {}
        self.rows_of_site: dict[str, list[int]] = defaultdict(list)
        self.rows_of_kind: dict[str, list[int]] = defaultdict(list)
        self.rows_of_chain: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.reopened = {(w.who, w.day, w.half): (i, w) for i, w in enumerate(self.ways) if w.kind == "reopen"}
        for lot in self.capacity.lots:
            self._add(lot)
        self._sites()
        self._teams()
        self._chains()

    def solve(self, seconds: float) -> Counted | None:
        """Return the fewest sessions left out and the cheapest ways; None when that is not known in time."""
        answer = solve(self.model.table(), HIGHS, seconds=seconds, gap=0.5)
        if answer.x is None or not answer.proved:
            return None
        missing = {lot: round(answer.x[column]) for lot, column in self.left.items() if answer.x[column] > 0.5}
        return Counted(missing, tuple(w for w, x in zip(self.ways, answer.x[self.taken], strict=True) if x > 0.5))

    def _columns(self) -> Iterator[tuple[Lot, str, HalfDay, int]]:
        """Yield each column with its lot, site and half-day."""
        return ((lot, *where) for lot, held in self.held.items() for where in held)

    def _add(self, lot: Lot) -> None:
        size, row = len(lot.demands), self.model.add_rows(1, len(lot.demands), len(lot.demands))
        self.row_of_lot[lot] = int(row[0])
        self.left[lot] = int(self.model.add_columns(LEFT_OUT, size)[0])
        self.model.put(row, self.left[lot], 1)
        if lot.at is not None:
            self._hold(lot, lot.at[0], lot.at[1:], row, size, 0, None)
            return
        for site_id in lot.sites:
            for half_day in self.capacity.half_days:
                way = self.reopened.get((site_id, *half_day))
                fits = self._rooms(lot, site_id, half_day)
                gain = self._gain(lot, site_id, half_day, way[1]) if way else 0
                if fits or gain:
                    self._hold(lot, site_id, half_day, row, fits, gain, way[0] if way else None)

    def _hold(
        self, lot: Lot, site_id: str, half_day: HalfDay, row: object, fits: int, gain: int, way: int | None
    ) -> None:
        most = min(len(lot.demands), fits + gain)
        column = int(self.model.add_columns(0, most)[0])
        self.model.put(row, column, 1)
        self.held[lot].append((site_id, half_day, column))
        if gain and way is not None:
            limit = self.model.add_rows(1, above=float(fits))
            self.model.put(limit, column, 1)
            self.model.put(limit, self.taken[way], -gain)

    def _rooms(self, lot: Lot, site_id: str, half_day: HalfDay) -> int:
        """Sessions the site itself allows: teams that may come are counted elsewhere."""
        return self.problem.site_by_id[site_id].rooms * self.capacity.in_a_room(lot, site_id, *half_day)

    def _gain(self, lot: Lot, site_id: str, half_day: HalfDay, way: Way) -> int:
        task, rooms = self.problem.task_by_id[lot.task_id], self.problem.site_by_id[site_id].rooms
        return rooms * of_one_room(task, *starts_in(self.problem, task, way.hours, WHOLE_DAY, half_day[1]))

    def _sites(self) -> None:
        """All sessions at a site share its rooms."""
        held = defaultdict(list)
        for lot, site_id, half_day, column in self._columns():
            if lot.at is None:
                held[site_id, half_day].append((lot, column))
        for (site_id, half_day), columns in held.items():
            way = self.reopened.get((site_id, *half_day))
            fits = max(self._rooms(lot, site_id, half_day) for lot, _ in columns)
            row = self.model.add_rows(1, above=float(fits))
            self.rows_of_site[site_id].append(int(row[0]))
            self.model.put(row, [column for _, column in columns], 1)
            if way:
                gain = max(self._gain(lot, site_id, half_day, way[1]) for lot, _ in columns)
                self.model.put(row, self.taken[way[0]], -gain)

    def _teams(self) -> None:
        """All sessions of a kind share its teams, in each half-day and in each day."""
        held: dict[tuple[str, HalfDay], list[int]] = defaultdict(list)
        for lot, _, half_day, column in self._columns():
            if half_day in self.capacity.half_days:
                held[self.problem.task_by_id[lot.task_id].provider_kind, half_day].append(column)
        for kind in sorted({kind for kind, _ in held}):
            for day in sorted({day for day, _ in self.capacity.half_days}):
                whole = self.model.add_rows(1, above=float(self.wide.of_kind_in_a_day(kind, day)))
                for half in (0, 1):
                    columns = held.get((kind, (day, half)), [])
                    part = self.model.add_rows(1, above=float(self.wide.of_kind(kind, day, half)))
                    if columns:
                        self.model.put(part, columns, 1)
                        self.model.put(whole, columns, 1)
                    self._more(kind, (day, half), part, whole)
                    self.rows_of_kind[kind] += [int(part[0]), int(whole[0])]

    def _more(self, kind: str, half_day: HalfDay, part: object, whole: object) -> None:
        """Let ways of the teams of a kind widen what they can give in a half-day and in its day."""
        crews = {crew.id: crew for crew in crews_of(self.problem, kind)}
        for i, way in enumerate(self.ways):
            crew = crews.get(way.who) if way.kind in ("team", "session") and way.day == half_day[0] else None
            if crew is None or (way.kind == "team" and way.half != half_day[1]):
                continue
            if way.kind == "session":
                self.model.put(part, self.taken[i], -1)
                self.model.put(whole, self.taken[i], -1 if half_day[1] == 0 else 0)
                continue
            tasks = [task for task in self.problem.tasks if task.provider_kind == kind]
            shift = way.hours
            gain = max((self.wide.of_team(crew, task, way.day, way.half, shift) for task in tasks), default=0)
            if crew.available.get(way.day):
                now = self.wide.of_team(crew, tasks[0], way.day, 1 - way.half)
                self.model.put(whole, self.taken[i], -max(0, min(gain, crew.max_sessions - now)))
            else:
                self.model.put(whole, self.taken[i], -min(gain, (crew.max_sessions + 1) // 2))
            self.model.put(part, self.taken[i], -gain)

    def _chains(self) -> None:
        """A lot that follows another never runs ahead of it, its delays counted."""
        lot_of = {demand.id: lot for lot in self.capacity.lots for demand in lot.demands}
        pairs: dict[tuple[Lot, Lot], list[tuple[str, str]]] = defaultdict(list)
        for lot in self.capacity.lots:
            for demand in lot.demands:
                for before in demand.after:
                    pairs[lot_of[before], lot].append((before, demand.id))
        for (first, second), links in pairs.items():
            self._chain(first, second, links)

    def _chain(self, first: Lot, second: Lot, links: list[tuple[str, str]]) -> None:
        """Each of ``second`` needs at least ``needs`` of ``first``, each of which serves at most ``serves``."""
        needs = min(sum(after == d.id for _, after in links) for d in second.demands)
        serves = max(sum(before == d.id for before, _ in links) for d in first.demands)
        if not needs:
            return
        task = self.problem.task_by_id[second.task_id]
        before, later = ([(h, c) for _, h, c in self.held[lot]] for lot in (first, second))
        for until in sorted({h for h, _ in later}):
            row = self.model.add_rows(1, above=0.0)
            self.rows_of_chain[first.task_id, second.task_id].append(int(row[0]))
            self.model.put(row, [c for h, c in later if h <= until], needs)
            ready = [c for h, c in before if _may_precede(task.min_half_days, task.min_days, h, until)]
            if ready:
                self.model.put(row, ready, -serves)


def _may_precede(half_days: int, days: int, first: HalfDay, second: HalfDay) -> bool:
    between = (second[0] - first[0]).days
    return between >= days and 2 * between + second[1] - first[1] >= half_days
