"""A provider whom a bureau invites: the mails it gets, and what the bureau knows of its answers.

The answers come in by our own mail door, as SMTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.contracts.events import Event
from services.contracts.rpc import Received, ReceiveMail
from services.notifications.handlers import incoming
from services.portal.mail.mailbox import Mailbox
from tests.integration.mail_door import MailDoor
from tests.subscribed import until
from tests.unit.notifications.builders import a_session
from tests.unit.notifications.fakes import Bureau

TRUCK = "contact@truck.example"
ROBOTICS = a_session()


class Invited:
    """The truck, and the bureau that plans its robotics. ``port``: where its mails go out."""

    def __init__(self, folder: Path) -> None:
        self._bureau, self._answers = Bureau(), list[Received]()
        settings = MailDoor.settings(answer_address="agenda@quinzaine.example")
        self._door, self.port = MailDoor(self._take, settings, Mailbox(folder / "copies")), settings.mail_port

    def _take(self, request: ReceiveMail, _traceid: str) -> None:
        self._answers.append(incoming.receive_mail(request, self._bureau.tx, desk=self._bureau.desk))

    def gets(self, *events: Event) -> list[bytes]:
        """Let the bureau hear of something; return the mails that the truck then gets."""
        self._bureau.hear(*events)
        return [mail.letter.raw for mail in self._bureau.send() if mail.draft.recipient == TRUCK]

    def answered(self) -> str:
        """Wait for one answer and return what the bureau knows of the truck's mind."""
        until(lambda: self._answers, "no answer comes")
        assert self._answers == [Received("applied", "", ROBOTICS.id)]
        self._answers.clear()
        return self._bureau.answer(ROBOTICS.id)

    @property
    def silent(self) -> bool:
        """Whether nothing came since the last answer."""
        return not self._answers

    def stop(self) -> None:
        """Close the mail door."""
        self._door.close()


@contextmanager
def invited(folder: Path) -> Iterator[Invited]:
    """Open the mail door until the end of the block."""
    truck = Invited(folder)
    try:
        yield truck
    finally:
        truck.stop()
