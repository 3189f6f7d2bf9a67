"""What comes back from calendars: a reply is judged against the invitation it names and what its attendee was told.

The notes are sentences for the organiser; French, translated at the border.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

from services.notifications.domain.invitation import Answer, Invitation, Partstat, Sent, mailbox_key

Verdict = Literal[
    "applied", "duplicate", "stale", "ignored", "for_a_person", "to_confirm", "countered", "resent", "bounced"
]
Authenticity = Literal["pass", "fail", "none"]


@dataclass(frozen=True)
class Reply:
    """The calendar object found in a mail.

    ``attendees``: address and PARTSTAT of each. ``sequence`` 0 when it has none. ``delegate``: who comes instead.
    ``proposed``: start and end, None when they are missing or can be read in two ways.
    """

    method: str
    uid: str
    attendees: tuple[tuple[str, str], ...]
    sequence: int
    stamp: dt.datetime | None
    comment: str = ""
    delegate: str = ""
    proposed: tuple[dt.datetime, dt.datetime] | None = None


@dataclass(frozen=True)
class Bounce:
    """A report that a mail of ours could not be delivered (RFC 3464)."""

    message_id: str
    reason: str


@dataclass(frozen=True)
class ReadMail:
    """A mail that came in, as far as it could be read: ``reply`` None with the reason in ``note``.

    ``authenticity``: what our own mail server says of its sender (DMARC), ``none`` when it says nothing.
    """

    sender: str
    subject: str
    reply: Reply | None
    note: str = ""
    authenticity: Authenticity = "none"
    bounce: Bounce | None = None


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
DELEGATED = "Le destinataire se fait remplacer : la réponse de cette autre personne sera prise en compte."
COUNTER = "Le destinataire propose un autre horaire : déplacez la séance ou refusez la proposition."
UNCLEAR_HOUR = "L’horaire proposé manque ou se lit de deux façons : demandez-le à la personne."
ASKS_AGAIN = "Le destinataire redemande l’invitation : elle lui est renvoyée."
ASKED_LATELY = "Le destinataire redemande une invitation qui vient de lui être envoyée : rien n’est renvoyé."
MEDDLING = "Ce courriel veut modifier ou annuler une séance : seul l’organisateur le peut, rien n’a été appliqué."
FORGED = "L’expéditeur de ce courriel n’est sans doute pas celui qu’il prétend : rien n’a été appliqué."

_MEDDLERS = ("REQUEST", "CANCEL", "ADD", "PUBLISH", "DECLINECOUNTER")


def apply(reply: Reply, invitation: Invitation | None, sent: Sent, received: dt.datetime) -> Outcome:
    """Judge a reply. Matched on UID and attendee, never on the sender; an answer belongs to one SEQUENCE."""
    judges = {"REPLY": _answer, "COUNTER": _counter, "REFRESH": _refresh}
    if reply.method not in judges:
        return Outcome("for_a_person", MEDDLING if reply.method in _MEDDLERS else UNREADABLE)
    if reply.method == "REPLY" and len(reply.attendees) != 1:
        return Outcome("for_a_person", NOT_ONE_ATTENDEE)
    if invitation is None:
        return Outcome("for_a_person", UNKNOWN_UID)
    return judges[reply.method](reply, invitation, sent, received)


def _answer(reply: Reply, invitation: Invitation, sent: Sent, received: dt.datetime) -> Outcome:
    address, partstat = reply.attendees[0]
    delegate = invitation.answer.delegate if invitation.answer else ""
    speaks_for = bool(delegate) and mailbox_key(address) == mailbox_key(delegate)
    told = sent.get(invitation.revision.attendee.key if speaks_for else mailbox_key(address))
    if told is None:
        return Outcome("to_confirm", NOT_INVITED)
    if partstat not in get_args(Partstat) or partstat == "NEEDS-ACTION":
        return Outcome("for_a_person", NOT_AN_ANSWER)
    if partstat == "DELEGATED" and not reply.delegate:
        return Outcome("for_a_person", NOT_AN_ANSWER)
    names = delegate if speaks_for else reply.delegate
    answer = Answer(partstat, reply.sequence, reply.stamp or received, reply.comment, names)  # type: ignore[arg-type]
    return _order(answer, invitation, told.sequence, told.attendee.key == invitation.revision.attendee.key)


def _order(answer: Answer, invitation: Invitation, asked: int, still_invited: bool) -> Outcome:
    """Compare with what was asked and answered before (RFC 5546 2.1.5)."""
    known = invitation.answer
    if known and known.partstat == "DELEGATED" and answer.partstat != "DELEGATED" and answer.delegate:
        known = None  # the word of another person: its clock says nothing about the first one's
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
    return Outcome("applied", DELEGATED if answer.partstat == "DELEGATED" else "", answer)


def _counter(reply: Reply, invitation: Invitation, sent: Sent, _received: dt.datetime) -> Outcome:
    """Judge a proposal of another time (RFC 5546 3.2.7); nothing is applied: the organiser moves the session or not."""
    asked = [sent[key].sequence for address, _ in reply.attendees if (key := mailbox_key(address)) in sent]
    if not asked:
        return Outcome("for_a_person", NOT_INVITED)
    if reply.sequence > max(asked):
        return Outcome("for_a_person", FUTURE)
    if not invitation.live:
        return Outcome("ignored", CANCELLED)
    if reply.sequence < max(asked):
        return Outcome("stale", OLD_DATE)
    if reply.proposed is None:
        return Outcome("for_a_person", UNCLEAR_HOUR)
    return Outcome("countered", COUNTER)


def _refresh(reply: Reply, invitation: Invitation, sent: Sent, _received: dt.datetime) -> Outcome:
    """Judge a wish to get the invitation once more (RFC 5546 3.2.6)."""
    if not any(mailbox_key(address) in sent for address, _ in reply.attendees):
        return Outcome("for_a_person", NOT_INVITED)
    return Outcome("resent", ASKS_AGAIN) if invitation.live else Outcome("ignored", CANCELLED)
