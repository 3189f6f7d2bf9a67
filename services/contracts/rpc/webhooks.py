"""What notifications is asked about webhooks: addresses of software that is told of registrations and answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request


@dataclass(frozen=True)
class Delivery:
    """A message to a webhook, and how its tries went. ``next_at``: of the next try, None when there is none."""

    id: str
    event: str
    created_at: dt.datetime
    state: Literal["waiting", "sent", "superseded", "failed"]
    attempts: int
    sent_at: dt.datetime | None
    next_at: dt.datetime | None
    error: str


@dataclass(frozen=True)
class Webhook:
    """An address that is told. ``secret`` signs its messages; ``deliveries``: the last ones, latest first."""

    id: str
    url: str
    made_at: dt.datetime
    secret: str
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class ListWebhooks(Query[tuple[Webhook, ...]]):
    """The webhooks of an edition, oldest first."""

    service = "notifications"
    answer = tuple[Webhook, ...]
    edition_id: str


@dataclass(frozen=True)
class AddWebhook(Request[Webhook]):
    """Tell an address from now on. The same ``id`` again changes nothing."""

    service = "notifications"
    answer = Webhook
    edition_id: str
    id: str
    url: str


@dataclass(frozen=True)
class RemoveWebhook(Request[None]):
    """Tell an address no more; what waits for it is dropped."""

    service = "notifications"
    answer = type(None)
    edition_id: str
    webhook_id: str


@dataclass(frozen=True)
class SendAgain(Request[None]):
    """Try a delivery again now, from the first try on."""

    service = "notifications"
    answer = type(None)
    edition_id: str
    delivery_id: str
