"""The people who organise: who they are, what they may do, how they leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.events import PersonErased, SignInAsked
from services.contracts.order import alphabetical
from services.contracts.values import deliverable
from services.registration.domain.accounts import INVITATION_LASTS, PRINTED_LASTS, Account
from services.registration.ports import Transaction

LONGEST_NAME = 80


def list_accounts(_request: rpc.ListAccounts, tx: Transaction) -> tuple[rpc.Account, ...]:
    """Every account, by name."""
    people = sorted(tx.accounts.all(), key=lambda person: (alphabetical(person.name), person.id))
    return tuple(account_of(person) for person in people)


def invite_account(request: rpc.InviteAccount, tx: Transaction) -> rpc.Account:
    """Make an account and mail its person a link."""
    email, name = _address(request.email), _name(request.name)
    if tx.accounts.lock_address(email):
        raise refused("account_known", email=email)
    person = Account(request.id, email, name, request.language, request.role, tx.now)
    tx.accounts.save(person)
    send_link(person, tx, invited=True)
    tx.history.add("", "", "account_invited", account=person.id, role=person.role)
    return account_of(person)


def change_account(request: rpc.ChangeAccount, tx: Transaction) -> rpc.Account:
    """Give a role, let sign in or not, or forget the device that gives codes."""
    before = _known(request.account_id, tx)
    after = replace(before, role=request.role, disabled_at=(before.disabled_at or tx.now) if request.disabled else None)
    if request.drop_codes:
        after = _without_codes(after, tx)
    if after == before:
        return account_of(before)
    if not after.administers:
        _leave_an_administrator(before, tx)
    tx.accounts.save(after)
    end_everything(after, tx)
    facts = {"account": after.id, "role": after.role, "disabled": str(request.disabled)}
    tx.history.add("", "", "account_changed", **facts)
    return account_of(after)


def change_own_account(request: rpc.ChangeOwnAccount, tx: Transaction) -> rpc.Account:
    """Set one's own name and language."""
    person = replace(_known(request.account_id, tx), name=_name(request.name), language=request.language)
    tx.accounts.save(person)
    return account_of(person)


def make_administrator(request: rpc.MakeAdministrator, tx: Transaction) -> str:
    """Return the token of a link for whoever runs the server."""
    email = _address(request.email)
    known = tx.accounts.lock_address(email)
    person = known or Account(request.id, email, email.partition("@")[0], "fr", "administrator", tx.now)
    person = replace(_without_codes(person, tx), role="administrator", disabled_at=None)
    if person != known:
        tx.accounts.save(person)
        end_everything(person, tx)
    tx.history.add("", "", "administrator_made", account=person.id)
    _, token = tx.sign_in_links.make(person.id, tx.now + PRINTED_LASTS)
    return token


def erase_person(request: rpc.ErasePerson, tx: Transaction) -> None:
    """Take a person out of every service, this one among them: each does it when it hears of it."""
    person = tx.accounts.marked(request.mark)
    if person:
        _leave_an_administrator(person, tx)
    tx.emit(PersonErased(request.mark))


def person_erased(event: PersonErased, tx: Transaction, *, erase: Callable[[PersonErased, Transaction], None]) -> None:
    """Take out the person, and the account with all that opens it."""
    erase(event, tx)
    person = tx.accounts.marked(event.mark)
    if person:
        tx.accounts.remove(person.id)


def account_of(person: Account) -> rpc.Account:
    """Return what is shown of an account."""
    return rpc.Account(
        id=person.id,
        email=person.email,
        name=person.name,
        language=person.language,
        role=person.role,
        made_at=person.made_at,
        seen_at=person.seen_at,
        disabled_at=person.disabled_at,
        has_password=bool(person.password),
        has_codes=person.codes_since is not None,
    )


def send_link(person: Account, tx: Transaction, lasts: dt.timedelta = INVITATION_LASTS, invited: bool = False) -> None:
    """Have a link mailed that signs in once."""
    tx.sign_in_links.forget(tx.now)
    until = tx.now + lasts
    seed, _ = tx.sign_in_links.make(person.id, until)
    tx.emit(SignInAsked(person.id, person.email, person.name, person.language, seed, until, invited))


def end_everything(person: Account, tx: Transaction) -> None:
    """End every sign-in of a person, and every link that could begin one."""
    tx.sign_ins.end(person.id)
    tx.sign_in_links.end(person.id)


def _known(account_id: str, tx: Transaction) -> Account:
    person = tx.accounts.lock(account_id)
    if person is None:
        raise refused("unknown_account")
    return person


def _without_codes(person: Account, tx: Transaction) -> Account:
    tx.recovery_codes.replace(person.id, ())
    return replace(person, seed="", offered="", codes_since=None)


def _leave_an_administrator(leaving: Account, tx: Transaction) -> None:
    others = [person for person in tx.accounts.lock_all() if person.id != leaving.id and person.administers]
    if leaving.administers and not others:
        raise refused("last_administrator", name=leaving.name)


def _address(typed: str) -> str:
    email = typed.strip()
    if not deliverable(email):
        raise refused("address_wrong", email=email)
    return email


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > LONGEST_NAME:
        raise refused("account_name", longest=LONGEST_NAME)
    return name
