"""What calendars of providers say of their teams, taken into account: times in which nothing new is planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.contracts.values import Busy, Provider, Session, Team
from services.scheduling.domain.demand import Basis
from services.scheduling.domain.plan import PARIS

BusyTeams = Mapping[str, Mapping[str, tuple[Busy, ...]]]
"""Stretches by provider and team; empty id of a team: every team of the provider."""


def with_busy(basis: Basis, busy: BusyTeams, released: Iterable[Session], open_from: dt.date | None) -> Basis:
    """Return the basis with teams taken when their calendars say so.

    Days before ``open_from`` are over. A time that is just that of a released session of the team is that session,
    which someone copied into the calendar by hand.
    """
    copies = {(session.provider_id, session.team_id, _stretch(session)) for session in released}

    def taken(provider: Provider, team: Team) -> Team:
        told = busy.get(provider.id, {})
        stretches = {
            one
            for one in (*told.get("", ()), *told.get(team.id, ()))
            if (open_from is None or one.day >= open_from) and (provider.id, team.id, one) not in copies
        }
        return replace(team, busy=(*team.busy, *sorted(stretches)))

    providers = (replace(p, teams=tuple(taken(p, t) for t in p.teams)) for p in basis.edition.providers)
    return replace(basis, edition=replace(basis.edition, providers=tuple(providers)))


def _stretch(session: Session) -> Busy:
    start, end = session.start.astimezone(PARIS), session.end.astimezone(PARIS)
    return Busy(start.date(), start.hour * 60 + start.minute, end.hour * 60 + end.minute)
