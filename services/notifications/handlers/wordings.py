"""The words of mails: shown, made the organiser's own, tried on real sessions."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial
from typing import get_args

from services.contracts import rpc
from services.contracts.errors import Problem, Refused, refused
from services.contracts.values import Edition, School, SettledWish
from services.notifications.domain.delivery import Letter
from services.notifications.domain.digest import compare
from services.notifications.domain.invitation import Invitation, Message
from services.notifications.domain.reply import Reply
from services.notifications.domain.wording import KINDS, Wording, WordingKind, faults, renamed, spelling
from services.notifications.handlers.queries import edition_of
from services.notifications.ports import Desk, Postmark, Press, Tx

LANGUAGES = ("fr", "en")


def list_wordings(request: rpc.ListWordings, tx: Tx, *, desk: Desk) -> tuple[rpc.Wording, ...]:
    """Every kind of mail in one language."""
    edition_of(tx, request.edition_id)
    return tuple(_shown(kind, request.language, request.edition_id, tx, desk) for kind in get_args(WordingKind))


def save_wording(request: rpc.SaveWording, tx: Tx, *, desk: Desk) -> rpc.Wording:
    """Use an organiser's own words, or the usual ones again."""
    edition_of(tx, request.edition_id)
    kind, wording = _checked(request)
    tx.wordings.save(request.edition_id, kind, request.language, wording)
    code = "words_changed" if wording else "words_reset"
    tx.history.add(request.edition_id, code, kind=kind, language=request.language)
    return _shown(kind, request.language, request.edition_id, tx, desk)


def preview_wording(request: rpc.PreviewWording, tx: Tx, *, desk: Desk) -> str:
    """Compose the mail that a real person of the edition would get; nothing is queued."""
    edition = edition_of(tx, request.edition_id)
    kind, wording = _checked(request)
    assert wording is not None  # noqa: S101 (a preview has words)
    own = {(kind, language): wording for language in LANGUAGES}
    letter = _Example(tx, edition, desk.press.in_words_of(own)).letter(kind)
    return base64.b64encode(letter.raw).decode()


def _checked(request: rpc.SaveWording | rpc.PreviewWording) -> tuple[WordingKind, Wording | None]:
    kind = next((kind for kind in get_args(WordingKind) if kind == request.kind), None)
    if kind is None or request.language not in LANGUAGES:
        raise refused("unknown_wording")
    wording = Wording(**vars(request.words)) if request.words else None
    if wording and (found := faults(kind, wording, request.language)):
        raise Refused(*found)
    names = {word: name for name, word in spelling(kind, request.language).items()}
    return kind, renamed(wording, names) if wording else None


def _shown(kind: WordingKind, language: str, edition_id: str, tx: Tx, desk: Desk) -> rpc.Wording:
    own = tx.wordings.of_edition(edition_id)
    spelt = spelling(kind, language)
    said = renamed(desk.press.in_words_of(own).wording(kind, language), spelt)
    words = rpc.MailWords(said.subject, said.introduction, said.closing, said.signature)
    needed = tuple(name for _, name in KINDS[kind].needed)
    return rpc.Wording(kind, language, words, (kind, language) in own, KINDS[kind].names, needed, spelt)


class _Example:
    """Mails about the first session and the first school of an edition. Refused while there is none."""

    def __init__(self, tx: Tx, edition: Edition, press: Press) -> None:
        self._tx, self._edition, self._press = tx, edition, press
        self._mark = Postmark("<preview@quinzaine.invalid>", tx.now)

    def letter(self, kind: WordingKind) -> Letter:
        """Compose one mail of a kind."""
        if kind in ("invitation", "change", "reassigned", "cancellation"):
            return self._invitation(kind)
        if kind in ("refusal", "notice"):
            return self._about_a_session(kind)
        return self._to_school(kind)

    def _invitation(self, kind: WordingKind) -> Letter:
        invitation = self._session("provider")
        entry = invitation.revision.entry
        gone = replace(invitation.revision, sequence=invitation.revision.sequence + 1, cancelled=True)
        message = {
            "invitation": Message("REQUEST", invitation.revision),
            "change": Message("REQUEST", invitation.revision, entry),
            "reassigned": Message("REQUEST", invitation.revision, entry, "ACCEPTED"),
            "cancellation": Message("CANCEL", gone, entry),
        }[kind]
        return self._press.invitation(self._edition, invitation, message, self._mark)

    def _about_a_session(self, kind: WordingKind) -> Letter:
        invitation = self._session("provider")
        if kind == "notice":
            return self._press.notice(self._edition, self._school(), invitation.revision.entry, "…", self._mark)
        email = invitation.revision.attendee.email
        reply = Reply("COUNTER", invitation.uid, ((email, "NEEDS-ACTION"),), 0, self._tx.now)
        return self._press.refusal(self._edition, invitation, reply, "…", self._mark)

    def _to_school(self, kind: WordingKind) -> Letter:
        school, edition, press, mark = self._school(), self._edition, self._press, self._mark
        deadline = self._tx.editions.deadline(edition.id)
        if kind == "welcome":
            return press.welcome(edition, school, deadline, mark)
        if kind in ("unanswered", "unregistered"):
            return press.reminder(edition, school, 2 if kind == "unanswered" else 0, deadline, mark)
        if kind == "place":
            programme, group = edition.programmes[0].name, self._group(school)
            return press.place(edition, school, programme, group, self._tx.now, mark)
        invitation = self._session("school")
        entries = {invitation.session.id: invitation.revision.entry}
        if kind == "wishes":
            session, group = invitation.session, self._group(school)
            activity = edition.programme(session.programme_id).activity(session.activity_id).name
            wish = SettledWish(session.id, activity, group, session.start, session.start, accepted=True)
            return press.wishes(edition, school, (wish,), deadline, mark)
        if kind in ("confirmed", "declined"):
            reason = "…" if kind == "declined" else ""
            return press.receipt(edition, school, tuple(entries.values()), reason, mark)
        digest = partial(press.digest, edition, school, 1 if kind == "first_digest" else 2)
        return digest(compare({}, entries), deadline, mark)

    def _session(self, party: str) -> Invitation:
        live = [i for i in self._tx.invitations.latest(self._edition.id) if i.live and i.party.kind == party]
        if not live:
            raise Refused(Problem("wording_without_session", {}))
        return min(live, key=lambda invitation: (invitation.revision.entry.start, invitation.uid))

    def _school(self) -> School:
        registered = self._tx.schools.of_edition(self._edition.id)
        if not registered:
            raise Refused(Problem("wording_without_school", {}))
        return registered[min(registered)].school

    def _group(self, school: School) -> str:
        groups = self._tx.schools.of_edition(self._edition.id)[school.id].groups
        return groups[0].name if groups else "…"
