"""The smallest set of facts that cannot all hold, when it is short enough to be read.

Facts are groups of rows and columns of the count model; what cannot hold together is found by halving (QuickXplain,
Junker 2004). A check that does not end in time counts as "they might hold": such a conflict is not told.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.contracts.errors import Problem as Finding
from services.scheduling.adapters.cpsat.explained.counts import Counts
from services.scheduling.adapters.cpsat.linear import HIGHS, INFINITY, Table, solve
from services.scheduling.domain.explain.before import possible, said
from services.scheduling.domain.explain.capacity import Capacity, Lot
from services.scheduling.domain.explain.ways import ways
from services.scheduling.domain.problem import Problem

MOST_FACTS = 8
SHORT_LIST = 4
"""Half-days or lots named one by one; more are counted."""


@dataclass(frozen=True)
class Fact:
    """Something that holds: a lot to place, hours, days, an order. Without it, its rows and columns are free."""

    kind: str
    who: str
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


class _OutOfTime(Exception):
    pass


class Conflict:
    """Looks for a short conflict in the counts of a problem."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem = problem
        self.until = time.monotonic() + seconds
        self.counts = Counts(problem, ways(problem, problem.days))
        self.table = self.counts.model.table()
        self.facts = list(self._facts())

    def find(self) -> tuple[Finding, ...]:
        """Return the facts that cannot all hold as sentences; empty when there is no short conflict."""
        try:
            if self._may_hold(self.facts):
                return ()
            core = self._shrink([], self.facts, False)
        except _OutOfTime:
            return ()
        found = tuple(self._told(core))
        return found if len(found) <= MOST_FACTS else ()

    def _shrink(self, ground: list[Fact], facts: list[Fact], grown: bool) -> list[Fact]:
        """Return a smallest part of ``facts`` that cannot hold beside ``ground``."""
        if grown and not self._may_hold(ground):
            return []
        if len(facts) == 1:
            return facts
        left, right = facts[: len(facts) // 2], facts[len(facts) // 2 :]
        second = self._shrink(ground + left, right, bool(left))
        first = self._shrink(ground + second, left, bool(second))
        return first + second

    def _may_hold(self, facts: Sequence[Fact]) -> bool:
        """Whether these facts can hold together. Raises _OutOfTime when that is not known."""
        left = self.until - time.monotonic()
        answer = solve(self._table(facts), HIGHS, seconds=max(0.01, left))
        if left <= 0 or not (answer.proved or answer.infeasible):
            raise _OutOfTime
        return not answer.infeasible

    def _table(self, facts: Sequence[Fact]) -> Table:
        kept = set(facts)
        below, above, high = self.table.below.copy(), self.table.above.copy(), self.table.high.copy()
        for fact in self.facts:
            if fact not in kept:
                rows = np.array(fact.rows, np.int64)
                below[rows], above[rows] = -INFINITY, INFINITY
            else:
                high[np.array(fact.columns, np.int64)] = 0
        return replace(self.table, below=below, above=above, high=high, cost=np.zeros(len(high)))

    def _facts(self) -> Iterator[Fact]:
        counts = self.counts
        for site in self.problem.sites:
            reopened = [
                int(counts.taken[i]) for i, w in enumerate(counts.ways) if w.kind == "reopen" and w.who == site.id
            ]
            yield Fact("hours", site.id, tuple(counts.rows_of_site.get(site.id, ())), tuple(reopened))
        for crew in self.problem.crews:
            for kind, way in (("days", "team"), ("most", "session")):
                own = [int(counts.taken[i]) for i, w in enumerate(counts.ways) if (w.kind, w.who) == (way, crew.id)]
                if own:
                    yield Fact(kind, crew.id, (), tuple(own))
        for kind, rows in counts.rows_of_kind.items():
            yield Fact("places", kind, tuple(rows))
        for (before, task), rows in counts.rows_of_chain.items():
            yield Fact("order", f"{before} {task}", tuple(rows))
        for i, (lot, column) in enumerate(counts.left.items()):
            yield Fact("lot", str(i), (counts.row_of_lot[lot],), (column,))

    def _told(self, core: Sequence[Fact]) -> Iterator[Finding]:
        lots = list(self.counts.left)
        yield from self._lots_told([lots[int(fact.who)] for fact in core if fact.kind == "lot"])
        for fact in core:
            if fact.kind == "hours":
                yield self._hours_told(fact.who)
            elif fact.kind == "days":
                yield self._days_told(fact.who)
            elif fact.kind == "most":
                most = self.problem.crew_by_id[fact.who].max_sessions
                yield _finding("explain_fact_most", team=fact.who, most=most)
            elif fact.kind == "order":
                before, activity = fact.who.split(" ")
                yield _finding("explain_fact_order", activity=activity, before=before)

    def _lots_told(self, lots: list[Lot]) -> Iterator[Finding]:
        by_task = Counter(lot.task_id for lot in lots)
        sessions = Counter({task: 0 for task in by_task})
        for lot in lots:
            sessions[lot.task_id] += len(lot.demands)
            if by_task[lot.task_id] <= SHORT_LIST:
                name = self.problem.site_by_id[lot.home].place.name
                yield _finding("explain_fact_lot", site=name, activity=lot.task_id, sessions=len(lot.demands))
        for task, count in by_task.items():
            if count > SHORT_LIST:
                yield _finding("explain_fact_lots", activity=task, sessions=sessions[task], sites=count)

    def _hours_told(self, site_id: str) -> Finding:
        name, capacity = self.problem.site_by_id[site_id].place.name, Capacity(self.problem)
        lots = [lot for lot in capacity.lots if site_id in lot.sites]
        open_then = sorted({h for lot in lots for h in possible(capacity, lot)})
        if len(open_then) > SHORT_LIST:
            return _finding("explain_fact_open_count", site=name, count=len(open_then))
        return _finding("explain_fact_open", site=name, half_days=said(open_then))

    def _days_told(self, crew_id: str) -> Finding:
        available = self.problem.crew_by_id[crew_id].available
        away = [day.isoformat() for day in self.problem.days if day not in available]
        if 0 < len(away) <= SHORT_LIST:
            return _finding("explain_fact_away", team=crew_id, days=", ".join(away))
        return _finding("explain_fact_days", team=crew_id, count=len(available))


def _finding(code: str, **facts: object) -> Finding:
    return Finding(code, {name: str(fact) for name, fact in facts.items()})
