"""Short texts: the same on the fakes and on a real database; their ways out all keep the one contract."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import Contact
from services.kit.database import Database
from services.notifications.adapters.queue import TOO_LATE, Mails
from services.notifications.adapters.smtp import Route
from services.notifications.adapters.texts import NO_NUMBER, GatewayTexts, MailboxTexts, TextSender
from services.notifications.domain.delivery import PAUSES, Handover
from services.notifications.handlers import choices, links, texts
from services.notifications.ports import Texts
from services.portal.mail.letters import read_letter
from services.portal.mail.mailbox import Mailbox
from tests.integration.mail_door import MailDoor
from tests.ports.bureau import SqlBureau
from tests.ports.test_webhook_deliveries import Receiver, receiver  # noqa: F401
from tests.unit.notifications.builders import (
    EDITION_ID,
    a_school,
    a_session,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import DESK, NAMES, Bureau

PARIS_IS_AHEAD = dt.timedelta(hours=1)
PHONE = "+33612345678"


@pytest.fixture
def bureau(empty_bureau: Any) -> Any:
    """Release 1 is out, and the school of Acy has asked for texts."""
    empty_bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"), released(1, *sessions()))
    ask_for_texts(empty_bureau)
    return empty_bureau


def ask_for_texts(bureau: Any, kind: Any = "school", id_: str = "acy", phone: str = "06 12 34 56 78") -> None:
    request = rpc.SetTexts(EDITION_ID, kind, id_, phone)
    bureau.do(lambda tx: texts.set_texts(request, tx, desk=DESK))


def at(bureau: Any, day: int, hour: int, minute: int = 0) -> None:
    """Set the clock to an hour of Paris in November 2020."""
    now = dt.datetime(2020, 11, day, hour, minute, tzinfo=dt.timezone.utc) - PARIS_IS_AHEAD
    if isinstance(bureau, Bureau):
        bureau.tx.now = now
    else:
        bureau.now = now


def queued(bureau: Any) -> list[tuple[str, str, str]]:
    """The party, state and words of every text, oldest first."""
    mails = bureau.do(lambda tx: sorted(tx.mails.of_edition(EDITION_ID, None), key=lambda mail: mail.created_at))
    return [(mail.party, mail.state, mail.subject) for mail in mails if mail.kind == "text"]


def without_robotics() -> tuple[Any, ...]:
    return sessions()[1:]


def test_a_session_cancelled_on_the_eve_is_texted_to_who_asked_and_to_nobody_else(bureau: Any) -> None:
    at(bureau, 2, 16)
    bureau.hear(released(2, *without_robotics()))
    words = (
        "Quinzaine du Numérique 2020 : séance annulée, mar. 3 nov. 9 h 00 :"
        " Robotique - CM1 groupe 1 (Ze Fab Truck). Question : +33 3 00 00 00 00"
    )
    assert queued(bureau) == [("acy", "waiting", words)]


def test_who_comes_is_texted_as_well_in_its_own_words(bureau: Any) -> None:
    ask_for_texts(bureau, "provider", "truck", "+33 7 56 78 90 12")
    at(bureau, 2, 16)
    bureau.hear(released(2, a_session(hour=10), *without_robotics()))
    assert sorted(party for party, *_ in queued(bureau)) == ["acy", "truck"]
    (words,) = [words for party, _, words in queued(bureau) if party == "truck"]
    assert "séance déplacée du mar. 3 nov. 9 h 00 au mar. 3 nov. 10 h 00 : Robotique - École d'Acy" in words


def test_what_changes_later_on_is_left_to_mails(bureau: Any) -> None:
    at(bureau, 2, 16)
    bureau.hear(released(2, sessions()[0], a_session("acy", "video", 5, 10), *sessions()[2:]))
    assert queued(bureau) == []


def test_a_newer_text_tells_what_the_one_that_waits_would_have_told(bureau: Any) -> None:
    at(bureau, 2, 21)
    bureau.hear(released(2, *without_robotics()))
    at(bureau, 2, 21, 30)
    bureau.hear(released(3, a_session("acy", "video", 3, 14), *sessions()[2:]))
    (_, first, _), (_, second, words) = queued(bureau)
    assert (first, second) == ("superseded", "waiting")
    assert ("séance annulée, mar. 3 nov. 9 h 00" in words, "au mar. 3 nov. 14 h 00 : Vidéo" in words) == (True, True)


def test_moved_back_before_the_text_left_is_no_news(bureau: Any) -> None:
    at(bureau, 2, 21)
    bureau.hear(released(2, *without_robotics()))
    at(bureau, 2, 22)
    bureau.hear(released(3, *sessions()))
    assert [state for _, state, _ in queued(bureau)] == ["superseded"]


def test_a_fifth_text_of_a_day_waits_for_the_organiser(bureau: Any) -> None:
    plans = [sessions(), without_robotics()]
    for number in range(5):
        at(bureau, 2, 9 + number)
        bureau.hear(released(number + 2, *plans[(number + 1) % 2]))
        bureau.do(_all_texts_left(bureau))
    assert [state for _, state, _ in queued(bureau)] == ["sent"] * 4 + ["held"]
    held = [mail.id for mail in bureau.do(lambda tx: tx.mails.of_edition(EDITION_ID, "held"))]
    assert bureau.do(lambda tx: choices.send_now(rpc.SendNow(EDITION_ID, tuple(held)), tx)) == 1


def _all_texts_left(bureau: Any) -> Callable[[Any], None]:
    if isinstance(bureau, Bureau):
        return lambda tx: bureau.send() and None

    def send(tx: Any) -> None:
        while text := tx.mails.claim_text(tx.now):
            tx.mails.sent(text, tx.now)

    return send


def test_another_contact_has_not_asked(bureau: Any) -> None:
    contact = Contact("Nouvelle direction", "nouvelle@acy.example")
    bureau.hear(replace(registered(), school=a_school(contact=contact)))
    at(bureau, 2, 16)
    bureau.hear(released(2, *without_robotics()))
    assert queued(bureau) == []


def test_who_takes_the_number_back_gets_nothing_not_even_what_waits(bureau: Any) -> None:
    at(bureau, 2, 21)
    bureau.hear(released(2, *without_robotics()))
    ask_for_texts(bureau, phone="")
    assert [state for _, state, _ in queued(bureau)] == ["superseded"]
    bureau.hear(released(3, *sessions()))
    assert len(queued(bureau)) == 1


def test_the_sessions_of_the_next_weekday_are_recalled_once(bureau: Any) -> None:
    remind = partial(texts.remind, desk=DESK)
    for day, hour in ((1, 16), (2, 14), (2, 16), (2, 17), (3, 16), (4, 20)):
        at(bureau, day, hour)
        bureau.do(remind)
    ((party, _, words),) = queued(bureau)
    assert party == "acy"
    assert "rappel, mar. 3 nov. 9 h 00, Robotique - CM1 groupe 1 (Ze Fab Truck)." in words


def test_a_number_that_is_no_mobile_is_refused_and_the_one_before_stays(bureau: Any) -> None:
    with pytest.raises(Refused) as refusal:
        ask_for_texts(bureau, phone="03 23 00 00 00")
    assert refusal.value.problems[0].code == "phone_for_texts"
    assert shown(bureau) == "+33 6 12 34 56 78"


def shown(bureau: Any) -> str | None:
    request = rpc.ListFeeds(EDITION_ID, "school", "acy")
    listed = partial(links.list_feeds, names=NAMES, numbers=DESK.numbers)
    (feed,) = bureau.do(lambda tx: listed(request, tx))
    return feed.phone  # type: ignore[no-any-return]


def test_a_house_without_texts_offers_none(bureau: Any) -> None:
    request = rpc.ListFeeds(EDITION_ID, "school", "acy")
    (feed,) = bureau.do(lambda tx: links.list_feeds(request, tx, names=NAMES))
    assert feed.phone is None


# What waits leaves by the way the school chose -----------------------------------------------------------------


def test_what_waits_for_a_school_goes_the_way_it_chooses_now(bureau: Any) -> None:
    def digests() -> list[tuple[str, str, bool]]:
        mails = bureau.do(lambda tx: tx.mails.of_edition(EDITION_ID, None))
        return [(m.party, m.state, "@" in m.recipient) for m in mails if (m.kind, m.party) == ("digest", "acy")]

    assert digests() == [("acy", "waiting", True)]
    bureau.choose_style("school", "acy", "letter")
    assert digests() == [("acy", "to_print", False)]
    bureau.choose_style("school", "acy", "feed")
    assert digests() == [("acy", "waiting", True)]


# The sender ------------------------------------------------------------------------------------------------------


@dataclass
class FakeTexts:
    """Keeps what is handed over; answers by its script, else takes it."""

    script: list[Handover] = field(default_factory=list)
    sent: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, text_id: str, phone: str, words: str) -> Handover:
        self.sent.append((text_id, phone, words))
        return self.script.pop(0) if self.script else Handover("sent")


@pytest.fixture
def told(database: Database) -> SqlBureau:
    """A text about a session of the next morning waits."""
    bureau = SqlBureau(database)
    bureau.hear(edition_opened(), registered(), released(1, *sessions()[:2]))
    ask_for_texts(bureau)
    at(bureau, 2, 16)
    bureau.hear(released(2, *sessions()[1:2]))
    return bureau


def state(bureau: SqlBureau) -> tuple[str, int, str]:
    with bureau.database.read() as connection:
        ((kept),) = [mail for mail in Mails(connection).of_edition(EDITION_ID, None) if mail.kind == "text"]
    return kept.state, kept.attempts, kept.error


def test_a_text_is_tried_again_with_the_same_id_until_it_is_taken(told: SqlBureau) -> None:
    way = FakeTexts([Handover("passing", "HTTP 503"), Handover("broken", "the line broke")])
    sender = TextSender(told.database, way, lambda: told.now)
    assert (sender.tick(), state(told)) == (True, ("waiting", 1, "HTTP 503"))
    for pause in PAUSES[:2]:
        assert not sender.tick()
        told.now += pause
        sender.tick()
    assert state(told) == ("sent", 3, "")
    assert [way.sent[0]] * 3 == way.sent
    assert way.sent[0][1] == PHONE
    with told.database.begin() as connection:
        assert Mails(connection).sent_since(told.now - dt.timedelta(hours=1)) == 0, "mails per minute are not texts"


def test_a_text_does_not_leave_as_a_mail_nor_once_the_session_began(told: SqlBureau) -> None:
    assert not any(mail.startswith("text.") for mail, _ in told.send())
    at(told, 3, 9)
    way = FakeTexts()
    assert not TextSender(told.database, way, lambda: told.now).tick()
    assert (way.sent, state(told)) == ([], ("failed", 0, TOO_LATE))


def test_no_number_is_kept_beside_a_text_and_none_after_the_edition(told: SqlBureau) -> None:
    def numbers(tx: Any) -> int:
        return len(tx.parties.numbers(EDITION_ID))

    with told.database.read() as connection:
        rows = [str(row) for row in connection.exec_driver_sql("select * from mail")]
    assert not any("612345678" in row for row in rows)
    at(told, 16, 23)
    told.do(lambda tx: tx.parties.forget_numbers(tx.now))
    assert told.do(numbers) == 1
    at(told, 17, 1)
    told.do(lambda tx: tx.parties.forget_numbers(tx.now))
    assert told.do(numbers) == 0
    way = FakeTexts()
    at(told, 2, 18)
    TextSender(told.database, way, lambda: told.now).tick()
    assert (way.sent, state(told)) == ([], ("failed", 1, NO_NUMBER))


# Ways out ----------------------------------------------------------------------------------------------------------

WORDS = 'Séance "annulée" à 9 h & {to} \\ €'


def test_a_gateway_gets_what_its_template_says_in_json(receiver: Receiver) -> None:  # noqa: F811
    body = '{"to": "{digits}", "from": "QUINZAINE", "text": "{text}", "ref": "{id}"}'
    way: Texts = GatewayTexts(f"{receiver.url}&n={{to}}", {"Authorization": "Bearer k"}, body)
    assert way.send("text.1", PHONE, WORDS) == Handover("sent")
    ((path, headers, raw),) = receiver.came
    assert (path, headers["authorization"], headers["content-type"]) == (
        "/hook?a=b&n=%2B33612345678",
        "Bearer k",
        "application/json",
    )
    assert json.loads(raw) == {"to": "33612345678", "from": "QUINZAINE", "text": WORDS, "ref": "text.1"}


def test_a_gateway_gets_a_form_when_its_template_is_one(receiver: Receiver) -> None:  # noqa: F811
    GatewayTexts(receiver.url, {}, "to={to}&message={text}").send("text.1", PHONE, WORDS)
    ((_, headers, raw),) = receiver.came
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(raw.decode()) == {"to": [PHONE], "message": [WORDS]}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "sent"),
        (202, "sent"),
        (302, "passing"),
        (400, "final"),
        (404, "final"),
        (401, "passing"),
        (408, "passing"),
        (429, "passing"),
        (500, "passing"),
    ],
)
def test_what_a_gateway_says_decides_whether_it_is_tried_again(
    status: int,
    kind: str,
    receiver: Receiver,  # noqa: F811
) -> None:
    receiver.script = [status]
    assert GatewayTexts(receiver.url, {}, "to={to}&text={text}").send("text.1", PHONE, WORDS).kind == kind


def test_a_gateway_that_is_not_there_is_tried_again() -> None:
    gone = GatewayTexts("http://127.0.0.1:9/", {}, "to={to}&text={text}").send("text.1", PHONE, WORDS)
    assert (gone.kind, gone.may_have_left) == ("broken", True)


def test_in_development_a_text_shows_in_the_mailbox(tmp_path: Path) -> None:
    settings, mailbox = MailDoor.settings(), Mailbox(tmp_path)
    door = MailDoor(lambda *_: None, settings, mailbox)
    try:
        route = Route("smtp://{}:{}".format(*door.address), settings.answer_address)
        assert MailboxTexts(route).send("text.1", PHONE, WORDS) == Handover("sent")
    finally:
        door.close()
    (kept,) = mailbox.letters()
    assert (kept.recipient, kept.subject) == ("33612345678@sms.invalid", f"SMS : {WORDS}")
    raw = mailbox.get(kept.id)
    assert raw
    assert read_letter(raw).text.strip() == WORDS
    closed = MailboxTexts(route).send("text.2", PHONE, WORDS)
    assert closed.kind == "passing"
