"""Names derived from the secret: nobody can guess them, and a retry finds the same ones."""

from __future__ import annotations

import base64
import uuid

from services.contracts.values import Edition
from services.kit import links
from services.notifications.domain.delivery import Draft
from services.notifications.domain.entry import Party
from services.notifications.domain.invitation import Attendee
from services.notifications.domain.link import Purpose


class DerivedNames:
    """UIDs, tokens and mail ids. ``answer_address`` is the mailbox that invites and receives answers.

    ``house_name``: under which mails about accounts come.
    """

    def __init__(self, secret: str, answer_address: str, house_name: str = "Quinzaine") -> None:
        self._secret = secret
        self._house_name = house_name
        self._answer_address = answer_address
        self._domain = answer_address.rpartition("@")[2]

    def uid(self, edition_id: str, session_id: str, party: Party, generation: int) -> str:
        """UID of an invitation: random-looking, its generation readable."""
        token = links.token(self._secret, "uid", edition_id, session_id, party.kind, party.id, str(generation))
        return f"{uuid.UUID(bytes=_bytes(token)[:16], version=4)}-g{generation}@{self._domain}"

    def new_seed(self) -> str:
        """What makes a new link unlike every other."""
        return links.new_seed()

    def token(self, edition_id: str, party: Party, purpose: Purpose, seed: str) -> str:
        """Last part of a link's address; that of a school's page comes out as registration derives it."""
        scope = ("feed", edition_id, party.kind, party.id) if purpose == "feed" else (party.kind, edition_id, party.id)
        return links.token(self._secret, *scope, seed)

    def digest_of(self, token: str) -> str:
        """What is stored of a token."""
        return links.token_hash(token)

    def organiser(self, edition: Edition) -> Attendee:
        """The answer address under the organiser's name."""
        return Attendee(self._answer_address, edition.organiser.name, edition.organiser.language)

    def house(self) -> Attendee:
        """The answer address under the house's own name."""
        return Attendee(self._answer_address, self._house_name, "fr")

    def mail_id(self, draft: Draft, number: int) -> str:
        """Id of a mail."""
        about = draft.edition_id, draft.kind, draft.party, draft.session_id, str(number)
        return f"{draft.kind}.{_bytes(links.token(self._secret, 'mail', *about)).hex()[:32]}"

    def message_id(self, mail_id: str) -> str:
        """Message-ID of a mail: its id in our domain."""
        return f"<{mail_id}@{self._domain}>"


def _bytes(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=")
