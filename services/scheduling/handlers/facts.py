"""What other services tell: registrations, and answers to the sessions of a release."""

from __future__ import annotations

from services.contracts.events import (
    AnswerUndone,
    BusyTimeRead,
    InvitationAnswered,
    PermissionLevelsSet,
    PermissionsMarked,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.contracts.values import SchoolAnswer, Session
from services.scheduling.domain.demand import Registered
from services.scheduling.domain.plan import SCHOOL, Answer
from services.scheduling.ports import Transaction


def registration_submitted(event: RegistrationSubmitted, tx: Transaction) -> None:
    """Keep what a school registered, in place of what it had before."""
    tx.registrations.save(event.edition_id, Registered(event.school, event.classes, event.groups))


def permission_levels_set(event: PermissionLevelsSet, tx: Transaction) -> None:
    """Keep which permissions are watched."""
    tx.permissions.set_levels(event.edition_id, event.levels)


def permissions_marked(event: PermissionsMarked, tx: Transaction) -> None:
    """Keep the permissions that a school has."""
    tx.permissions.set_given(event.edition_id, event.school_id, event.given)


def busy_time_read(event: BusyTimeRead, tx: Transaction) -> None:
    """Keep when a provider's teams are taken elsewhere."""
    tx.busy_times.save(event.edition_id, event.provider_id, event.teams)


def slots_confirmed(event: SlotsConfirmed, tx: Transaction) -> None:
    """A school takes sessions as they are in the release it answers."""
    offered = _offered(event, tx)
    for id_ in sorted(event.session_ids):
        _keep(event, offered[id_], tx, answer="confirmed", pupils=event.pupils.get(id_))


def slot_declined(event: SlotDeclined, tx: Transaction) -> None:
    """A school cannot take a session as it is in the release it answers."""
    _keep(event, _offered(event, tx)[event.session_id], tx, answer="declined", reason=event.reason)


def answer_undone(event: AnswerUndone, tx: Transaction) -> None:
    """A school takes back its answer: the session is offered again, and was never refused."""
    _keep(event, _offered(event, tx)[event.session_id], tx, answer="offered")


_SchoolSays = SlotsConfirmed | SlotDeclined | AnswerUndone


def _offered(event: _SchoolSays, tx: Transaction) -> dict[str, Session]:
    return {session.id: session for session in tx.releases.get(event.edition_id, event.release).sessions}


def _keep(
    event: _SchoolSays,
    session: Session,
    tx: Transaction,
    answer: SchoolAnswer,
    pupils: int | None = None,
    reason: str = "",
) -> None:
    """Keep what a school said of a session, as it stands in the release that it answers."""
    tx.answers.save(
        Answer(
            edition_id=event.edition_id,
            session_id=session.id,
            party=SCHOOL,
            release=event.release,
            answer=answer,
            start=session.start,
            venue_id=session.venue_id,
            pupils=pupils,
            reason=reason,
            sequence=tx.sequence,
        )
    )


def invitation_answered(event: InvitationAnswered, tx: Transaction) -> None:
    """A provider answers for a session as it is now; one that is gone or given to another is no longer its concern."""
    release = tx.releases.current(event.edition_id)
    for session in release.sessions if release else ():
        if (session.id, session.provider_id) == (event.session_id, event.provider_id):
            tx.answers.save(
                Answer(
                    edition_id=event.edition_id,
                    session_id=session.id,
                    party=event.provider_id,
                    release=release.number if release else 0,
                    answer=event.answer,
                    start=session.start,
                    venue_id=session.venue_id,
                    reason=event.comment,
                    sequence=tx.sequence,
                )
            )
