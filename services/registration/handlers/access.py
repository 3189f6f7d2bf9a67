"""Programs that the organiser lets in by the API."""

from __future__ import annotations

from services.contracts import rpc
from services.contracts.errors import refused
from services.registration.handlers.common import find_edition
from services.registration.ports import Transaction

LONGEST_NAME = 80


def list_accesses(request: rpc.ListAccesses, tx: Transaction) -> tuple[rpc.Access, ...]:
    """The accesses of an edition."""
    return tx.accesses.all(find_edition(request.edition_id, tx).id)


def grant_access(request: rpc.GrantAccess, tx: Transaction) -> rpc.Access:
    """Let a program in."""
    edition, name = find_edition(request.edition_id, tx), " ".join(request.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise refused("access_name", longest=LONGEST_NAME)
    if request.id in {access.id for access in tx.accesses.all(edition.id)}:
        raise refused("access_granted", name=name)
    access = rpc.Access(request.id, name, request.writes, tx.now)
    tx.accesses.add(edition.id, access, request.token_sha256)
    tx.history.add(edition.id, "", "access_granted", access=access.id, writes=str(access.writes))
    return access


def revoke_access(request: rpc.RevokeAccess, tx: Transaction) -> rpc.Access:
    """Keep a program out."""
    tx.accesses.revoke(request.edition_id, request.access_id, tx.now)
    for access in tx.accesses.all(request.edition_id):
        if access.id == request.access_id:
            tx.history.add(request.edition_id, "", "access_revoked", access=access.id)
            return access
    raise refused("unknown_access")


def open_access(request: rpc.OpenAccess, tx: Transaction) -> rpc.AccessScope:
    """What a token opens."""
    scope = tx.accesses.find(request.token_sha256)
    if scope is None:
        raise refused("unknown_token")
    return scope
