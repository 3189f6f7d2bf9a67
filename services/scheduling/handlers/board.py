"""What the board shows beside sessions: the roads, set-ups and packings of the teams, and what is fixed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import Activity, Session, Team
from services.scheduling.domain.plan import Pin, instant, sessions
from services.scheduling.domain.team_days import arrival, days_of_teams, departure, road, stays
from services.scheduling.handlers.editions import refuse_clash
from services.scheduling.ports import Transaction


def list_stretches(request: rpc.ListStretches, tx: Transaction) -> tuple[rpc.Stretch, ...]:
    """What teams do between their sessions on some days of a plan."""
    proposal = tx.proposals.get(request.edition_id, request.proposal_id)
    edition, wanted = proposal.basis.edition, set(request.days)
    activities = {a.id: a for programme in edition.programmes for a in programme.activities}
    held = sessions(proposal.basis, (p for p in proposal.placements if p.day in wanted))
    return tuple(
        stretch
        for _, _, team, of_day in days_of_teams(edition, held)
        for stretch in _stretches(team, of_day, activities)
        if stretch.start < stretch.end
    )


def _stretches(team: Team, held: Sequence[Session], activities: dict[str, Activity]) -> Iterator[rpc.Stretch]:
    def activity(session: Session) -> Activity:
        return activities[session.activity_id]

    here, left = team.depot, None
    for stay in stays(held):
        arrives, leaves = arrival(stay, activity), departure(stay, activity)
        on_road = dt.timedelta(minutes=road(here, stay[0].place)[0])
        starts = left or arrives - on_road
        yield rpc.Stretch(team.id, "road", starts, starts + on_road)
        yield rpc.Stretch(team.id, "setup", arrives, stay[0].start)
        yield rpc.Stretch(team.id, "packing", stay[-1].end, leaves)
        here, left = stay[-1].place, leaves
    if left:
        yield rpc.Stretch(team.id, "road", left, left + dt.timedelta(minutes=road(here, team.depot)[0]))


def pin_session(request: rpc.PinSession, tx: Transaction) -> rpc.Pin:
    """Fix a session where a plan has it; the same again changes nothing. Raises Refused for what cannot hold."""
    tx.editions.lock(request.edition_id)
    held = tx.proposals.get(request.edition_id, request.proposal_id).placements
    placement = next((p for p in held if p.demand_id == request.session_id), None)
    if placement is None:
        raise refused("unknown_session")
    pin = Pin(placement, request.comment, tx.now)
    known = next((p for p in tx.pins.of(request.edition_id) if replace(p, at=pin.at) == pin), None)
    if known is None:
        refuse_clash(tx, request.edition_id, placement)
        tx.pins.save(request.edition_id, pin)
    return _pin(known or pin)


def unpin_session(request: rpc.UnpinSession, tx: Transaction) -> None:
    """Let a session move again."""
    tx.editions.lock(request.edition_id)
    tx.pins.remove(request.edition_id, request.session_id)


def list_pins(request: rpc.ListPins, tx: Transaction) -> tuple[rpc.Pin, ...]:
    """The sessions fixed, in the order of time."""
    tx.editions.get(request.edition_id)
    return tuple(sorted(map(_pin, tx.pins.of(request.edition_id)), key=lambda pin: (pin.start, pin.session_id)))


def _pin(pin: Pin) -> rpc.Pin:
    at = pin.placement
    return rpc.Pin(at.demand_id, at.crew_id, instant(at.day, at.start), pin.comment, pin.at)
