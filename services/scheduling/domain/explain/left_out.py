"""Why a session was left out: the plainest reason alone."""

from __future__ import annotations

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.explain.before import possible, said
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.problem import Barred, Demand


def why_left_out(places: Places, demand_id: str, *, search: bool = True) -> Finding:
    """Return why a session of a plan has no place. ``search``: look for a free place too, which takes longer."""
    demand = places.problem.demand_by_id[demand_id]
    looks = (_before, _shut, *((_free, _refused) if search else ()), _short, *((_after_others,) if search else ()))
    found = next((finding for look in looks if (finding := look(places, demand))), None)
    return found or _told("explain_left_full" if search else "explain_left_unfound", demand)


def _told(code: str, demand: Demand, **facts: str) -> Finding:
    return Finding(code, {"group": demand.group_id, "activity": demand.task_id, **facts})


def _before(places: Places, demand: Demand) -> Finding | None:
    """What must come before it has no place."""
    missing = [before for before in demand.after if before not in places.placed]
    if not missing:
        return None
    return _told("explain_left_before", demand, before=places.problem.demand_by_id[missing[0]].task_id)


def _shut(places: Places, demand: Demand) -> Finding | None:
    """No opening holds it on a day on which a team is there."""
    capacity = places.capacity
    if any(possible(capacity, lot) for lot in capacity.lots if demand in lot.demands):
        return None
    site = places.problem.site_by_id[demand.sites[0]].place.name if demand.sites else demand.home
    return _told("explain_left_shut", demand, site=site)


def _free(places: Places, demand: Demand) -> Finding | None:
    """There is a place after all."""
    free = next(iter(places.others(demand.id)), None)
    if free is None:
        return None
    return _told("explain_left_free", demand, half_day=said([(free.day, free.half)]), team=free.crew_id)


def _refused(places: Places, demand: Demand) -> Finding | None:
    """There would be a place, had it not been refused."""
    refused = sorted({(each.day, each.half) for each in demand.barred if _is_only_refused(places, demand, each)})
    return _told("explain_left_refused", demand, half_days=said(refused)) if refused else None


def _is_only_refused(places: Places, demand: Demand, barred: Barred) -> bool:
    place = places.at(demand.id, barred.day, barred.half)
    return place is not None and {violation.rule for violation in place.broken} == {"refused"}


def _short(places: Places, demand: Demand) -> Finding | None:
    """Its providers have too few places for all."""
    row = next((row for row in places.slack if row.kind == _kind(places, demand)), None)
    if row is None or not row.missing:
        return None
    facts = {"places": str(row.places), "sessions": str(row.sessions)}
    return _told("explain_left_short", demand, providers=", ".join(row.providers), **facts)


def _after_others(places: Places, demand: Demand) -> Finding | None:
    """The edition's priorities put others before it that its providers serve."""
    served = (places.problem.demand_by_id[id_] for id_ in places.placed)
    kind = _kind(places, demand)
    comes_after = any(other.priority > demand.priority and _kind(places, other) == kind for other in served)
    return _told("explain_left_after_others", demand) if comes_after else None


def _kind(places: Places, demand: Demand) -> str:
    return places.problem.task_by_id[demand.task_id].provider_kind
