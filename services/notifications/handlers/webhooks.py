"""Software told of registrations, answers and outcomes: each message waits in the queue of mails, with its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from services.contracts import rpc
from services.contracts.codec import dumps, encode
from services.contracts.errors import refused
from services.contracts.events import (
    AnswerUndone,
    OutcomeRecorded,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.notifications.domain.delivery import Draft, Letter
from services.notifications.domain.webhook import LONGEST_URL, Subscription, callable_from_here
from services.notifications.ports import Tx

MOST_WEBHOOKS = 10
SecretOf = Callable[[Subscription], str]
Told = RegistrationSubmitted | SlotsConfirmed | SlotDeclined | AnswerUndone | OutcomeRecorded


def tell_software(event: Told, tx: Tx) -> None:
    """Queue what happened for every webhook of the edition."""
    body = dumps({"type": event.type(), "timestamp": tx.now, "data": _said(event)}).encode()
    for hook in tx.webhooks.of_edition(event.edition_id):
        unique = "\x00".join((hook.id, event.type(), event.subject, str(tx.sequence)))
        id_ = f"msg_{hashlib.sha256(unique.encode()).hexdigest()[:32]}"
        draft = Draft(event.edition_id, hook.url, "webhook", hook.id, release=0)
        tx.mails.enqueue(id_, id_, draft, Letter(event.type(), body), tx.now, tx.now)


def _said(event: Told) -> dict[str, Any]:
    """Return what leaves of an event. Of a school its id: its contacts and the seed of its link stay in the house."""
    said: dict[str, Any] = encode(event)
    if isinstance(event, RegistrationSubmitted):
        kept = {name: said[name] for name in ("edition_id", "classes", "groups")}
        return kept | {"school_id": event.school.id}
    return said


def list_webhooks(request: rpc.ListWebhooks, tx: Tx, *, secret_of: SecretOf) -> tuple[rpc.Webhook, ...]:
    """The webhooks of an edition."""
    return tuple(
        rpc.Webhook(hook.id, hook.url, tx.webhooks.made_at(hook), secret_of(hook), tx.webhooks.deliveries(hook))
        for hook in tx.webhooks.of_edition(request.edition_id)
    )


def add_webhook(request: rpc.AddWebhook, tx: Tx, *, secret_of: SecretOf) -> rpc.Webhook:
    """Tell an address from now on."""
    if not tx.editions.find(request.edition_id):
        raise refused("unknown_edition", edition=request.edition_id)
    if not callable_from_here(request.url):
        raise refused("webhook_url", longest=LONGEST_URL)
    known = {hook.id: hook for hook in tx.webhooks.of_edition(request.edition_id)}
    hook = Subscription(request.id, request.edition_id, request.url)
    if request.id not in known:
        if len(known) >= MOST_WEBHOOKS:
            raise refused("webhook_many", most=MOST_WEBHOOKS)
        tx.webhooks.add(hook, tx.now)
        tx.history.add(request.edition_id, "webhook_added", webhook=request.id)
    return rpc.Webhook(hook.id, hook.url, tx.now, secret_of(hook))


def remove_webhook(request: rpc.RemoveWebhook, tx: Tx) -> None:
    """Tell an address no more."""
    if not tx.webhooks.remove(request.edition_id, request.webhook_id):
        raise refused("unknown_webhook")
    tx.history.add(request.edition_id, "webhook_removed", webhook=request.webhook_id)


def send_again(request: rpc.SendAgain, tx: Tx) -> None:
    """Try a delivery again."""
    if not tx.webhooks.send_again(request.edition_id, request.delivery_id, tx.now):
        raise refused("unknown_delivery")
