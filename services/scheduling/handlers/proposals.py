"""Proposals and drafts: which there are, which may still be released, which are given up."""

from __future__ import annotations

import datetime as dt

from services.contracts import rpc
from services.contracts.errors import refused
from services.scheduling.domain.demand import build, fingerprint
from services.scheduling.domain.plan import Listed
from services.scheduling.handlers.editions import basis_of
from services.scheduling.ports import Transaction

LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc)


def list_proposals(request: rpc.ListProposals, tx: Transaction) -> tuple[rpc.ProposalSummary, ...]:
    """The latest proposals and drafts, latest first."""
    inputs = fingerprint(build(basis_of(tx, request.edition_id)))
    released = {release.proposal_id: release.number for release in tx.releases.of(request.edition_id)}
    last = last_turn(tx, request.edition_id)
    return tuple(_summary(one, inputs, released, last) for one in tx.proposals.of(request.edition_id))


def discard_proposal(request: rpc.DiscardProposal, tx: Transaction) -> None:
    """Forget a proposal."""
    tx.editions.lock(request.edition_id)
    if tx.releases.made_from(tx.proposals.get(request.edition_id, request.proposal_id).id):
        raise refused("proposal_released")
    tx.proposals.discard(request.edition_id, request.proposal_id, tx.now)


def last_turn(tx: Transaction, edition_id: str) -> dt.datetime:
    """Return when the last calculation that gave a plan began, or the last release was made: what is older is over."""
    release = tx.releases.current(edition_id)
    begun = (job.created_at for job in tx.jobs.of(edition_id) if job.proposal_id)
    return max([*begun, *([release.released_at] if release else [])], default=LONG_AGO)


def _summary(one: Listed, inputs: str, released: dict[str, int], last: dt.datetime) -> rpc.ProposalSummary:
    state: rpc.ProposalState = "ready"
    if one.id in released:
        state = "released"
    elif one.inputs != inputs:
        state = "outdated"
    elif one.made_at < last:
        state = "superseded"
    return rpc.ProposalSummary(
        one.id, one.made_at, bool(one.made_from), one.placed, one.points, one.optimal, state, released.get(one.id)
    )
