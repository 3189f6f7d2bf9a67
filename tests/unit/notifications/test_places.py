"""A place in a programme became free: the school of the group that waited is told."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy

import pytest

from services.contracts.events import PlaceOffered
from services.notifications.domain.entry import NotYetKnown
from services.notifications.handlers.places import place_offered
from tests.unit.notifications.builders import EDITION_ID, edition_opened, registered
from tests.unit.notifications.fakes import DESK, Bureau

OFFER = PlaceOffered(EDITION_ID, "quinzaine", "acy", "acy/cm1/1", dt.datetime(2020, 10, 30, 11, tzinfo=dt.timezone.utc))


def test_the_school_is_told_at_once_until_when_it_may_accept() -> None:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered())
    place_offered(OFFER, bureau.tx, desk=DESK)
    (mail,) = bureau.send()
    assert (mail.draft.kind, mail.draft.recipient) == ("place", "direction@acy.example")
    message = message_from_bytes(mail.letter.raw, policy=policy.default)
    assert message["subject"].endswith("une place est libre pour CM1 groupe 1")
    text = message.get_body(("plain",)).get_content()
    assert "Répondez avant vendredi 30 octobre 2020 à 12\u00a0h\u00a000" in text
    assert "Accepter ou laisser la place\u00a0: https://" in text.replace("http://", "https://")


def test_an_offer_heard_before_its_registration_is_tried_again() -> None:
    bureau = Bureau()
    bureau.hear(edition_opened())
    with pytest.raises(NotYetKnown):
        place_offered(OFFER, bureau.tx, desk=DESK)
