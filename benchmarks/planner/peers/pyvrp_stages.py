"""PyVRP, one activity after the other: a client per session and half-day, of which each session needs one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType
from pyvrp import solve as run
from pyvrp.stop import MaxRuntime

from peers.ground import Ground, Key, Slot

DAY = 24 * 60
NEVER = 10**6
EARLIER = 5
"""Points a robotics session costs more each half-day: the second stage needs room after it, and cannot ask for it."""


class Offer(NamedTuple):
    """A session may start in this span of minutes, in this half-day, at this price."""

    key: Key
    half: int
    first: int
    last: int
    price: int


def solve(instance: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """See peers.__init__. The time is shared equally by the activities."""
    ground = Ground(instance)
    slots: dict[Key, Slot] = {}
    for activity in ground.chain:
        slots.update(_stage(ground, activity, slots, seconds / len(ground.chain)))
    return [{"group": group, "activity": activity, **slot._asdict()} for (group, activity), slot in slots.items()]


def _stage(ground: Ground, activity: str, slots: dict[Key, Slot], seconds: float) -> dict[Key, Slot]:
    """Place one activity after those in ``slots``."""
    offers = [offer for key in ground.keys(activity) for offer in _offers(ground, key, slots)]
    fleet = [team_day for team_day in ground.team_days if team_day[0] in ground.teams_of(activity)]
    result = run(
        _data(ground, activity, offers, fleet), MaxRuntime(seconds), seed=0, collect_stats=False, display=False
    )
    placed: dict[Key, Slot] = {}
    for route in result.best.routes():
        team, day = fleet[route.vehicle_type()]
        for stop in route.schedule():
            if stop.is_client():
                placed[offers[stop.idx].key] = Slot(team, day, stop.start_time - day * DAY)
    return placed


def _offers(ground: Ground, key: Key, slots: dict[Key, Slot]) -> list[Offer]:
    """Spans in which a session may start: later than the one before in the chain, beside the others' rooms."""
    at, site = ground.chain.index(key[1]), ground.site(key)
    dur = ground.activities[key[1]]["dur"]
    before = slots.get((key[0], ground.chain[at - 1])) if at else None
    if at and before is None:
        return []
    earliest = 2 * before.day + (before.start >= ground.noon) if before else -1
    halves = list(ground.halves(site))
    latest = halves[-(len(ground.chain) - at)][0]  # the rest of the chain needs its half-days
    offers = []
    for half, a, b in halves:
        if earliest < half <= latest:
            gap = ground.gap_cost(before.day, half // 2) if before else 0
            early = 0 if at + 1 == len(ground.chain) else EARLIER * half
            price = ground.disliked(site, half) + gap + early
            for first, last in _free(ground, site, half // 2, a, b - dur, dur, slots):
                offers.append(Offer(key, half, first, last, price))
    return offers


def _free(ground: Ground, site: int, day: int, first: int, last: int, dur: int, slots: dict[Key, Slot]) -> Any:
    """Yield the spans of starts at which the sessions placed by earlier stages leave a room."""
    others = [
        (slot.start, slot.start + ground.activities[key[1]]["dur"])
        for key, slot in slots.items()
        if slot.day == day and ground.site(key) == site
    ]

    def fits(t: int) -> bool:
        points = [t, *(a for a, _ in others if t < a < t + dur)]
        return all(sum(a <= p < b for a, b in others) < ground.sites[site]["room_cap"] for p in points)

    starts = [t for t in range(first, last + 1) if fits(t)]
    for t in starts:
        if not fits(t - 1) or t == first:
            end = t
            while end + 1 in starts:
                end += 1
            yield t, end


def _data(ground: Ground, activity: str, offers: list[Offer], fleet: list[tuple[int, int]]) -> ProblemData:
    """A location per depot and offer, a vehicle type per team and day, costs and minutes as matrices."""
    act, weights, depots = ground.activities[activity], ground.weights, ground.instance["depots"]
    keys = sorted({offer.key for offer in offers})
    of_key = {key: i for i, key in enumerate(keys)}
    groups = [[i for i, offer in enumerate(offers) if offer.key == key] for key in keys]
    clients = [
        Client(
            location=len(depots) + i,
            delivery=[1],
            service_duration=act["dur"],
            tw_early=offer.half // 2 * DAY + offer.first,
            tw_late=offer.half // 2 * DAY + offer.last,
            prize=weights["unplaced"],
            required=False,
            group=of_key[offer.key],
        )
        for i, offer in enumerate(offers)
    ]
    vehicles = [
        VehicleType(
            capacity=[ground.teams[team]["max_sessions"]],
            start_depot=ground.teams[team]["depot"],
            end_depot=ground.teams[team]["depot"],
            fixed_cost=weights["team_day"],
            tw_early=day * DAY + ground.teams[team]["avail"][str(day)][0],
            tw_late=day * DAY + ground.teams[team]["avail"][str(day)][1],
        )
        for team, day in fleet
    ]
    cost, minutes = _matrices(ground, act, offers)
    return ProblemData(
        [Location(0, 0) for _ in range(len(cost))],
        clients,
        [Depot(location=i) for i in range(len(depots))],
        vehicles,
        [cost],
        [minutes],
        [ClientGroup(clients=members, required=False) for members in groups],
    )


def _matrices(ground: Ground, act: dict[str, int], offers: list[Offer]) -> tuple[Any, Any]:
    """Costs and minutes between the end of a session (or a depot) and the start of the next."""
    depots = [tuple(depot) for depot in ground.instance["depots"]]
    places = [*depots, *(ground.place(ground.site(offer.key)) for offer in offers)]
    distinct = sorted(set(places))
    number = np.array([distinct.index(place) for place in places])
    road = np.array([[ground.road(a, b) for b in distinct] for a in distinct])[np.ix_(number, number)]
    site = np.array([-1 - i for i in range(len(depots))] + [ground.site(offer.key) for offer in offers])
    half = np.array([-1] * len(depots) + [offer.half for offer in offers])
    price = np.array([0] * len(depots) + [offer.price for offer in offers])
    real = half >= 0
    same, both = site[:, None] == site[None, :], real[:, None] & real[None, :]
    cost = ground.weights["drive"] * road + ground.weights["visit"] * (~same & real[None, :]) + price[None, :]
    packing, setup = act["teardown"] * real[:, None], act["setup"] * real[None, :]
    minutes = np.where(same & both, act["turnover"], packing + road + setup)
    lunch = both & (half[:, None] // 2 == half[None, :] // 2) & (half[:, None] % 2 == 0) & (half[None, :] % 2 == 1)
    eating = ground.instance["lunch_min"]
    minutes = minutes + lunch * np.where(same, max(0, eating - act["turnover"]), eating)
    apart = both & ((half[:, None] // 2 != half[None, :] // 2) | (half[:, None] > half[None, :]))
    minutes, cost = np.where(apart, NEVER, minutes), np.where(apart, NEVER, cost)
    np.fill_diagonal(minutes, 0)
    np.fill_diagonal(cost, 0)
    return cost.astype(np.int64), minutes.astype(np.int64)
