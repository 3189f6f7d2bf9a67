"""What comes back from calendars: a reply is judged against the invitation it names and what its attendee was told.

The notes are sentences for the organiser; French, translated at the border.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

from services.notifications.domain.invitation import Answer, Invitation, Partstat, Sent, mailbox_key

Verdict = Literal["applied", "duplicate", "stale", "ignored", "for_a_person"]


@dataclass(frozen=True)
class Reply:
    """The calendar object found in a mail.

    ``attendees``: address and PARTSTAT of each. ``sequence`` 0 when it has none.
    """

    method: str
    uid: str
    attendees: tuple[tuple[str, str], ...]
    sequence: int
    stamp: dt.datetime | None
    comment: str = ""


@dataclass(frozen=True)
class ReadMail:
    """A mail that came in, as far as it could be read: ``reply`` None with the reason in ``note``."""

    sender: str
    subject: str
    reply: Reply | None
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What becomes of a reply, and why; ``answer`` is what to record, when there is something."""

    verdict: Verdict
    note: str = ""
    answer: Answer | None = None


NO_CALENDAR = "Ce courriel ne contient pas de réponse d’agenda : lisez-le et répondez-y."
BOUNCED = "Un courriel n’a pas pu être remis à son destinataire : vérifiez l’adresse."
UNREADABLE = "La réponse d’agenda jointe est illisible : lisez le courriel."
TOO_LARGE = "L’agenda joint est trop volumineux pour une réponse : il n’a pas été lu."
SEVERAL_EVENTS = "L’agenda joint parle de plusieurs séances à la fois : rien n’a été appliqué."
SAME_MAIL = "Ce courriel est déjà arrivé une fois."
SAME_REPLY = "Cette réponse est déjà connue."
OLDER_REPLY = "Une réponse plus récente de cette personne est déjà connue."
OLD_DATE = "Cette réponse porte sur une date ou un lieu qui a changé depuis : une nouvelle réponse est attendue."
FUTURE = "Cette réponse porte sur une version de l’invitation qui n’a jamais été envoyée : rien n’a été appliqué."
UNKNOWN_UID = "Cette réponse ne correspond à aucune invitation envoyée."
NOT_INVITED = "Cette réponse vient d’une adresse qui n’est pas invitée à cette séance : confirmez avec la personne."
NOT_ONE_ATTENDEE = "Une réponse doit nommer une seule personne : rien n’a été appliqué."
CANCELLED = "La séance est annulée : cette réponse ne change rien."
NOT_AN_ANSWER = "Cette réponse n’est ni oui, ni non, ni peut-être : lisez-la."
COUNTER = "Le destinataire propose un autre horaire : répondez-lui."
ASKS_AGAIN = "Le destinataire redemande l’invitation."
MEDDLING = "Ce courriel veut modifier ou annuler une séance : seul l’organisateur le peut, rien n’a été appliqué."

_METHODS = {
    "COUNTER": COUNTER,
    "REFRESH": ASKS_AGAIN,
    "REQUEST": MEDDLING,
    "CANCEL": MEDDLING,
    "ADD": MEDDLING,
    "PUBLISH": MEDDLING,
}


def apply(reply: Reply, invitation: Invitation | None, sent: Sent, received: dt.datetime) -> Outcome:
    """Judge a reply. Matched on UID and attendee, never on the sender; an answer belongs to one SEQUENCE."""
    if reply.method != "REPLY":
        return Outcome("for_a_person", _METHODS.get(reply.method, UNREADABLE))
    if len(reply.attendees) != 1:
        return Outcome("for_a_person", NOT_ONE_ATTENDEE)
    if invitation is None:
        return Outcome("for_a_person", UNKNOWN_UID)
    address, partstat = reply.attendees[0]
    if mailbox_key(address) not in sent:
        return Outcome("for_a_person", NOT_INVITED)
    if partstat not in get_args(Partstat) or partstat == "NEEDS-ACTION":
        return Outcome("for_a_person", NOT_AN_ANSWER)
    told = sent[mailbox_key(address)]
    answer = Answer(partstat, reply.sequence, reply.stamp or received, reply.comment)  # type: ignore[arg-type]
    return _order(answer, invitation, told.sequence, mailbox_key(address) == invitation.revision.attendee.key)


def _order(answer: Answer, invitation: Invitation, asked: int, still_invited: bool) -> Outcome:
    """Compare with what was asked and answered before (RFC 5546 2.1.5)."""
    known = invitation.answer
    if answer.sequence > asked:
        return Outcome("for_a_person", FUTURE)
    if known and (answer.sequence, answer.stamp) == (known.sequence, known.stamp):
        return Outcome("duplicate", SAME_REPLY)
    if not invitation.live or not still_invited:
        return Outcome("ignored", CANCELLED)
    if answer.sequence < asked:
        return Outcome("stale", OLD_DATE)
    if known and (answer.sequence, answer.stamp) < (known.sequence, known.stamp):
        return Outcome("ignored", OLDER_REPLY)
    return Outcome("applied", "", answer)
