"""Who has to agree, or to be told, before an outsider takes part in teaching at a primary school.

The rules come from circular n° 92-196 of 3 July 1992 (BO n° 29 of 16 July 1992); docs/reference/permissions.md has them
with what is only custom. The approval (agrément) of decree n° 2017-766 of 4 May 2017 is for physical education alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.contracts.errors import Problem
from services.contracts.values import AnsweredBy, Group, PermissionKind, PermissionLevel, permission_levels
from services.registration.domain.answers import Slot


@dataclass(frozen=True)
class Given:
    """A permission a school has for a programme: when it was ticked, and by whom."""

    kind: PermissionKind
    programme_id: str
    at: dt.datetime
    by: AnsweredBy


def programmes_of(groups: Iterable[Group]) -> list[str]:
    """Return the programmes a school takes part in."""
    return sorted({group.programme_id for group in groups})


def blocking(
    slots: Iterable[Slot], given: Iterable[Given], chosen: Mapping[PermissionKind, PermissionLevel]
) -> tuple[Problem, ...]:
    """Return what is missing before these slots may be confirmed, once for each programme."""
    has = {(one.kind, one.programme_id) for one in given}
    needed = [kind for kind, level in permission_levels(chosen).items() if level == "block"]
    activities = {slot.session.programme_id: slot.activity_name for slot in slots}
    return tuple(
        Problem(f"permission_{kind}", {"activity": activity})
        for programme_id, activity in sorted(activities.items())
        for kind in needed
        if (kind, programme_id) not in has
    )
