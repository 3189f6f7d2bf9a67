"""What has happened already: days that no longer change, sessions that were held, schools that were moved before."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from services.contracts.values import PARIS, Edition, HalfDay, Session
from services.scheduling.domain.changes import compare
from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.constraints.refused import is_barred
from services.scheduling.domain.demand import venue_as_site, venue_site
from services.scheduling.domain.plan import SCHOOL, Answers, Pin, Refusal, Release
from services.scheduling.domain.problem import Barred, Baseline, Demand, Placement, Problem


def first_open_day(edition: Edition, now: dt.datetime, asked: dt.date | None = None) -> dt.date | None:
    """Return the first day that may still change; None when all may.

    Only while the edition runs does the clock freeze anything: what lies before today was held, and today's teams are
    on the road, so today changes only when it is asked for. Before its first day nothing was held yet. After its last
    day an edition is an archive or is played as an example, and all of it may be planned again; there, as before the
    first day, ``asked`` alone decides.
    """
    today = now.astimezone(PARIS).date()
    if not edition.first_day <= today <= edition.last_day:
        return asked
    return max(asked, today) if asked else today + dt.timedelta(days=1)


def first_open_minute(edition: Edition, now: dt.datetime, open_from: dt.date | None) -> int:
    """Return the minute before which nothing of the first open day changes: 0 unless the edition runs and it is today.

    What starts in this very minute is under way.
    """
    today, minute = minute_of(now)
    runs = edition.first_day <= today <= edition.last_day
    return minute + 1 if runs and open_from == today else 0


def minute_of(instant: dt.datetime) -> tuple[dt.date, int]:
    """Return the day and the minutes after midnight of an instant, in Paris."""
    local = instant.astimezone(PARIS)
    return local.date(), local.hour * 60 + local.minute


def with_history(
    problem: Problem,
    edition: Edition,
    released: Sequence[Placement],
    sessions: Sequence[Session],
    answers: Answers,
    open_from: dt.date | None,
    refusals: Sequence[Refusal] = (),
    moved_before: Mapping[str, int] | None = None,
    open_minute: int = 0,
) -> Problem:
    """Return the problem with the release in force as what to keep; sessions that someone declined are free to move.

    ``released``: its placements, ``sessions``: the same in the words of the contracts. ``open_from``: the first day
    that may change, but for what starts on it before ``open_minute``. ``refusals``: slots not to be proposed again to
    whoever refused them, now or on an earlier release. ``moved_before``: see Baseline. What was held somewhere stays
    sayable, even where it could no longer be held.
    """
    declined = {s.id for s in sessions if "declined" in (answers.school(s), answers.provider(s))}
    confirmed = frozenset(s.id for s in sessions if answers.school(s) == "confirmed") - declined
    offered = tuple(p for p in released if p.demand_id not in declined)
    baseline = Baseline(offered, confirmed, open_from, moved_before=moved_before or {}, frozen_minute=open_minute)
    held = {p for p in offered if is_past(replace(problem, baseline=baseline), p)}
    problem = _where_held(problem, edition, held)
    standing = _standing(refusals, sessions, answers, edition.noon)
    problem = replace(problem, demands=tuple(_barred(d, standing, problem, open_from) for d in problem.demands))
    kept = tuple(p for p in offered if is_sayable(problem, p) and (p in held or not is_barred(problem, p)))
    return replace(problem, baseline=replace(baseline, placements=kept))


def with_pins(problem: Problem, pins: Iterable[Pin]) -> Problem:
    """Return the problem with the organiser's pins; what can no longer be held there is free."""
    return replace(problem, pins=tuple(pin.placement for pin in pins if is_sayable(problem, pin.placement)))


def unbarred(problem: Problem) -> Problem:
    """Return the problem as if nobody had refused any half-day."""
    return replace(problem, demands=tuple(replace(demand, barred=()) for demand in problem.demands))


def moves_by_school(releases: Iterable[Release]) -> dict[str, int]:
    """Return how many releases so far moved sessions of each school."""
    numbered = sorted(releases, key=lambda release: release.number)
    steps = (compare(before.sessions, after.sessions) for before, after in pairwise(numbered))
    schools = ({c.after.school_id for c in step if c.kind == "moved" and c.after} for step in steps)
    return dict(Counter(school for step in schools for school in step))


def _standing(
    refusals: Sequence[Refusal], sessions: Sequence[Session], answers: Answers, noon: int
) -> dict[str, set[Barred]]:
    """Return by session the half-days refused, less those that the same party takes in the release in force."""
    standing: dict[str, set[Barred]] = defaultdict(set)
    for each in refusals:
        standing[each.session_id].add(_half_day_barred(each.start, noon, each.party))
    for session in sessions:
        takes = {SCHOOL: answers.school(session), session.provider_id: answers.provider(session)}
        took = (party for party, answer in takes.items() if answer in ("confirmed", "accepted"))
        standing[session.id] -= {_half_day_barred(session.start, noon, party) for party in took}
    return standing


def _half_day_barred(start: dt.datetime, noon: int, party: str) -> Barred:
    at = HalfDay.of(start, noon)
    return Barred(at.day, int(at.half == "pm"), "" if party == SCHOOL else party)


def _barred(demand: Demand, standing: Mapping[str, set[Barred]], problem: Problem, open_from: dt.date | None) -> Demand:
    """Return the demand with its refused half-days among those on which something may still change."""
    days = {day for day in problem.days if open_from is None or day >= open_from}
    barred = tuple(sorted(each for each in standing.get(demand.id, ()) if each.day in days))
    return replace(demand, barred=barred) if barred else demand


def _where_held(problem: Problem, edition: Edition, held: Iterable[Placement]) -> Problem:
    """Allow each session the place where it was held, and add common venues that no other session may use any more."""
    places = {p.demand_id: p.site_id for p in held}
    venues = {venue_site(venue.id): venue for venue in edition.venues}
    missing = sorted(set(places.values()) & venues.keys() - problem.site_by_id.keys())
    if not missing and all(places.get(d.id) in (None, *d.sites) for d in problem.demands):
        return problem
    sites = (*problem.sites, *(venue_as_site(edition, venues[id_]) for id_ in missing))
    return replace(problem, sites=sites, demands=tuple(_allowed(d, places.get(d.id)) for d in problem.demands))


def _allowed(demand: Demand, site_id: str | None) -> Demand:
    return demand if site_id in (None, *demand.sites) else replace(demand, sites=(*demand.sites, str(site_id)))


def is_sayable(problem: Problem, placement: Placement) -> bool:
    """Whether a released session can still be held as it was: its team, place and day are there."""
    demand = problem.demand_by_id.get(placement.demand_id)
    return (
        demand is not None
        and placement.site_id in demand.sites
        and placement.site_id in problem.site_by_id
        and placement.crew_id in problem.crew_by_id
        and placement.day in problem.days
    )
