"""Links and tokens that open a door without an account."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from services.contracts.rpc import Access, AccessScope


class Links(Protocol):
    """Links that open a school's page. Tokens are derived from a seed of their own; only their hashes are kept."""

    def issue(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        """Make the school's first link, unless it has had one; return the seed of its last link."""
        ...

    def revoke(self, edition_id: str, school_id: str, at: dt.datetime) -> None:
        """End the school's links."""
        ...

    def renew(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        """Make a new link and return its seed; those before must be revoked."""
        ...

    def tokens(self, edition_id: str) -> dict[str, str]:
        """Return the token of each school's valid link, by school."""
        ...

    def find(self, token_sha256: str) -> tuple[str, str, dt.datetime] | None:
        """Return the edition, the school and the making of the link with this hash, unless it is revoked."""
        ...


class Accesses(Protocol):
    """Programs let in by the API; only hashes of their tokens are kept."""

    def all(self, edition_id: str) -> tuple[Access, ...]:
        """Return those of an edition, latest first."""
        ...

    def add(self, edition_id: str, access: Access, token_sha256: str) -> None:
        """Let a program in."""
        ...

    def revoke(self, edition_id: str, access_id: str, at: dt.datetime) -> None:
        """Keep a program out; does nothing when it is."""
        ...

    def find(self, token_sha256: str) -> AccessScope | None:
        """Return what the token with this hash opens, unless it is revoked."""
        ...
