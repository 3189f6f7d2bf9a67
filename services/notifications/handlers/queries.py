"""Questions: pages, feeds, mails."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.order import alphabetical
from services.contracts.values import Edition, Provider, School
from services.notifications.domain.choice import Choice, usual
from services.notifications.domain.delivery import CAPPED
from services.notifications.domain.entry import NotYetKnown, Party, Planned, Registered, gather
from services.notifications.domain.invitation import Invitation, Partstat, Sent, standing
from services.notifications.domain.link import Purpose
from services.notifications.ports import Desk, Names, Tx

_ANSWERS: dict[Partstat, rpc.ProviderAnswer] = {
    "NEEDS-ACTION": "pending",
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "DELEGATED": "pending",
}


def get_provider_page(request: rpc.GetProviderPage, tx: Tx, *, desk: Desk) -> rpc.ProviderPage:
    """Everything a provider sees."""
    edition = edition_of(tx, request.edition_id)
    provider = next((provider for provider in edition.providers if provider.id == request.provider_id), None)
    if provider is None:
        raise refused("unknown_provider", provider=request.provider_id)
    party = Party("provider", provider.id)
    return rpc.ProviderPage(
        edition_id=edition.id,
        edition_name=edition.name,
        organiser=edition.organiser,
        provider_name=provider.name,
        sessions=_provider_sessions(tx, edition, party),
        feed_token=tokens_of(tx, edition.id, desk.names)[party, "feed"],
    )


def _provider_sessions(tx: Tx, edition: Edition, party: Party) -> tuple[rpc.ProviderSession, ...]:
    newest = {i.session.id: i for i in sorted(tx.invitations.of_party(edition.id, party), key=lambda i: i.generation)}
    registered, planned = tx.schools.of_edition(edition.id), tx.sessions.of_edition(edition.id)
    told = tx.mails.told(edition.id)
    sessions = []
    for invitation in sorted(newest.values(), key=lambda i: (i.session.start, i.uid)):
        shown = planned.get(invitation.session.id) if invitation.live else None
        shown = shown or Planned(invitation.session, since=0)
        session = _provider_session(edition, registered, shown, invitation, told.get(invitation.uid, {}))
        sessions += [session] if session else []
    return tuple(sessions)


def _provider_session(
    edition: Edition, registered: dict[str, Registered], planned: Planned, invitation: Invitation, sent: Sent
) -> rpc.ProviderSession | None:
    try:
        facts = gather(edition, registered, planned)
    except NotYetKnown:  # a cancelled session of a programme or provider that left the edition
        return None
    return rpc.ProviderSession(
        session=planned.session,
        activity_name=facts.activity.name,
        school_name=facts.school.name,
        school_contact=facts.school.contact,
        group_name=facts.group.name,
        pupils=facts.pupils,
        answer=_ANSWERS[standing(invitation, sent)],
        school_confirmed=planned.answer == "confirmed",
        cancelled=not invitation.live,
    )


def list_parties(request: rpc.ListParties, tx: Tx, *, names: Names) -> tuple[rpc.Party, ...]:
    """Providers, then schools, with the last parts of their addresses."""
    return parties_of(tx, edition_of(tx, request.edition_id), names)


def parties_of(tx: Tx, edition: Edition, names: Names) -> tuple[rpc.Party, ...]:
    """Return everyone who receives calendars: providers as the edition names them, then schools by name."""
    choices = tx.parties.choices(edition.id)
    schools = [registered.school for registered in tx.schools.of_edition(edition.id).values()]
    members: list[tuple[Party, Provider | School]] = [(Party("provider", p.id), p) for p in edition.providers]
    members += [(Party("school", s.id), s) for s in sorted(schools, key=lambda one: alphabetical(one.name))]
    tokens = tokens_of(tx, edition.id, names)
    return tuple(_party(*member, choices.get(member[0]) or usual(member[0]), tokens) for member in members)


def tokens_of(tx: Tx, edition_id: str, names: Names) -> dict[tuple[Party, Purpose], str]:
    """Return the tokens of the links that are not revoked."""
    live = {key: link for key, link in tx.links.of_edition(edition_id).items() if link.revoked_at is None}
    return {(party, to): names.token(edition_id, party, to, link.seed) for (party, to), link in live.items()}


def _party(
    party: Party, member: Provider | School, choice: Choice, tokens: dict[tuple[Party, Purpose], str]
) -> rpc.Party:
    return rpc.Party(
        kind="provider" if isinstance(member, Provider) else "school",
        id=party.id,
        name=member.name,
        email=member.contact.email,
        feed_token=tokens[party, "feed"],
        page_token=tokens.get((party, "page"), ""),
        style=choice.style,
    )


def list_mails(request: rpc.ListMails, tx: Tx, *, per_person: int) -> tuple[rpc.MailSummary, ...]:
    """Mails of an edition, and which of them wait because their recipient got as many in a day as one person may."""
    full = tx.mails.full(per_person, tx.now)
    return tuple(_until(mail, full) for mail in tx.mails.of_edition(request.edition_id, request.state))


def _until(mail: rpc.MailSummary, full: Mapping[str, dt.datetime]) -> rpc.MailSummary:
    until = full.get(mail.recipient)
    if mail.kind not in CAPPED or mail.leaves_at is None or until is None or until <= mail.leaves_at:
        return mail
    return replace(mail, capped_until=until)


def get_mail(request: rpc.GetMail, tx: Tx) -> rpc.Mail:
    """One mail."""
    mail = tx.mails.find(request.mail_id)
    if mail is None:
        raise refused("unknown_mail")
    return mail


def list_letters(request: rpc.ListLetters, tx: Tx, *, names: Names) -> tuple[rpc.PaperLetter, ...]:
    """Letters to print, by the name of the school."""
    schools = {id_: one.school for id_, one in tx.schools.of_edition(request.edition_id).items()}
    letters = []
    for mail in tx.mails.to_print(request.edition_id):
        raw = tx.links.filled(request.edition_id, mail.summary.party, base64.b64decode(mail.raw), names)
        letters.append(rpc.PaperLetter(mail.summary, base64.b64encode(raw).decode(), schools[mail.summary.party]))
    return tuple(sorted(letters, key=lambda letter: alphabetical(letter.school.name)))


def list_incoming(request: rpc.ListIncoming, tx: Tx) -> tuple[rpc.IncomingMail, ...]:
    """Mails that came in."""
    return tx.incoming.latest(request.limit)


def edition_of(tx: Tx, edition_id: str) -> Edition:
    """Return an edition. Raises Refused (unknown_edition)."""
    edition = tx.editions.find(edition_id)
    if edition is None:
        raise refused("unknown_edition", edition=edition_id)
    return edition
