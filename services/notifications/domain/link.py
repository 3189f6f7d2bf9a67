"""The links that notifications hands out: of a provider's page, and of everyone's calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.notifications.domain.entry import Party

Purpose = Literal["page", "feed"]


@dataclass(frozen=True)
class Link:
    """A link. ``seed``: with the house's secret it makes the token.

    ``read_at``/``client``: when a feed was read last, and by which program.
    """

    seed: str
    issued_at: dt.datetime
    revoked_at: dt.datetime | None = None
    read_at: dt.datetime | None = None
    client: str = ""


def purposes(party: Party) -> tuple[Purpose, ...]:
    """Return what we hand a party links for; a school's page is registration's."""
    return ("page", "feed") if party.kind == "provider" else ("feed",)
