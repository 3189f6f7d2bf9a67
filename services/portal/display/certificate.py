"""The certificate of service done: what a provider gave, session by session, for its payment.

Whoever orders a payment certifies that the service was done (décret n° 2012-1246, article 31): the organiser signs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.rpc import GetEdition, ListTeamDays, PlannedSession, TeamDay
from services.portal.display.agenda import day_of
from services.portal.display.reach import came, was_given
from services.portal.files.paper import paper
from services.portal.web.pages import ask


@dataclass(frozen=True)
class Certificate:
    """What a provider gave. ``kilometres``: as planned, of the days on which it gave at least one session."""

    given: tuple[PlannedSession, ...]
    cancelled: tuple[PlannedSession, ...]
    untold: tuple[PlannedSession, ...]
    kilometres: float

    @property
    def minutes(self) -> int:
        """How long the sessions lasted, in minutes."""
        return sum(lasted(one) for one in self.given)

    @property
    def pupils(self) -> int:
        """How many pupils came, counted anew at each session."""
        return sum(came(one) for one in self.given)


def lasted(one: PlannedSession) -> int:
    """Return how long a session lasted, in minutes."""
    if one.outcome and one.outcome.minutes:
        return one.outcome.minutes
    return int((one.session.end - one.session.start).total_seconds()) // 60


def certificate_of(days: Sequence[TeamDay]) -> Certificate:
    """Return the certificate for the days of a provider's teams."""
    sessions = tuple(visit.planned for day in days for visit in day.visits)
    return Certificate(
        tuple(one for one in sessions if was_given(one)),
        tuple(one for one in sessions if one.outcome and one.outcome.state == "cancelled"),
        tuple(one for one in sessions if one.outcome is None),
        sum(day.kilometres for day in days if any(was_given(visit.planned) for visit in day.visits)),
    )


async def show_certificate(request: Request, edition_id: str, provider_id: str, back: str) -> Response:
    """Answer with a provider's certificate. Raises HTTPException 404 for a provider the edition does not have."""
    edition, days = await asyncio.gather(
        ask(request, GetEdition(edition_id)), ask(request, ListTeamDays(edition_id, provider_id))
    )
    provider = next((one for one in edition.providers if one.id == provider_id), None)
    if provider is None:
        raise HTTPException(404)
    return await paper(
        request,
        "paper/certificate.html",
        f"attestation-{edition.id}-{provider.id}",
        back=back,
        edition=edition,
        provider=provider,
        certificate=certificate_of(days),
        lasted=lasted,
        day_of=day_of,
    )
