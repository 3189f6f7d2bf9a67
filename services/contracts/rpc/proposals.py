"""What scheduling is asked about the plans that nobody was told yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request

ProposalState = Literal["ready", "outdated", "superseded", "released"]


@dataclass(frozen=True)
class ProposalSummary:
    """A proposal in a list. ``by_hand``: a draft; ``points``: what it costs; ``release``: the release it became.

    ``superseded``: a later calculation or release came after it; only the latest is released.
    """

    id: str
    made_at: dt.datetime
    by_hand: bool
    placed: int
    points: int
    optimal: bool
    state: ProposalState
    release: int | None = None


@dataclass(frozen=True)
class ListProposals(Query[tuple[ProposalSummary, ...]]):
    """The latest proposals and drafts of an edition, latest first, without those that were discarded."""

    service = "scheduling"
    answer = tuple[ProposalSummary, ...]
    edition_id: str


@dataclass(frozen=True)
class TakeUpProposal(Request[str]):
    """Make a draft of an earlier proposal, less what can no longer be held, and answer with its id."""

    service = "scheduling"
    answer = str
    edition_id: str
    proposal_id: str


@dataclass(frozen=True)
class DiscardProposal(Request[None]):
    """Forget a proposal. Refused for one that is a release."""

    service = "scheduling"
    answer = type(None)
    edition_id: str
    proposal_id: str
