"""Mails that come in: replies of calendars are applied, everything else waits for a person."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from functools import partial

from services.contracts.errors import refused
from services.contracts.events import InvitationAnswered
from services.contracts.rpc import IncomingMail, ProviderAnswer, Received, ReceiveMail, SettleIncoming
from services.notifications.domain import reply as notes
from services.notifications.domain.delivery import Draft
from services.notifications.domain.invitation import Answer, Invitation, Partstat
from services.notifications.domain.reply import Bounce, Outcome, ReadMail, Reply, apply
from services.notifications.handlers.office import Office
from services.notifications.ports import Desk, Kept, Tx

_SAID: dict[Partstat, ProviderAnswer] = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}


def receive_mail(request: ReceiveMail, tx: Tx, *, desk: Desk) -> Received:
    """Apply the answer a mail brings, or keep the mail for a person.

    Nothing is answered automatically but the wish to get an invitation again.
    """
    raw = _decoded(request.raw)
    if tx.incoming.seen(raw):
        return Received("duplicate", notes.SAME_MAIL)
    read = desk.press.read(raw)
    outcome, session_id = _judge(read, tx, desk)
    tx.incoming.add(raw, read, outcome, session_id, tx.now)
    return Received(outcome.verdict, outcome.note, session_id)


def _judge(read: ReadMail, tx: Tx, desk: Desk) -> tuple[Outcome, str]:
    if read.bounce is not None:
        return _mark_bounced(read.bounce, tx)
    if read.reply is None:
        return Outcome("for_a_person", read.note), ""
    if read.authenticity == "fail":
        return Outcome("for_a_person", notes.FORGED), ""
    invitation = _locked(read.reply.uid, tx)
    if invitation is None:
        return apply(read.reply, None, {}, tx.now), ""
    return _follow(read.reply, invitation, tx, desk), invitation.session.id


def _follow(reply: Reply, invitation: Invitation, tx: Tx, desk: Desk) -> Outcome:
    outcome = apply(reply, invitation, tx.mails.told(invitation.edition_id).get(invitation.uid, {}), tx.now)
    if outcome.verdict == "resent" and not _office(invitation, tx, desk).resend(invitation):
        return Outcome("ignored", notes.ASKED_LATELY)
    if outcome.answer:
        _record(invitation, outcome.answer, tx)
    return outcome


def _mark_bounced(bounce: Bounce, tx: Tx) -> tuple[Outcome, str]:
    session_id = tx.mails.bounced(bounce.message_id, bounce.reason)
    if session_id is None:
        return Outcome("for_a_person", notes.BOUNCED), ""
    return Outcome("bounced", notes.BOUNCED), session_id


def _locked(uid: str, tx: Tx) -> Invitation | None:
    invitation = tx.invitations.by_uid(uid)
    if invitation is None:
        return None
    tx.editions.lock(invitation.edition_id)
    return tx.invitations.by_uid(uid)


def _office(invitation: Invitation, tx: Tx, desk: Desk) -> Office:
    return Office(tx, tx.editions.lock(invitation.edition_id), desk)


def _record(invitation: Invitation, answer: Answer, tx: Tx) -> None:
    known = invitation.answer
    tx.invitations.save(replace(invitation, answer=answer))
    if known and replace(known, stamp=answer.stamp) == answer:
        return  # said again
    session_id, party = invitation.session.id, invitation.party
    if party.kind == "provider" and answer.partstat in _SAID:
        said = _SAID[answer.partstat]
        tx.emit(InvitationAnswered(invitation.edition_id, session_id, party.id, said, answer.comment))  # type: ignore[arg-type]
    facts = {party.kind: party.id, "session": session_id, "sequence": str(answer.sequence)}
    tx.history.add(invitation.edition_id, f"invitation_{answer.partstat.lower()}", **facts)


def _decoded(raw: str) -> bytes:
    try:
        return base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("malformed_request", detail=f"raw: {error}") from None


# What the organiser decides ----------------------------------------------------------------------------------


def settle_incoming(request: SettleIncoming, tx: Tx, *, desk: Desk) -> IncomingMail:
    """Count an answer that waits for confirmation, say no to a proposed time, or lay the mail aside."""
    kept = tx.incoming.find(request.mail_id)
    if kept is None:
        raise refused("unknown_mail")
    invitation = _locked(kept.reply.uid, tx) if kept.reply else None
    if kept.summary.settled:
        raise refused("mail_settled")
    if request.decision == "apply":
        _confirm(kept, invitation, tx)
    elif request.decision == "refuse":
        _refuse(kept, invitation, request.words, tx, desk)
    elif request.decision == "accept" and kept.summary.outcome != "countered":
        raise refused("nothing_to_refuse")
    tx.incoming.settle(request.mail_id, request.decision)
    return replace(kept.summary, settled=request.decision)


def _confirm(kept: Kept, invitation: Invitation | None, tx: Tx) -> None:
    """Count the answer as that of whoever is invited."""
    if kept.summary.outcome != "to_confirm" or kept.reply is None or invitation is None:
        raise refused("mail_without_answer")
    partstat = kept.reply.attendees[0][1]
    reply = replace(kept.reply, attendees=((invitation.revision.attendee.email, partstat),))
    outcome = apply(reply, invitation, tx.mails.told(invitation.edition_id).get(invitation.uid, {}), tx.now)
    if outcome.verdict != "applied" or outcome.answer is None:
        raise refused("answer_outdated")
    _record(invitation, outcome.answer, tx)


def _refuse(kept: Kept, invitation: Invitation | None, words: str, tx: Tx, desk: Desk) -> None:
    """Say no in plain words and to the calendar (DECLINECOUNTER, RFC 5546 3.2.8)."""
    if kept.summary.outcome != "countered" or kept.reply is None or invitation is None:
        raise refused("nothing_to_refuse")
    office = _office(invitation, tx, desk)
    draft = Draft(
        edition_id=invitation.edition_id,
        recipient=invitation.revision.attendee.email,
        kind="refusal",
        party=invitation.party.id,
        release=tx.editions.release(invitation.edition_id),
        session_id=invitation.session.id,
    )
    office.post(draft, partial(office.press.refusal, office.edition, invitation, kept.reply, words.strip()[:2000]))
