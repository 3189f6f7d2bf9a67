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
from services.scheduling.domain.explain.serving import serving, serving_told, smallest_told
from services.scheduling.domain.explain.waiting import waiting
from services.scheduling.domain.explain.whole import loads, standing
from services.scheduling.domain.plan import Proposal
from services.scheduling.handlers.editions import problem_of
from services.scheduling.ports import Explainer, Transaction

MOST_SEARCHED = 20
"""Sessions left out for which a free place is looked for: a person waits for the answer."""


def explain_plan(request: rpc.ExplainPlan, tx: Transaction, *, explainer: Explainer) -> rpc.Explanation:
    """How good a proposal is and why it leaves sessions out, by the inputs it was made on."""
    proposal = tx.proposals.get(request.edition_id, request.proposal_id)
    places, labels = _places(tx, proposal)
    problem, placements = places.problem, proposal.placements
    left_out = [demand for demand in problem.demands if demand.id not in places.placed]
    found = (why_left_out(places, demand.id, search=i < MOST_SEARCHED) for i, demand in enumerate(left_out))
    served = serving(problem, placements) if left_out else []
    smallest = smallest_told(problem, left_out, served)
    points, is_optimal = sum(proposal.cost.values()), proposal.status == "optimal"
    ways = [*waiting(proposal.basis)]
    if left_out:
        whole = build(proposal.basis)
        ways += [*explainer.ways_out(whole), *room_told(whole, placements)]
    return rpc.Explanation(
        reasons=labels.all_named(found),
        ways=labels.all_named(ways),
        standing=labels.all_named(standing(points, proposal.bound, len(left_out), is_optimal=is_optimal)),
        loads=labels.all_named(loads(problem, placements)),
        serving=labels.all_named(serving_told(problem, served)),
        smallest=tuple(labels.named(smallest[d.id]) if d.id in smallest else None for d in left_out),
    )


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
