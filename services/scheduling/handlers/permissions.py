"""Permissions that sessions to come lack: said with each plan, and asked for before its release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from services.contracts.values import PermissionKind, Session, permission_levels
from services.scheduling.domain.names import Names
from services.scheduling.domain.plan import Proposal
from services.scheduling.ports import Transaction


def lacking(tx: Transaction, proposal: Proposal, sessions: Sequence[Session]) -> tuple[rpc.LackingPermission, ...]:
    """Return what sessions of a plan lack, by school and programme."""
    permissions, names = tx.permissions.of(proposal.edition_id), Names(proposal.basis)
    levels = permission_levels(permissions.levels)
    return tuple(
        rpc.LackingPermission(
            kind=kind,
            level=levels[kind],
            school_id=school_id,
            school_name=names.school(school_id),
            programme_name=proposal.basis.edition.programme(programme_id).name,
            session_ids=tuple(session_ids),
        )
        for (school_id, programme_id, kind), session_ids in permissions.lacking(sessions, tx.now).items()
    )


def refuse_without_permission(tx: Transaction, proposal: Proposal, sessions: Sequence[Session]) -> None:
    """Raise Refused (``release_lacks_permission``) where a permission is missing that the organiser needs."""
    blocking = [one for one in lacking(tx, proposal, sessions) if one.level == "block"]
    problems = [
        Problem("release_lacks_permission", {"permission": kind, "schools": ", ".join(sorted(schools))})
        for kind in get_args(PermissionKind)
        if (schools := {one.school_name for one in blocking if one.kind == kind})
    ]
    if problems:
        raise Refused(*problems)
