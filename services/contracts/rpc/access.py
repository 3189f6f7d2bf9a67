"""What registration is asked about programs that read or write an edition by the API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.rpc.request import Query, Request


@dataclass(frozen=True)
class Access:
    """A program's right to one edition. ``writes``: it may change things. ``revoked_at`` None: it counts."""

    id: str
    name: str
    writes: bool
    made_at: dt.datetime
    revoked_at: dt.datetime | None = None


@dataclass(frozen=True)
class ListAccesses(Query[tuple[Access, ...]]):
    """The accesses of an edition, latest first, the revoked ones too."""

    service = "registration"
    answer = tuple[Access, ...]
    edition_id: str


@dataclass(frozen=True)
class GrantAccess(Request[Access]):
    """Let a program in. ``token_sha256``: of its token, so that no message holds one. Refused for an ``id`` in use."""

    service = "registration"
    answer = Access
    edition_id: str
    id: str
    name: str
    writes: bool
    token_sha256: str


@dataclass(frozen=True)
class RevokeAccess(Request[Access]):
    """Keep a program out from now on. Revoking twice changes nothing."""

    service = "registration"
    answer = Access
    edition_id: str
    access_id: str


@dataclass(frozen=True)
class AccessScope:
    """What a token opens."""

    access_id: str
    edition_id: str
    writes: bool


@dataclass(frozen=True)
class OpenAccess(Query[AccessScope]):
    """Say what a token opens. Refused when it is unknown or revoked."""

    service = "registration"
    answer = AccessScope
    token_sha256: str
