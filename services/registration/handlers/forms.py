"""A school registers by its own form, saved as a draft until it is sent."""

from __future__ import annotations

import hashlib

from services.contracts import rpc
from services.contracts.codec import dumps
from services.contracts.errors import Refused, refused
from services.registration.domain.declaration import fields_of, read_declaration, tidy, without_class
from services.registration.domain.enrolment import Enrolment
from services.registration.handlers.common import find_edition, hold_edition, keep, lock_enrolment
from services.registration.handlers.keys import once
from services.registration.ports import Transaction


def get_registration_form(request: rpc.GetRegistrationForm, tx: Transaction) -> rpc.RegistrationForm:
    """The form as the school left it."""
    enrolment = tx.enrolments.get(request.edition_id, request.school_id)
    if enrolment is None:
        raise refused("unknown_school", school=request.school_id)
    edition, draft = find_edition(request.edition_id, tx), tx.drafts.get(request.edition_id, request.school_id)
    fields = draft.fields if draft else fields_of(enrolment.school, enrolment.classes)
    return rpc.RegistrationForm(
        edition_id=edition.id,
        edition_name=edition.name,
        organiser=edition.organiser,
        school_id=enrolment.school.id,
        school_name=enrolment.school.name,
        days=edition.action_days,
        programmes={programme.id: programme.name for programme in edition.programmes},
        fields=fields,
        declared=enrolment.declared is not None,
        drafted_at=draft.saved_at if draft else None,
        without_class=without_class(fields, edition),
        version=_version(enrolment),
    )


def save_draft(request: rpc.SaveDraft, tx: Transaction) -> None:
    """Keep what was typed, as it is."""
    lock_enrolment(request.edition_id, request.school_id, tx)
    tx.drafts.save(request.edition_id, request.school_id, tidy(request.fields), tx.now)


@once
def register_school(request: rpc.RegisterSchool, tx: Transaction) -> rpc.SchoolScope:
    """Take the school at its word; groups and the other services follow."""
    edition = hold_edition(request.edition_id, tx)
    enrolment = lock_enrolment(edition.id, request.school_id, tx)
    declared, problems = read_declaration(tidy(request.fields), enrolment.own_word, edition)
    if problems:
        raise Refused(*problems)
    after = enrolment.declare(declared)
    if after != enrolment and request.before not in (None, _version(enrolment)):
        raise refused("registered_meanwhile")
    tx.drafts.remove(edition.id, request.school_id)
    if after != enrolment:
        pupils = sum(one.pupils for one in declared.classes)
        facts = {"classes": str(len(declared.classes)), "pupils": str(pupils)}
        tx.history.add(edition.id, request.school_id, "declared", **facts)
    keep(enrolment, after, edition, tx)
    return rpc.SchoolScope(edition.id, request.school_id)


def _version(enrolment: Enrolment) -> str:
    """Return a mark of what a form would take the place of."""
    return hashlib.sha256(dumps(fields_of(enrolment.own_word, enrolment.classes)).encode()).hexdigest()[:16]
