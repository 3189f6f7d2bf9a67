"""What the organiser decided about other slots: a school hears of all its wishes in one mail."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy

import pytest

from services.contracts.events import AnswerDeadlineSet, WishesSettled
from services.contracts.values import SettledWish
from services.notifications.domain.delivery import GATHERING
from services.notifications.domain.entry import NotYetKnown
from services.notifications.handlers import copies
from services.notifications.handlers.wishes import wishes_settled
from tests.unit.notifications.builders import EDITION_ID, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import DESK, Bureau

THURSDAY = dt.datetime(2020, 11, 5, 9, tzinfo=dt.timezone.utc)
REFUSED = SettledWish("s1", "Robotique", "CM1", THURSDAY, THURSDAY + dt.timedelta(days=1), False, "La salle est prise.")
ACCEPTED = SettledWish("s2", "Vidéo", "CM1", THURSDAY, THURSDAY + dt.timedelta(days=4), True)


def text_of(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n").replace("\u00a0", " ")


def settle(bureau: Bureau, *wishes: SettledWish) -> None:
    wishes_settled(WishesSettled(EDITION_ID, "acy", wishes), bureau.tx, desk=DESK)


def test_decisions_of_a_quarter_of_an_hour_leave_as_one_mail() -> None:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered())
    copies.answer_deadline_set(AnswerDeadlineSet(EDITION_ID, dt.date(2020, 10, 30)), bureau.tx)
    settle(bureau, REFUSED)
    settle(bureau, REFUSED, ACCEPTED)
    assert bureau.send() == []
    bureau.tx.now += GATHERING
    (mail,) = bureau.send()
    assert (mail.draft.kind, mail.draft.recipient) == ("wishes", "direction@acy.example")
    text = text_of(mail.letter.raw)
    assert "Refusé : « La salle est prise. » La séance reste le jeudi 5 novembre 2020 à 10 h 00." in text
    assert "Demandé : lundi 9 novembre 2020 à 10 h 00\n  Accepté" in text
    assert "Merci de répondre au plus tard le vendredi 30 octobre 2020." in text


def test_decisions_heard_before_the_registration_are_tried_again() -> None:
    bureau = Bureau()
    bureau.hear(edition_opened())
    with pytest.raises(NotYetKnown):
        settle(bureau, REFUSED)


@pytest.mark.parametrize(("day", "said"), [(dt.date(2020, 10, 30), True), (dt.date(2020, 10, 1), False)])
def test_a_summary_says_the_deadline_until_it_has_passed(day: dt.date, said: bool) -> None:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    copies.answer_deadline_set(AnswerDeadlineSet(EDITION_ID, day), bureau.tx)
    bureau.hear(released(1, *sessions()))
    digests = [mail for mail in bureau.tx.mails.queue if mail.draft.kind == "digest"]
    assert len(digests) == 2
    assert ["Merci de répondre au plus tard" in text_of(mail.letter.raw) for mail in digests] == [said, said]
