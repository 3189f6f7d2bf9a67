"""Timefold in Python: each session takes a slot, one of two in each half-day of a team; constraint streams score.

Slots belong to the n-th team of whichever activity, so that every session has the same few to choose from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from timefold.solver import SolverFactory
from timefold.solver.config import Duration, ScoreDirectorFactoryConfig, SolverConfig, TerminationConfig
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardMediumSoftScore,
    Joiners,
    constraint_provider,
)

from peers.ground import Ground, Key, Plan


@dataclass
class Slot:
    """One of two places in a half-day of a team."""

    id: Annotated[int, PlanningId]
    team: int
    day: int
    half: int
    place: int


@dataclass
class School:
    """A site: lists by day, half-day (2 x day + 1 in the afternoon) or other site."""

    id: Annotated[int, PlanningId]
    rooms: int
    opens: list[int]
    closes: list[int]
    price: list[int]
    road: list[int]


@dataclass
class Work:
    """An activity: minutes, roads from each team's depot to each site, what a visit and a day cost."""

    id: Annotated[int, PlanningId]
    session: int
    setup: int
    packing: int
    turnover: int
    lunch: int
    visit: int
    team_day: int
    leaves: list[list[int]]
    returns: list[list[int]]
    roads: list[list[int]]


@planning_entity
@dataclass
class Session:
    """A session to place."""

    id: Annotated[int, PlanningId]
    group: int
    step: int
    school: School
    work: Work
    gap: list[list[int]]
    slot: Annotated[Slot | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@planning_solution
@dataclass
class Rotation:
    """The whole problem and its plan."""

    slots: Annotated[list[Slot], ProblemFactCollectionProperty, ValueRangeProvider]
    sessions: Annotated[list[Session], PlanningEntityCollectionProperty]
    score: Annotated[HardMediumSoftScore | None, PlanningScore] = field(default=None)


def in_order(sessions: list[Session]) -> list[Session]:
    """Sort a team's day by slot; two in one slot by number, for the score must not depend on the stream's order."""
    ordered: list[Session] = []
    for session in sessions:
        at = 0
        while at < len(ordered) and _rank(ordered[at]) < _rank(session):
            at += 1
        ordered.insert(at, session)
    return ordered


def _rank(session: Session) -> int:
    return session.slot.id * 100000 + session.id


def day_faults(sessions: list[Session]) -> int:
    """Count the sessions of a team's day that cannot start in time, a late return included."""
    ordered = in_order(sessions)
    first = ordered[0]
    work, slot = first.work, first.slot
    faults, here, half, before = 0, first.school, first.slot.half, None
    ready = work.leaves[slot.team][slot.day] + work.roads[slot.team][here.id] + work.setup
    for session in ordered:
        there, at = session.school, session.slot.half
        if before is not None:
            if before.slot.id == session.slot.id:
                faults += 1
            same = here.id == there.id
            ready += work.turnover if same else work.packing + here.road[there.id] + work.setup
            if at != half:
                ready += work.lunch - work.turnover if same else work.lunch
        start = max(ready, there.opens[at])
        if start + work.session > there.closes[at]:
            faults += 1
        ready = start + work.session
        here, half, before = there, at, session
    if ready + work.packing + work.roads[slot.team][here.id] > work.returns[slot.team][slot.day]:
        faults += 1
    return faults


def day_cost(sessions: list[Session]) -> int:
    """Return what a team's day costs: itself, roads, visits."""
    ordered = in_order(sessions)
    first, last = ordered[0], ordered[len(ordered) - 1]
    work, team = first.work, first.slot.team
    cost = work.team_day + work.roads[team][first.school.id] + work.roads[team][last.school.id] + work.visit
    here = first.school
    for session in ordered:
        if session.school.id != here.id:
            cost += here.road[session.school.id] + work.visit
        here = session.school
    return cost


@constraint_provider
def constraints(factory: ConstraintFactory) -> list[Constraint]:
    """Hard: the rules; medium: all placed; soft: the checker's cost without fairness and last day."""
    score = HardMediumSoftScore
    days = factory.for_each(Session).group_by(
        lambda session: session.work.id,
        lambda session: session.slot.team,
        lambda session: session.slot.day,
        ConstraintCollectors.to_list(),
    )
    chained = factory.for_each(Session).join(
        Session, Joiners.equal(lambda session: session.group), Joiners.equal(lambda a: a.step + 1, lambda b: b.step)
    )
    return [
        days.penalize(score.ONE_HARD, lambda work, team, day, sessions: day_faults(sessions)).as_constraint("roads"),
        chained.filter(lambda a, b: b.slot.half <= a.slot.half)
        .penalize(score.ONE_HARD)
        .as_constraint("later half-day"),
        factory.for_each(Session)
        .filter(lambda session: session.step > 0)
        .if_not_exists(
            Session, Joiners.equal(lambda session: session.group), Joiners.equal(lambda b: b.step, lambda a: a.step + 1)
        )
        .penalize(score.ONE_HARD)
        .as_constraint("nothing before"),
        factory.for_each(Session)
        .group_by(
            lambda session: session.school,
            lambda session: session.slot.half,
            lambda session: session.slot.place,
            ConstraintCollectors.count(),
        )
        .filter(lambda school, half, place, count: count > school.rooms)
        .penalize(score.ONE_HARD, lambda school, half, place, count: count - school.rooms)
        .as_constraint("rooms"),
        factory.for_each_including_unassigned(Session)
        .filter(lambda session: session.slot is None)
        .penalize(score.ONE_MEDIUM)
        .as_constraint("left out"),
        days.penalize(score.ONE_SOFT, lambda work, team, day, sessions: day_cost(sessions)).as_constraint("days"),
        factory.for_each(Session)
        .penalize(score.ONE_SOFT, lambda session: session.school.price[session.slot.half])
        .as_constraint("wishes"),
        chained.penalize(score.ONE_SOFT, lambda a, b: a.gap[a.slot.day][b.slot.day]).as_constraint("gaps"),
    ]


def solve(instance: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """See peers.__init__. Starts of the clock that the rooms then refuse leave their sessions out."""
    ground = Ground(instance)
    config = SolverConfig(
        solution_class=Rotation,
        entity_class_list=[Session],
        score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=constraints),
        termination_config=TerminationConfig(spent_limit=Duration(milliseconds=int(seconds * 1000))),
    )
    solver = SolverFactory.create(config).build_solver()
    return _timed(ground, solver.solve(_problem(ground)))


def _problem(ground: Ground) -> Rotation:
    days = range(len(ground.instance["days"]))
    most = max(len(ground.teams_of(activity)) for activity in ground.chain)
    places = [(team, day, half, place) for team in range(most) for day in days for half in (0, 1) for place in (0, 1)]
    slots = [Slot(i, team, day, 2 * day + half, place) for i, (team, day, half, place) in enumerate(places)]
    schools = [_school(ground, site["id"]) for site in ground.sites]
    works = [_work(ground, number, activity) for number, activity in enumerate(ground.chain)]
    gap = [[ground.gap_cost(a, b) if a <= b else 0 for b in days] for a in days]
    sessions = [
        Session(group["id"] * len(works) + step, group["id"], step, schools[group["site"]], work, gap)
        for group in ground.groups
        for step, work in enumerate(works)
    ]
    return Rotation(slots, sessions)


def _school(ground: Ground, site: int) -> School:
    halves = 2 * len(ground.instance["days"])
    opens, closes = [0] * halves, [0] * halves
    for half, a, b in ground.halves(site):
        opens[half], closes[half] = a, b
    price = [ground.disliked(site, half) for half in range(halves)]
    road = [ground.road(ground.place(site), ground.place(other["id"])) for other in ground.sites]
    return School(site, ground.sites[site]["room_cap"], opens, closes, price, road)


def _work(ground: Ground, number: int, activity: str) -> Work:
    act, weights, teams = ground.activities[activity], ground.weights, ground.teams_of(activity)
    days = [str(day) for day in range(len(ground.instance["days"]))]
    avail = [[ground.teams[team]["avail"].get(day, [10**4, 0]) for day in days] for team in teams]
    roads = [[ground.road(ground.depot(team), ground.place(site["id"])) for site in ground.sites] for team in teams]
    return Work(
        id=number,
        session=act["dur"],
        setup=act["setup"],
        packing=act["teardown"],
        turnover=act["turnover"],
        lunch=ground.instance["lunch_min"],
        visit=weights["visit"],
        team_day=weights["team_day"],
        leaves=[[span[0] for span in team] for team in avail],
        returns=[[span[1] for span in team] for team in avail],
        roads=roads,
    )


def _timed(ground: Ground, found: Rotation) -> list[dict[str, Any]]:
    hours: dict[tuple[int, int], list[tuple[int, int, Key]]] = {}
    for session in found.sessions:
        if session.slot is not None:
            activity, slot = ground.chain[session.step], session.slot
            team = ground.teams_of(activity)[slot.team]
            hours.setdefault((slot.day, team), []).append((slot.id, slot.half, (session.group, activity)))
    plan = Plan(ground)
    for (day, team), stops in sorted(hours.items()):
        keys = [key for _, _, key in sorted(stops)]
        halves = {key: half for _, half, key in stops}
        plan.put_what_fits((team, day), keys, halves)
    return plan.sessions_in_chain()
