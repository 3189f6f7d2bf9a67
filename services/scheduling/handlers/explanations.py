"""Why a plan is as it is: sessions left out, and each session's place."""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import HalfDay
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.demand import build
from services.scheduling.domain.explain.labels import Labels, labels_of_basis
from services.scheduling.domain.explain.left_out import why_left_out
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.explain.room_for import room_told
from services.scheduling.domain.explain.waiting import waiting
from services.scheduling.domain.plan import Proposal
from services.scheduling.handlers.editions import problem_of
from services.scheduling.ports import Explainer, Transaction

MOST_SEARCHED = 20
"""Sessions left out for which a free place is looked for: a person waits for the answer."""


def explain_plan(request: rpc.ExplainPlan, tx: Transaction, *, explainer: Explainer) -> rpc.Explanation:
    """Why a proposal leaves sessions out, by the inputs it was made on, and which groups no rule could form."""
    proposal = tx.proposals.get(request.edition_id, request.proposal_id)
    places, labels = _places(tx, proposal)
    left_out = [demand.id for demand in places.problem.demands if demand.id not in places.placed]
    found = (why_left_out(places, id_, search=i < MOST_SEARCHED) for i, id_ in enumerate(left_out))
    reasons = [labels.named(reason) for reason in found]
    ways = [*waiting(proposal.basis)]
    if left_out:
        problem = build(proposal.basis)
        ways += [*explainer.ways_out(problem), *room_told(problem, proposal.placements)]
    return rpc.Explanation(tuple(reasons), tuple(labels.named(way) for way in ways))


def explain_session(request: rpc.ExplainSession, tx: Transaction) -> rpc.SessionExplanation:
    """Why a session is where it is, and each other half-day with its price or what it breaks."""
    places, labels = _places(tx, tx.proposals.get(request.edition_id, request.proposal_id))
    id_ = request.session_id
    if id_ not in places.problem.demand_by_id:
        raise refused("unknown_session")
    why = places.why_here(id_) if id_ in places.placed else (why_left_out(places, id_),)
    return rpc.SessionExplanation(tuple(labels.named(reason) for reason in why), _others(places, labels, id_))


def _places(tx: Transaction, proposal: Proposal) -> tuple[Places, Labels]:
    """Ask about a plan with what is over, what was released and what was refused by now; a release keeps nothing."""
    problem = problem_of(tx, proposal.basis)
    if problem.baseline and tx.releases.made_from(proposal.id):
        held = tuple(frozen(problem).values())
        problem = replace(problem, baseline=replace(problem.baseline, placements=held))
    return Places(problem, proposal.placements), labels_of_basis(proposal.basis)


def _others(places: Places, labels: Labels, demand_id: str) -> tuple[rpc.OtherPlace, ...]:
    found = []
    for day, half in places.capacity.half_days:
        place = places.at(demand_id, day, half)
        if place:
            broken = tuple(labels.named(violation) for violation in place.broken)
            sentence = labels.named(places.told(demand_id, place))
            found.append(rpc.OtherPlace(HalfDay(day, "pm" if half else "am"), sentence, place.points, broken))
    return tuple(found)
