"""What registration is asked about permissions: who has to agree before an outsider comes into a class."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.rpc.asking import Asking
from services.contracts.rpc.request import Query, Request
from services.contracts.values import AnsweredBy, PermissionKind, PermissionLevel


@dataclass(frozen=True)
class Permission:
    """One permission of a school for a programme. ``given_at`` None: not given yet. ``by``: who ticked it."""

    kind: PermissionKind
    programme_id: str
    programme_name: str
    level: PermissionLevel
    given_at: dt.datetime | None = None
    by: AnsweredBy | None = None


@dataclass(frozen=True)
class SchoolPermissions:
    """The permissions of a school, those the organiser watches."""

    school_id: str
    school_name: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True)
class ListPermissions(Query[tuple[SchoolPermissions, ...]]):
    """The permissions of every school that takes part, by name."""

    service = "registration"
    answer = tuple[SchoolPermissions, ...]
    edition_id: str


@dataclass(frozen=True)
class SetPermissionLevels(Request[Asking]):
    """Say which permissions are watched, and which are needed before a plan is released and a school may confirm."""

    service = "registration"
    answer = Asking
    edition_id: str
    levels: dict[PermissionKind, PermissionLevel]


@dataclass(frozen=True)
class MarkPermission(Request[SchoolPermissions]):
    """Tick a permission of a school for a programme, or take it back. A school itself ticks its director's only."""

    service = "registration"
    answer = SchoolPermissions
    edition_id: str
    school_id: str
    programme_id: str
    kind: PermissionKind
    given: bool
    by: AnsweredBy = "organiser"
