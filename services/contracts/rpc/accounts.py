"""What registration is asked about the people who organise: their accounts, and how they sign in.

Secrets never come back in an answer: the portal makes the token of a sign-in and gives its SHA-256 as ``sign_in``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request
from services.contracts.values import Role


@dataclass(frozen=True)
class Account:
    """A person who organises. ``seen_at``: when last signed in; ``disabled_at`` None: may sign in."""

    id: str
    email: str
    name: str
    language: str
    role: Role
    made_at: dt.datetime
    seen_at: dt.datetime | None = None
    disabled_at: dt.datetime | None = None
    has_password: bool = False
    has_codes: bool = False


@dataclass(frozen=True)
class ListAccounts(Query[tuple[Account, ...]]):
    """Every account, by name."""

    service = "registration"
    answer = tuple[Account, ...]


@dataclass(frozen=True)
class InviteAccount(Request[Account]):
    """Make an account and mail its person a link. Refused for an address that has one."""

    service = "registration"
    answer = Account
    id: str
    email: str
    name: str
    role: Role
    language: str


@dataclass(frozen=True)
class ChangeAccount(Request[Account]):
    """Give a role, let sign in or not, or forget the device that gives codes: every sign-in of the person ends.

    Refused where nobody would be left to administer.
    """

    service = "registration"
    answer = Account
    account_id: str
    role: Role
    disabled: bool
    drop_codes: bool = False


@dataclass(frozen=True)
class ChangeOwnAccount(Request[Account]):
    """Set the name and the language of the one who asks."""

    service = "registration"
    answer = Account
    account_id: str
    name: str
    language: str


# Signing in -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Admission:
    """How a try to sign in ended. ``code``: a code is to be given next; ``wait``: too many tries, for ``seconds``.

    ``account_id``: whose it is, once it is ``in``.
    """

    state: Literal["in", "code", "wrong", "wait"]
    seconds: int = 0
    account_id: str = ""


@dataclass(frozen=True)
class AskSignInLink(Request[None]):
    """Mail a link that signs in once, within 15 minutes; nothing is mailed, nor said, where there is no account."""

    service = "registration"
    answer = type(None)
    email: str


@dataclass(frozen=True)
class MakeAdministrator(Request[str]):
    """Return the token of a link that signs in once, within an hour, for whoever runs the server.

    The person becomes an administrator, any device that gives codes forgotten; an account with this ``id`` is made
    where the address has none.
    """

    service = "registration"
    answer = str
    id: str
    email: str


@dataclass(frozen=True)
class SignInByLink(Request[Admission]):
    """Use a link up. ``link``: SHA-256 of its token. Refused when it was used, is over or never was."""

    service = "registration"
    answer = Admission
    link: str
    sign_in: str
    device: str


@dataclass(frozen=True)
class SignInByPassword(Request[Admission]):
    """Sign in with a password."""

    service = "registration"
    answer = Admission
    email: str
    password: str
    sign_in: str
    device: str


@dataclass(frozen=True)
class GiveCode(Request[Admission]):
    """Give the code that a sign-in waits for, or a recovery code; ``renewed`` takes the place of ``sign_in``."""

    service = "registration"
    answer = Admission
    sign_in: str
    code: str
    renewed: str


@dataclass(frozen=True)
class SignedIn:
    """Who a sign-in is. ``waits``: a code is still to be given; ``to_note``: it is time to note that it is in use."""

    account: Account
    waits: bool
    to_note: bool


@dataclass(frozen=True)
class OpenSignIn(Query[SignedIn]):
    """Say whose sign-in this is. Refused (``signed_out``) once it is over or was ended."""

    service = "registration"
    answer = SignedIn
    sign_in: str


@dataclass(frozen=True)
class NoteSignIn(Request[None]):
    """Note that a sign-in is in use, which keeps it from ending for want of use."""

    service = "registration"
    answer = type(None)
    sign_in: str


@dataclass(frozen=True)
class SignIn:
    """A browser that a person signed in with. ``id``: SHA-256 of its token."""

    id: str
    device: str
    began_at: dt.datetime
    seen_at: dt.datetime


@dataclass(frozen=True)
class ListSignIns(Query[tuple[SignIn, ...]]):
    """The sign-ins of a person that are not over, latest used first."""

    service = "registration"
    answer = tuple[SignIn, ...]
    account_id: str


@dataclass(frozen=True)
class EndSignIns(Request[None]):
    """End sign-ins of a person: those named, or all."""

    service = "registration"
    answer = type(None)
    account_id: str
    ids: tuple[str, ...] | None = None


# Password and codes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetPassword(Request[Admission]):
    """Set a password: every sign-in of the person ends, ``renewed`` takes the place of ``sign_in``.

    ``current`` is asked of a sign-in that began with a password. Refused with what is wrong with the new one.
    """

    service = "registration"
    answer = Admission
    sign_in: str
    current: str
    password: str
    renewed: str


@dataclass(frozen=True)
class OfferCodes(Request[str]):
    """Return the secret of the device on offer, in base32 (RFC 6238); it counts once a code of it was given."""

    service = "registration"
    answer = str
    sign_in: str


@dataclass(frozen=True)
class StartCodes(Request[tuple[str, ...]]):
    """Give the first code of the device on offer; return ten recovery codes, which are told this once.

    Every other sign-in of the person ends. Refused for a wrong code.
    """

    service = "registration"
    answer = tuple[str, ...]
    sign_in: str
    code: str
