"""Permissions of schools: watched, ticked, taken back."""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.events import PermissionLevelsSet, PermissionsMarked
from services.contracts.values import Edition, GivenPermission, permission_levels
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.permissions import Given, programmes_of
from services.registration.handlers.common import asking_of, by_name, find_edition, lock_edition, lock_enrolment
from services.registration.ports import Transaction


def list_permissions(request: rpc.ListPermissions, tx: Transaction) -> tuple[rpc.SchoolPermissions, ...]:
    """The permissions of every school that takes part, by name."""
    edition = find_edition(request.edition_id, tx)
    return tuple(_shown(enrolment, edition, tx) for enrolment in by_name(edition.id, tx) if enrolment.groups)


def set_permission_levels(request: rpc.SetPermissionLevels, tx: Transaction) -> rpc.Asking:
    """Say which permissions are watched or needed."""
    edition = lock_edition(request.edition_id, tx)
    asking = replace(tx.asking.get(edition.id), levels=permission_levels(request.levels))
    tx.asking.save(edition.id, asking)
    tx.history.add(edition.id, "", "levels_set", **{str(kind): level for kind, level in asking.levels.items()})
    tx.emit(PermissionLevelsSet(edition.id, asking.levels))
    return asking_of(asking, edition.id, tx)


def mark_permission(request: rpc.MarkPermission, tx: Transaction) -> rpc.SchoolPermissions:
    """Tick a permission or take it back; what is so already stays."""
    edition = find_edition(request.edition_id, tx)
    enrolment = lock_enrolment(edition.id, request.school_id, tx)
    if request.by == "school" and request.kind != "director":
        raise refused("permission_not_yours")
    if request.programme_id not in programmes_of(enrolment.groups):
        raise refused("programme_not_taken")
    others = tuple(
        one for one in enrolment.permissions if (one.kind, one.programme_id) != (request.kind, request.programme_id)
    )
    if request.given == (len(others) == len(enrolment.permissions)):
        given = (Given(request.kind, request.programme_id, tx.now, request.by),) if request.given else ()
        enrolment = replace(enrolment, permissions=(*others, *given))
        tx.enrolments.save(enrolment)
        has = tuple(GivenPermission(one.kind, one.programme_id) for one in enrolment.permissions)
        tx.emit(PermissionsMarked(edition.id, request.school_id, has))
        code = "permitted" if request.given else "unpermitted"
        facts = {"programme": request.programme_id, "kind": request.kind, "by": request.by}
        tx.history.add(edition.id, request.school_id, code, **facts)
    return _shown(enrolment, edition, tx)


def _shown(enrolment: Enrolment, edition: Edition, tx: Transaction) -> rpc.SchoolPermissions:
    return rpc.SchoolPermissions(enrolment.school.id, enrolment.school.name, permissions_of(enrolment, edition, tx))


def permissions_of(enrolment: Enrolment, edition: Edition, tx: Transaction) -> tuple[rpc.Permission, ...]:
    """Return the permissions watched, for each programme of the school."""
    names = {programme.id: programme.name for programme in edition.programmes}
    given = {(one.kind, one.programme_id): one for one in enrolment.permissions}
    levels = permission_levels(tx.asking.get(edition.id).levels)
    return tuple(
        rpc.Permission(
            kind=kind,
            programme_id=id_,
            programme_name=names.get(id_, id_),
            level=level,
            given_at=known.at if (known := given.get((kind, id_))) else None,
            by=known.by if known else None,
        )
        for id_ in programmes_of(enrolment.groups)
        for kind, level in levels.items()
        if level != "off"
    )
