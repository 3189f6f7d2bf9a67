"""Wishes: soft rules, each with its price. What a plan pays for them is its cost; score.py alone counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain import score
from services.scheduling.domain.constraints.rule import Rule, Violations, facts
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.problem import Placement, Problem

Wish = Iterator[tuple[tuple[str, ...], dict[str, str], int]]
"""Demands concerned, facts for the sentence, units to pay."""


def _unplaced(problem: Problem, placements: Sequence[Placement]) -> Wish:
    placed = {placement.demand_id for placement in placements}
    for demand in problem.demands:
        if demand.id not in placed:
            yield (demand.id,), {"group": demand.group_id, "activity": demand.task_id}, problem.price_of_leaving(demand)


def _team_days(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for stops in team_days(problem, placements).values():
        yield tuple(p.demand_id for p in stops), facts(problem, stops[0]), 1


def _visits(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for stops in team_days(problem, placements).values():
        arrivals = len(score.sites_visited(stops))
        yield tuple(p.demand_id for p in stops), {**facts(problem, stops[0]), "visits": str(arrivals)}, arrivals


def _road(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for stops in team_days(problem, placements).values():
        minutes = score.drive_minutes(problem, stops)
        yield tuple(p.demand_id for p in stops), {**facts(problem, stops[0]), "minutes": str(minutes)}, minutes


def _disliked(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for placement in placements:
        points = score.dislike(problem, placement)
        if points:
            yield (placement.demand_id,), facts(problem, placement), points


def _same_day(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for first, second, days in score.gaps(problem, placements):
        if days == 0:
            before = problem.demand_by_id[first.demand_id].task_id
            yield (first.demand_id, second.demand_id), {**facts(problem, second), "before": before}, 1


def _late(problem: Problem, placements: Sequence[Placement]) -> Wish:
    most = problem.weights.gap_max
    for first, second, days in score.gaps(problem, placements):
        if days > most:
            about = {"before": problem.demand_by_id[first.demand_id].task_id, "days": str(days), "most": str(most)}
            yield (first.demand_id, second.demand_id), {**facts(problem, second), **about}, days - most


def _fair(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for kind, spread in score.spreads(problem, score.loads(problem, placements)):
        if spread:
            yield (), {"kind": kind, "sessions": str(spread)}, spread


def _end(problem: Problem, placements: Sequence[Placement]) -> Wish:
    if placements:
        last = max(placement.day for placement in placements)
        ids = tuple(placement.demand_id for placement in placements if placement.day == last)
        yield ids, {"day": last.isoformat()}, problem.days.index(last)


def _again(problem: Problem, placements: Sequence[Placement]) -> Wish:
    for id_, times in score.moved_again(problem, placements):
        demand = problem.demand_by_id[id_]
        site = problem.site_by_id[demand.home].place.name if demand.home in problem.site_by_id else demand.home
        yield (id_,), {"group": demand.group_id, "activity": demand.task_id, "site": site, "times": str(times)}, times


OWN_PRICE = ("unplaced", "disliked")
"""Wishes whose units are points: each session, and each half-day at a site, has a price of its own."""


def _priced(name: str, weight: str, wish: Callable[[Problem, Sequence[Placement]], Wish]) -> Violations:
    """Return the violations of a wish, each with the points it costs; one that costs nothing is none."""

    def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
        price = 1 if name in OWN_PRICE else getattr(problem.weights, weight)
        for ids, about, units in wish(problem, placements):
            if price * units:
                yield Violation(name, ids, {**about, "points": str(price * units)})

    return violations


def _wish(
    name: str, sentence: str, weight: str, term: str, wish: Callable[[Problem, Sequence[Placement]], Wish]
) -> Rule:
    return Rule(name, sentence, _priced(name, weight, wish), "soft", weight=weight, term=term)


WISHES: tuple[Rule, ...] = (
    _wish(
        "unplaced", "{group} : « {activity} » n’a pas de place ({points} points).", "unplaced", "unplaced", _unplaced
    ),
    _wish("used_team_day", "« {team} » est en route le {day} ({points} points).", "team_day", "team_day", _team_days),
    _wish("visits", "« {team} » s’installe {visits} fois le {day} ({points} points).", "visit", "visit", _visits),
    _wish("road", "« {team} » fait {minutes} minutes de route le {day} ({points} points).", "drive", "drive", _road),
    _wish(
        "disliked",
        "{group} : « {activity} » tombe le {day} à {start}, une demi-journée que {site} préfère éviter "
        "({points} points).",
        "disliked",
        "pref",
        _disliked,
    ),
    _wish(
        "same_day",
        "{group} a « {before} » et « {activity} » le même jour, le {day} ({points} points).",
        "same_day",
        "gap",
        _same_day,
    ),
    _wish(
        "late_gap",
        "{group} attend {days} jours entre « {before} » et « {activity} », plus que {most} ({points} points).",
        "late_gap",
        "gap",
        _late,
    ),
    _wish(
        "fairness",
        "Entre les équipes du type « {kind} », la plus chargée a {sessions} séances de plus que la moins chargée "
        "({points} points).",
        "fair",
        "fair",
        _fair,
    ),
    _wish(
        "moved_again",
        "{group} : « {activity} » change encore de place ; versions qui ont déjà déplacé {site} : {times} "
        "({points} points).",
        "again",
        "again",
        _again,
    ),
    _wish("last_day", "La dernière séance a lieu le {day} ({points} points).", "end", "end", _end),
)
