"""What the organiser decides about mails and addresses: how a party gets its calendar, what leaves now, what never."""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.notifications.domain.entry import Party
from services.notifications.handlers.office import Office
from services.notifications.handlers.queries import edition_of, parties_of
from services.notifications.ports import Desk, Tx


def choose_style(request: rpc.ChooseStyle, tx: Tx, *, desk: Desk) -> rpc.Party:
    """Give a party its calendar as it wants it; one that now wants invitations gets those of its sessions."""
    office, party = _office(request, tx, desk)
    if request.style == "letter" and party.kind != "school":
        raise refused("letters_for_schools")
    tx.parties.choose(request.edition_id, party, replace(office.choice(party), style=request.style))
    fresh = Office(tx, office.edition, desk)
    if party.kind == "school":
        fresh.redirect(party)
    fresh.catch_up(party)
    tx.history.add(request.edition_id, "style_chosen", party=party.id, style=request.style)
    return _answer(fresh, party)


def send_now(request: rpc.SendNow, tx: Tx) -> int:
    """Let mails that wait, or were held back, leave now."""
    count = tx.mails.hasten(request.edition_id, request.mail_ids, tx.now)
    tx.history.add(request.edition_id, "mails_hastened", count=str(count))
    return count


def withhold_mails(request: rpc.WithholdMails, tx: Tx) -> int:
    """Hold back mails."""
    count = tx.mails.withhold(request.edition_id, request.mail_ids)
    tx.history.add(request.edition_id, "mails_withheld", count=str(count))
    return count


def mark_printed(request: rpc.MarkPrinted, tx: Tx) -> int:
    """Note that letters were printed."""
    count = tx.mails.printed(request.edition_id, request.mail_ids, tx.now)
    tx.history.add(request.edition_id, "letters_printed", count=str(count))
    return count


def _office(request: rpc.ChooseStyle, tx: Tx, desk: Desk) -> tuple[Office, Party]:
    edition_of(tx, request.edition_id)
    office = Office(tx, tx.editions.lock(request.edition_id), desk)
    party = Party(request.kind, request.id)
    if party not in {Party(p.kind, p.id) for p in parties_of(tx, office.edition, desk.names)}:
        raise refused("unknown_party", party=request.id)
    return office, party


def _answer(office: Office, party: Party) -> rpc.Party:
    parties = parties_of(office.tx, office.edition, office.desk.names)
    return next(p for p in parties if (p.kind, p.id) == (party.kind, party.id))
