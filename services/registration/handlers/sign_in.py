"""How a person who organises signs in: by a link, by a password, by a code; and how that ends.

What was tried in vain is an answer and no refusal: a refusal would undo the note that it was tried.
"""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import Refused, refused
from services.registration.domain.accounts import (
    CODES,
    LINK_LASTS,
    LINKS,
    LONGEST,
    NOTED_EVERY,
    PASSWORDS,
    Account,
    Limit,
    SignIn,
    Way,
    seconds_to_wait,
)
from services.registration.domain.passwords import faults
from services.registration.handlers.accounts import account_of, end_everything, send_link
from services.registration.ports import Transaction
from services.registration.ports.accounts import Codes, Passwords


def ask_sign_in_link(request: rpc.AskSignInLink, tx: Transaction) -> None:
    """Mail a link, where there is an account for it and not too many left already."""
    person = tx.accounts.lock_address(request.email)
    if _wait(LINKS, request.email, tx):
        return
    tx.attempts.add(LINKS, request.email, tx.now)
    if person and person.disabled_at is None:
        send_link(person, tx, LINK_LASTS)


def sign_in_by_link(request: rpc.SignInByLink, tx: Transaction) -> rpc.Admission:
    """Use a link up. Of two who try at once, one wins."""
    account_id = tx.sign_in_links.use(request.link, tx.now)
    person = tx.accounts.lock(account_id) if account_id else None
    if person is None or person.disabled_at:
        raise refused("sign_in_link_over")
    return _begin(person, "link", request, tx)


def sign_in_by_password(request: rpc.SignInByPassword, tx: Transaction, *, passwords: Passwords) -> rpc.Admission:
    """Sign in with a password; an unknown address takes as long and is answered alike."""
    person = tx.accounts.lock_address(request.email)
    if seconds := _wait(PASSWORDS, request.email, tx):
        return rpc.Admission("wait", seconds)
    kept = person.password if person and person.disabled_at is None else ""
    if not passwords.fits(kept, request.password) or person is None:
        tx.attempts.add(PASSWORDS, request.email, tx.now)
        return rpc.Admission("wrong")
    if passwords.outdated(kept):
        tx.accounts.save(person := replace(person, password=passwords.hash(request.password)))
    return _begin(person, "password", request, tx)


def give_code(request: rpc.GiveCode, tx: Transaction, *, codes: Codes) -> rpc.Admission:
    """Let in who gives the right code."""
    began, person = _signed_in(request.sign_in, tx, waits=True)
    if seconds := _wait(CODES, person.email, tx):
        return rpc.Admission("wait", seconds)
    if not _is_right(request.code, person, tx, codes):
        tx.attempts.add(CODES, person.email, tx.now)
        return rpc.Admission("wrong")
    tx.sign_ins.end(person.id, (began.id,))
    return _let_in(person, replace(began, id=request.renewed, seen_at=tx.now, waits=False), tx)


def open_sign_in(request: rpc.OpenSignIn, tx: Transaction) -> rpc.SignedIn:
    """Whose sign-in this is."""
    began = tx.sign_ins.get(request.sign_in)
    person = tx.accounts.get(began.account_id) if began and not began.over(tx.now) else None
    if began is None or person is None or person.disabled_at:
        raise refused("signed_out")
    return rpc.SignedIn(account_of(person), began.waits, tx.now >= began.seen_at + NOTED_EVERY)


def note_sign_in(request: rpc.NoteSignIn, tx: Transaction) -> None:
    """Note that a sign-in is in use."""
    began = tx.sign_ins.get(request.sign_in)
    if began and not began.over(tx.now):
        tx.sign_ins.note(began.id, tx.now)


def list_sign_ins(request: rpc.ListSignIns, tx: Transaction) -> tuple[rpc.SignIn, ...]:
    """Where a person is signed in."""
    there = (began for began in tx.sign_ins.of_account(request.account_id) if not (began.waits or began.over(tx.now)))
    return tuple(rpc.SignIn(began.id, began.device, began.began_at, began.seen_at) for began in there)


def end_sign_ins(request: rpc.EndSignIns, tx: Transaction) -> None:
    """End sign-ins of a person."""
    tx.accounts.lock(request.account_id)
    tx.sign_ins.end(request.account_id, request.ids)


# Password and codes -----------------------------------------------------------------------------------------------


def set_password(request: rpc.SetPassword, tx: Transaction, *, passwords: Passwords) -> rpc.Admission:
    """Set a password; who knows the one before, or came by a link, may."""
    began, person = _signed_in(request.sign_in, tx)
    if began.way == "password" and person.password:
        if seconds := _wait(PASSWORDS, person.email, tx):
            return rpc.Admission("wait", seconds)
        if not passwords.fits(person.password, request.current):
            tx.attempts.add(PASSWORDS, person.email, tx.now)
            return rpc.Admission("wrong")
    if wrong := faults(request.password, person.email, person.name):
        raise Refused(*wrong)
    tx.accounts.save(replace(person, password=passwords.hash(request.password)))
    end_everything(person, tx)
    tx.sign_ins.save(replace(began, id=request.renewed, seen_at=tx.now))
    tx.history.add("", "", "password_set", account=person.id)
    return rpc.Admission("in", account_id=person.id)


def offer_codes(request: rpc.OfferCodes, tx: Transaction, *, codes: Codes) -> str:
    """The secret of the device on offer."""
    _, person = _signed_in(request.sign_in, tx)
    if not person.offered:
        tx.accounts.save(person := replace(person, offered=codes.new_seed()))
    return codes.secret(person.offered)


def start_codes(request: rpc.StartCodes, tx: Transaction, *, codes: Codes) -> tuple[str, ...]:
    """Take the device on offer into use."""
    began, person = _signed_in(request.sign_in, tx)
    step = codes.step(person.offered, _figures(request.code), tx.now) if person.offered else None
    if step is None:
        raise refused("code_wrong")
    tx.accounts.save(replace(person, seed=person.offered, offered="", codes_since=tx.now, last_step=step))
    end_everything(person, tx)
    tx.sign_ins.save(began)
    made = codes.recovery_codes()
    tx.recovery_codes.replace(person.id, made)
    tx.history.add("", "", "codes_started", account=person.id)
    return made


# ------------------------------------------------------------------------------------------------------------------


def _begin(
    person: Account, way: Way, request: rpc.SignInByLink | rpc.SignInByPassword, tx: Transaction
) -> rpc.Admission:
    tx.sign_ins.forget(tx.now - LONGEST)
    waits = person.codes_since is not None
    began = SignIn(request.sign_in, person.id, way, request.device[:80], tx.now, tx.now, waits)
    if not waits:
        return _let_in(person, began, tx)
    tx.sign_ins.save(began)
    return rpc.Admission("code")


def _let_in(person: Account, began: SignIn, tx: Transaction) -> rpc.Admission:
    tx.sign_ins.save(began)
    tx.accounts.save(replace(tx.accounts.get(person.id) or person, seen_at=tx.now))
    tx.history.add("", "", "signed_in", account=person.id, way=began.way)
    return rpc.Admission("in", account_id=person.id)


def _signed_in(id_: str, tx: Transaction, waits: bool = False) -> tuple[SignIn, Account]:
    """Return a sign-in and its person, locked. Raises Refused once it is over or was ended."""
    began = tx.sign_ins.get(id_)
    person = tx.accounts.lock(began.account_id) if began else None
    began = tx.sign_ins.get(id_)  # another may have ended it while we waited for the account
    if began is None or person is None or person.disabled_at or began.over(tx.now) or began.waits != waits:
        raise refused("signed_out")
    return began, person


def _wait(limit: Limit, email: str, tx: Transaction) -> int:
    return seconds_to_wait(limit, tx.attempts.latest(limit, email), tx.now)


def _is_right(typed: str, person: Account, tx: Transaction, codes: Codes) -> bool:
    """Whether it is the code of now, not taken before, or a recovery code that is left."""
    code = _figures(typed)
    step = codes.step(person.seed, code, tx.now)
    if step is not None:
        return tx.accounts.take_step(person.id, step)
    return tx.recovery_codes.use(person.id, code)


def _figures(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter.isalnum())
