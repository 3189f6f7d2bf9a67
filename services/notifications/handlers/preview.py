"""What a release would send, looked at beforehand."""

from __future__ import annotations

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.events import PlanReleased
from services.notifications.domain.entry import NotYetKnown
from services.notifications.handlers.queries import edition_of
from services.notifications.handlers.release import plan_released
from services.notifications.ports import Desk, Tx


def preview_release(request: rpc.PreviewRelease, tx: Tx, *, desk: Desk) -> rpc.PreviewedRelease:
    """Follow the release as if it had come, and tell what that queued: a query's transaction is never kept."""
    # The first statement writes: a transaction of SQLite that has read cannot always write later.
    tx.editions.set_release(request.edition_id, request.release)
    edition_of(tx, request.edition_id)
    before = {mail.id for mail in tx.mails.of_edition(request.edition_id, None)}
    try:
        plan_released(PlanReleased(request.edition_id, request.release, request.sessions, ()), tx, desk=desk)
    except NotYetKnown:
        raise refused("preview_too_early") from None
    mails = tuple(mail for mail in tx.mails.of_edition(request.edition_id, None) if mail.id not in before)
    asked = any(mail.id == request.mail_id for mail in mails)
    return rpc.PreviewedRelease(mails, tx.mails.find(request.mail_id) if asked else None)
