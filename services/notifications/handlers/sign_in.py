"""Links that let the people who organise sign in: mailed at once, whatever else waits."""

from __future__ import annotations

from services.contracts.events import SignInAsked
from services.notifications.domain.delivery import Draft
from services.notifications.domain.entry import Party
from services.notifications.domain.link import Link
from services.notifications.ports import Desk, Postmark, Tx

NO_EDITION = ""


def sign_in_asked(event: SignInAsked, tx: Tx, *, desk: Desk) -> None:
    """Mail the link; of several that wait, the newest leaves. One that is over is mailed no more."""
    if event.until <= tx.now:
        return
    reader = Party("account", event.account_id)
    token = desk.names.token(NO_EDITION, reader, "page", event.seed)
    tx.links.save(NO_EDITION, reader, "page", Link(event.seed, tx.now), desk.names.digest_of(token))
    draft = Draft(NO_EDITION, event.email, "sign_in", event.account_id, 0, thread=f"sign_in/{event.account_id}")
    mail_id = desk.names.mail_id(draft, tx.mails.count(draft) + 1)
    mark = Postmark(desk.names.message_id(mail_id), tx.now, "")
    tx.mails.enqueue(mail_id, mark.message_id, draft, desk.press.sign_in(event, mark), tx.now, tx.now)
