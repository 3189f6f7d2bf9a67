"""What other services tell: registrations, and answers to the sessions of a release."""

from __future__ import annotations

from services.contracts.events import (
    AnswerUndone,
    InvitationAnswered,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.scheduling.domain.demand import Registered
from services.scheduling.domain.plan import SCHOOL, Answer
from services.scheduling.ports import Transaction


def registration_submitted(event: RegistrationSubmitted, tx: Transaction) -> None:
    """Keep what a school registered, in place of what it had before."""
    tx.registrations.save(event.edition_id, Registered(event.school, event.classes, event.groups))


def slots_confirmed(event: SlotsConfirmed, tx: Transaction) -> None:
    """A school takes sessions as they are in the release it answers."""
    offered = {session.id: session for session in tx.releases.get(event.edition_id, event.release).sessions}
    for session_id in sorted(event.session_ids):
        session = offered[session_id]
        tx.answers.save(
            Answer(
                edition_id=event.edition_id,
                session_id=session_id,
                party=SCHOOL,
                release=event.release,
                answer="confirmed",
                start=session.start,
                venue_id=session.venue_id,
                pupils=event.pupils.get(session_id),
                sequence=tx.sequence,
            )
        )


def slot_declined(event: SlotDeclined, tx: Transaction) -> None:
    """A school cannot take a session as it is in the release it answers."""
    offered = {session.id: session for session in tx.releases.get(event.edition_id, event.release).sessions}
    session = offered[event.session_id]
    tx.answers.save(
        Answer(
            edition_id=event.edition_id,
            session_id=session.id,
            party=SCHOOL,
            release=event.release,
            answer="declined",
            start=session.start,
            venue_id=session.venue_id,
            reason=event.reason,
            sequence=tx.sequence,
        )
    )


def answer_undone(event: AnswerUndone, tx: Transaction) -> None:
    """A school takes back its answer: the session is offered again, and was never refused."""
    offered = {session.id: session for session in tx.releases.get(event.edition_id, event.release).sessions}
    session = offered[event.session_id]
    tx.answers.save(
        Answer(
            edition_id=event.edition_id,
            session_id=session.id,
            party=SCHOOL,
            release=event.release,
            answer="offered",
            start=session.start,
            venue_id=session.venue_id,
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
