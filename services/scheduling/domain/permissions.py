"""Permissions of schools as registration tells them, and what a plan still lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.contracts.values import GivenPermission, PermissionKind, PermissionLevel, Session, permission_levels


@dataclass(frozen=True)
class Permissions:
    """What is watched in an edition, and what each school has. ``levels``: those that are not the usual ones."""

    levels: Mapping[PermissionKind, PermissionLevel] = field(default_factory=dict)
    given: Mapping[str, tuple[GivenPermission, ...]] = field(default_factory=dict)

    def lacking(self, planned: Iterable[Session], now: dt.datetime) -> dict[tuple[str, str, PermissionKind], list[str]]:
        """Return the sessions to come that lack a permission which is watched, by school, programme and kind."""
        watched = [kind for kind, level in permission_levels(self.levels).items() if level != "off"]
        lacking: dict[tuple[str, str, PermissionKind], list[str]] = {}
        for session in sorted(planned, key=lambda session: (session.school_id, session.start)):
            for kind in watched if session.start > now else ():
                if GivenPermission(kind, session.programme_id) not in self.given.get(session.school_id, ()):
                    lacking.setdefault((session.school_id, session.programme_id, kind), []).append(session.id)
        return lacking
