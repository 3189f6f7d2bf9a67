"""The words of mails, which the organiser may make its own."""

from __future__ import annotations

from dataclasses import dataclass

from services.contracts.rpc.request import Query, Request


@dataclass(frozen=True)
class MailWords:
    """What surrounds the facts of a mail. Names in braces are filled in for each mail."""

    subject: str
    introduction: str
    closing: str
    signature: str


@dataclass(frozen=True)
class Wording:
    """The words of one kind of mail in one language. ``own``: the organiser changed them.

    ``names``: what its braces may hold; ``needed``: those of them that must be there; ``spelling``: how each name is
    written in this language.
    """

    kind: str
    language: str
    words: MailWords
    own: bool
    names: tuple[str, ...]
    needed: tuple[str, ...]
    spelling: dict[str, str]


@dataclass(frozen=True)
class ListWordings(Query[tuple[Wording, ...]]):
    """The words of every kind of mail in one language."""

    service = "notifications"
    answer = tuple[Wording, ...]
    edition_id: str
    language: str


@dataclass(frozen=True)
class SaveWording(Request[Wording]):
    """Use these words from the next mail on; None: the usual ones again. Refused with every fault they have."""

    service = "notifications"
    answer = Wording
    edition_id: str
    kind: str
    language: str
    words: MailWords | None


@dataclass(frozen=True)
class PreviewWording(Query[str]):
    """A mail with these words about a real session or school of the edition, in base64. Refused as SaveWording is."""

    service = "notifications"
    answer = str
    edition_id: str
    kind: str
    language: str
    words: MailWords
