"""Links of schools: what one opens, and the organiser's ways to end it."""

from __future__ import annotations

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.links import last_day_of_link
from services.registration.handlers.common import find_edition, lock_enrolment, registrations_of, tell
from services.registration.ports import Transaction


def open_school_link(request: rpc.OpenSchoolLink, tx: Transaction) -> rpc.SchoolScope:
    """What a school's link opens."""
    found = tx.links.find(request.link)
    if found is None:
        raise refused("unknown_link")
    edition_id, school_id, issued_at = found
    last_day = last_day_of_link(find_edition(edition_id, tx).last_day, issued_at)
    if tx.now.date() > last_day:
        raise refused("link_expired", day=str(last_day))
    return rpc.SchoolScope(edition_id, school_id)


def revoke_school_link(request: rpc.RevokeSchoolLink, tx: Transaction) -> rpc.Registration:
    """End a school's link; a new one takes its place where that is asked."""
    edition = find_edition(request.edition_id, tx)
    enrolment = lock_enrolment(edition.id, request.school_id, tx)
    tx.links.revoke(edition.id, request.school_id, tx.now)
    if request.renew:
        tell(enrolment, tx.links.renew(edition.id, request.school_id, tx.now), tx)
    tx.history.add(edition.id, request.school_id, "link_renewed" if request.renew else "link_revoked")
    return registrations_of([enrolment], edition, tx)[0]
