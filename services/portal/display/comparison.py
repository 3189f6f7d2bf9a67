"""Plans side by side: what each is worth, what it would take to release it, and where their sessions differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.contracts.order import alphabetical
from services.contracts.rpc import NamedChange, Plan, PlannedSession

MOST = 200
"""Sessions that differ, at most, on one page."""


@dataclass(frozen=True)
class Column:
    """A plan beside others. ``kinds``: changes since the release in force; ``mails``: how many it would send."""

    plan: Plan
    schools: int
    kinds: Counter[str]
    told_schools: int
    told_providers: int
    mails: int | None


@dataclass(frozen=True)
class Line:
    """A session that is not the same in all plans: where each has it, None where it is left out."""

    named: PlannedSession
    at: tuple[PlannedSession | None, ...]


def column_of(plan: Plan, changes: Sequence[NamedChange], mails: int | None) -> Column:
    """Return what stands above a plan's sessions."""
    providers = {name for one in changes for name in (one.provider_before, one.provider_after) if name}
    return Column(
        plan,
        len({p.session.school_id for p in plan.sessions}),
        Counter(one.change.kind for one in changes),
        len({one.school_name for one in changes}),
        len(providers),
        mails,
    )


def lines_of(plans: Sequence[Plan]) -> list[Line]:
    """Return the sessions on which plans differ, by school and group."""
    held = [{p.session.id: p for p in plan.sessions} for plan in plans]
    every = {id_: p for plan in reversed(held) for id_, p in plan.items()}
    lines = [Line(named, tuple(plan.get(id_) for plan in held)) for id_, named in every.items()]
    apart = [line for line in lines if len({_place(p) for p in line.at}) > 1]
    return sorted(apart, key=lambda line: _by_name(line.named))


def _by_name(one: PlannedSession) -> tuple[str, str, str]:
    return alphabetical(one.school_name), alphabetical(one.group_name), one.session.id


def _place(planned: PlannedSession | None) -> tuple[object, ...]:
    return (planned.session.start, planned.session.team_id, planned.session.venue_id) if planned else ()
