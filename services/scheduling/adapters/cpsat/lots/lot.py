"""Demands that are alike, counted: what one class lives through as steps, and alike classes as one lot.

This is the form of every problem: where nothing is alike, each lot has one member and each step one demand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from services.scheduling.adapters.cpsat.insertion import in_chain_order
from services.scheduling.domain.constraints.excludes import excluded_pairs
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Demand, Problem, Task


@dataclass(frozen=True)
class Step:
    """Demands of one task that a class attends, each after all demands of the steps ``before`` (their positions).

    ``demands[member]``: those of each member of the lot; all members have equally many.
    """

    task: Task
    before: tuple[int, ...]
    demands: tuple[tuple[Demand, ...], ...]

    @property
    def one(self) -> Demand:
        """Any of the demands: they may be held at the same places and times."""
        return self.demands[0][0]

    @property
    def each(self) -> int:
        """Demands of one member."""
        return len(self.demands[0])

    @property
    def size(self) -> int:
        """Demands of all members."""
        return self.each * len(self.demands)


@dataclass(frozen=True)
class Lot:
    """Classes of one school with equal steps, in the order of the chain."""

    steps: tuple[Step, ...]


def lots_of(problem: Problem) -> list[Lot]:
    """Return the lots of a problem. First come, first served is the best way to name the members of each."""
    sharing = _sharing(problem)
    alike: dict[Hashable, list[list[list[Demand]]]] = defaultdict(list)
    for number, members in enumerate(_components(problem)):
        steps = list(_twins(problem, members, sharing))
        alone = _stands_alone(problem, members, sharing)
        alike[number if alone else tuple((_like(step), _before(step, steps)) for step in steps)].append(steps)
    return [_lot(problem, members) for members in alike.values()]


def _lot(problem: Problem, members: list[list[list[Demand]]]) -> Lot:
    first = members[0]
    return Lot(
        tuple(
            Step(
                problem.task_by_id[first[number][0].task_id],
                _before(first[number], first),
                tuple(tuple(member[number]) for member in members),
            )
            for number in range(len(first))
        )
    )


def _components(problem: Problem) -> Iterator[list[Demand]]:
    """Yield demands that wait for one another, directly or not, in chain order."""
    place: dict[str, list[Demand]] = {}
    for demand in in_chain_order(problem):
        joined = [demand]
        for before in demand.after:
            if before in place and place[before] is not joined:
                joined[:0] = place[before]
                for other in place[before]:
                    place[other.id] = joined
        for other in joined:
            place[other.id] = joined
    seen: set[int] = set()
    for found in place.values():
        if id(found) not in seen:
            seen.add(id(found))
            yield found


def _twins(problem: Problem, members: list[Demand], sharing: dict[str, frozenset[str]]) -> Iterator[list[Demand]]:
    """Yield the demands of a component that can stand for each other, in chain order."""
    followers: dict[str, set[str]] = defaultdict(set)
    for demand in members:
        for before in demand.after:
            followers[before].add(demand.id)
    fixed = _named(problem)
    found: dict[Hashable, list[Demand]] = defaultdict(list)
    for demand in members:
        meets = sharing[demand.id] | {demand.id} if demand.id in sharing else frozenset()
        key = (_like([demand]), frozenset(demand.after), frozenset(followers[demand.id]), meets)
        found[demand.id if demand.id in fixed else key].append(demand)
    yield from found.values()


def _like(step: list[Demand]) -> tuple[Hashable, ...]:
    one = step[0]
    return one.task_id, one.home, one.sites, one.barred, one.priority, len(step)


def _before(step: list[Demand], steps: list[list[Demand]]) -> tuple[int, ...]:
    return tuple(i for i, other in enumerate(steps) if other[0].id in step[0].after)


def _stands_alone(problem: Problem, members: list[Demand], sharing: dict[str, frozenset[str]]) -> bool:
    """Whether a class must keep its name: something is fixed or shared, or order inside a half-day matters."""
    ids = {demand.id for demand in members}
    loose = any(problem.task_by_id[demand.task_id].min_half_days < 1 for demand in members if demand.after)
    return loose or bool(ids & _named(problem)) or any(sharing.get(id_, ids) - ids for id_ in ids)


def _named(problem: Problem) -> set[str]:
    """Demands that a pin, the past or a released plan speaks of by name."""
    released = problem.baseline.placements if problem.baseline else ()
    return {p.demand_id for p in (*problem.pins, *released)} | set(frozen(problem))


def _sharing(problem: Problem) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for first, second in excluded_pairs(problem):
        found[first].add(second)
        found[second].add(first)
    return {id_: frozenset(others) for id_, others in found.items()}
