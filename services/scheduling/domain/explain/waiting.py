"""Groups that no rule could form: they wait for the organiser and are in no plan."""

from __future__ import annotations

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.demand import Basis


def waiting(basis: Basis) -> tuple[Finding, ...]:
    """Return a finding for each group whose exception is open."""
    return tuple(
        Finding("explain_group_waits", {"group": f"{one.school.name}, {group.name}", "pupils": str(group.pupils)})
        for one in basis.registered
        for group in one.groups
        if group.undecided
    )
