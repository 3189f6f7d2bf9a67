"""From counts to a plan: names for what is held, then the exact times of each day by the model of single sessions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from ortools.sat.python import cp_model

from services.scheduling.adapters.cpsat.insertion import in_chain_order
from services.scheduling.adapters.cpsat.linear import Floats
from services.scheduling.adapters.cpsat.lots.master import Held, Master
from services.scheduling.adapters.cpsat.lots.sorties import Sorties
from services.scheduling.adapters.cpsat.single.session_model import SessionModel
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Demand, Placement, Problem

WORK = 6.0
"""Of CP-SAT's own measure for the times of one day: some 20 s; most take milliseconds."""

EARLY = 1440
"""Points of the day model per point of cost: an earlier start never costs anything else."""


@dataclass(frozen=True)
class Draft:
    """What a master chose: its sorties, and how often each of its ``held`` is held (the number in the list)."""

    sorties: Sorties
    held: dict[int, int]


@dataclass(frozen=True)
class TimedDay:
    """A day with times. ``surplus``: what its sorties cost beyond what the master thought; no ``placements``: never.

    ``is_exact``: both are proved; else none or no better were found in the work allowed.
    """

    day: int
    placements: tuple[Placement, ...] | None
    surplus: int
    is_exact: bool = True


def draft_of(master: Master, sorties: Sorties, x: Floats) -> Draft:
    """Read what a solution of the master over these sorties chose."""
    made = sorties.only(x[len(x) - len(sorties) :] > 0.5)
    count = np.rint(x[master.count]).astype(int)
    return Draft(made, {int(i): int(count[i]) for i in np.flatnonzero(count)})


def timed(master: Master, draft: Draft) -> list[TimedDay]:
    """Give names and times to what a draft holds, day by day."""
    named = _named(master, draft)
    return [_time(master, draft, day, held) for day, held in sorted(named.items())]


def standing(problem: Problem, days: Sequence[TimedDay]) -> list[Placement]:
    """Return what was timed, less the sessions that wait for one of a day without times."""
    found = {p.demand_id: p for day in days for p in day.placements or ()}
    kept: dict[str, Placement] = {}
    for demand in in_chain_order(problem):
        if demand.id in found and kept.keys() >= set(demand.after):
            kept[demand.id] = found[demand.id]
    return list(kept.values())


def _named(master: Master, draft: Draft) -> dict[int, list[tuple[Demand, Held]]]:
    """Give what each step holds to its demands, first come, first served."""
    slots: dict[tuple[int, int], list[Held]] = defaultdict(list)
    for number, times in draft.held.items():
        held = master.held[number]
        slots[held.lot, held.step] += times * [held]
    named: dict[int, list[tuple[Demand, Held]]] = defaultdict(list)
    for (lot, step), held_here in slots.items():
        demands = [d for member in master.forms.lots[lot].steps[step].demands for d in member]
        held_here.sort(key=lambda h: (h.day, h.half))
        for demand, held in zip(demands, held_here, strict=False):
            named[held.day].append((demand, held))
    return named


def _time(master: Master, draft: Draft, day: int, named: list[tuple[Demand, Held]]) -> TimedDay:
    """Time one day so that its sorties cost least."""
    date, past = master.problem.days[day], frozen(master.problem)
    if all(demand.id in past for demand, _ in named):
        return TimedDay(day, tuple(past[demand.id] for demand, _ in named), 0)
    own = draft.sorties.only(draft.sorties.day == day)
    problem = _only(master.problem, date, named, [master.forms.spots[h.spot].site.id for _, h in named])
    model = SessionModel(problem)
    for demand, held in named:
        event = model.events[demand.id]
        model.model.add(event.placed == 1)
        model.model.add(event.afternoon == held.half)
    _share_out(master, model, own, named)
    starts = sum(event.start for event in model.events.values())
    model.model.minimize(EARLY * len(named) * model.price + starts)
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = WORK
    solver.parameters.num_workers = 1
    status = solver.solve(model.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return TimedDay(day, None, 0, status == cp_model.INFEASIBLE)
    surplus = round(solver.value(model.price) - own.cost.sum())
    return TimedDay(day, tuple(model.placements(solver.value)), surplus, status == cp_model.OPTIMAL)


def _share_out(master: Master, model: SessionModel, own: Sorties, named: list[tuple[Demand, Held]]) -> None:
    """Each team holds as many sessions at each spot and half-day as its sortie says."""
    for cell in {held.cell for _, held in named}:
        for crew, cells in zip(own.crew, own.cells, strict=True):
            crew_id = master.problem.crews[crew].id
            here = [x for d, held in named if held.cell == cell for x in model.events[d.id].where(crew_id=crew_id)]
            model.model.add(sum(here) == int((cells == cell).sum()))


def _only(problem: Problem, day: dt.date, named: Sequence[tuple[Demand, Held]], sites: Sequence[str]) -> Problem:
    """The problem of one day: what is held there and then, and what sorties cost."""
    here = {demand.id for demand, _ in named}
    demands = tuple(
        replace(
            demand,
            sites=(site,),
            after=tuple(a for a in demand.after if a in here),
            excludes=tuple(e for e in demand.excludes if e in here),
        )
        for (demand, _), site in zip(named, sites, strict=True)
    )
    pins = tuple(pin for pin in problem.pins if pin.demand_id in here)
    weights = replace(problem.weights, same_day=0, late_gap=0, fair=0, end=0)
    calm = tuple(replace(site, disliked={}) for site in problem.sites)
    return replace(problem, days=(day,), sites=calm, demands=demands, pins=pins, weights=weights, baseline=None)
