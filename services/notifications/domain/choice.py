"""How a party gets its calendar: by an address to subscribe to, by invitations, both, or on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.notifications.domain.entry import Party

Style = Literal["both", "feed", "invitations", "letter"]


@dataclass(frozen=True)
class Choice:
    """What a party chose."""

    style: Style

    @property
    def invites(self) -> bool:
        """Whether it is invited to sessions it has not heard of."""
        return self.style in ("both", "invitations")

    @property
    def on_paper(self) -> bool:
        """Whether its mails are printed and posted."""
        return self.style == "letter"


def usual(party: Party) -> Choice:
    """Return what a party gets that chose nothing: a school reads its summaries and may subscribe.

    Nobody is invited by the edition's own calendar.
    """
    return Choice("both" if party.kind == "provider" else "feed")
