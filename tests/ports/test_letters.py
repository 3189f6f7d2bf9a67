"""Letters to a school that does not read mail: the same on the fakes and on a real database."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.kit.database import Database
from services.notifications.adapters.links import blank
from services.notifications.adapters.queue import Mails
from services.notifications.handlers import choices, queries, reminders
from services.portal.mail.letters import read_letter
from tests.ports.bureau import SqlBureau
from tests.unit.notifications.builders import (
    EDITION_ID,
    a_school,
    a_session,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import DESK, NAMES


@pytest.fixture
def bureau(empty_bureau: Any) -> Any:
    empty_bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    return empty_bureau


def letters(bureau: Any) -> tuple[rpc.PaperLetter, ...]:
    request = rpc.ListLetters(EDITION_ID)
    return bureau.do(lambda tx: queries.list_letters(request, tx, names=NAMES))  # type: ignore[no-any-return]


def mark(bureau: Any, *ids: str) -> int:
    return bureau.do(lambda tx: choices.mark_printed(rpc.MarkPrinted(EDITION_ID, ids), tx))  # type: ignore[no-any-return]


def test_a_school_that_gets_letters_gets_no_mail_and_the_others_do(bureau: Any) -> None:
    assert bureau.choose_style("school", "acy", "letter").style == "letter"
    bureau.hear(released(1, *sessions()))
    left = [
        str(getattr(one, "id", one[0] if isinstance(one, tuple) else "")).partition(".")[0] for one in bureau.send()
    ]
    assert left.count("digest") == 1, "Belleu's"
    (letter,) = letters(bureau)
    assert (letter.school.id, letter.summary.kind, letter.summary.state) == ("acy", "digest", "to_print")
    assert "@" not in letter.summary.recipient
    assert "Nouvelles séances" in read_letter(base64.b64decode(letter.raw)).text


def test_a_newer_letter_replaces_one_that_was_not_printed_and_tells_what_changed_since_print(bureau: Any) -> None:
    bureau.choose_style("school", "acy", "letter")
    bureau.hear(released(1, *sessions()))
    (first,) = letters(bureau)
    bureau.hear(released(2, *sessions()))
    assert [one.summary.id for one in letters(bureau)] == [first.summary.id], "nothing new, the same letter"
    bureau.hear(released(3, a_session(hour=10), *sessions()[1:]))
    (second,) = letters(bureau)
    assert "Séances déplacées" not in read_letter(base64.b64decode(second.raw)).text
    assert mark(bureau, first.summary.id, second.summary.id) == 1, "the first was replaced"
    assert (letters(bureau), mark(bureau, second.summary.id)) == ((), 0)
    bureau.hear(released(4, a_session(hour=11), *sessions()[1:]))
    (third,) = letters(bureau)
    assert "Séances déplacées" in read_letter(base64.b64decode(third.raw)).text


def test_a_letter_held_back_is_not_printed_until_it_is_let_go(bureau: Any) -> None:
    bureau.choose_style("school", "acy", "letter")
    bureau.hear(released(1, *sessions()))
    (letter,) = letters(bureau)
    id_ = letter.summary.id
    held = rpc.WithholdMails(EDITION_ID, (id_,))
    assert bureau.do(lambda tx: choices.withhold_mails(held, tx)) == 1
    assert (letters(bureau), mark(bureau, id_)) == ((), 0)
    bureau.do(lambda tx: choices.send_now(rpc.SendNow(EDITION_ID, (id_,)), tx))
    assert [one.summary.id for one in letters(bureau)] == [id_]


def test_an_invitation_to_register_goes_by_post_also_to_a_school_without_a_mail_address(bureau: Any) -> None:
    nobody = replace(a_school(), contact=replace(a_school().contact, email=""))
    bureau.hear(replace(registered(), school=nobody))
    request = rpc.PrepareReminders(EDITION_ID, ("acy",))
    prepare = partial(reminders.prepare_reminders, request, desk=DESK)
    assert bureau.do(prepare) == 0
    bureau.choose_style("school", "acy", "letter")
    assert [bureau.do(prepare) for _ in range(2)] == [1, 0], "once, as long as it is to be printed"
    assert [(one.school.id, one.summary.kind) for one in letters(bureau)] == [("acy", "welcome")]


def test_a_provider_cannot_choose_letters(bureau: Any) -> None:
    with pytest.raises(Refused) as refusal:
        bureau.choose_style("provider", "truck", "letter")
    assert [problem.code for problem in refusal.value.problems] == ["letters_for_schools"]


def with_a_letter(database: Database) -> tuple[SqlBureau, rpc.PaperLetter]:
    """The offer of release 1 waits on paper for the school of Acy."""
    bureau = SqlBureau(database)
    bureau.hear(edition_opened(), registered())
    bureau.choose_style("school", "acy", "letter")
    bureau.hear(released(1, *sessions()[:2]))
    (letter,) = letters(bureau)
    return bureau, letter


def test_a_printed_letter_names_the_page_its_school_has_now(database: Database) -> None:
    bureau, letter = with_a_letter(database)
    kept = bureau.do(lambda tx: tx.mails.find(letter.summary.id))
    place = blank("school", "page")
    texts = [read_letter(base64.b64decode(raw)).text for raw in (kept.raw, letter.raw)]
    assert [place in text for text in texts] == [True, False]


def test_letters_do_not_count_against_the_mails_of_a_minute(database: Database) -> None:
    bureau, letter = with_a_letter(database)
    before = bureau.now
    mark(bureau, letter.summary.id)
    with database.read() as connection:
        assert Mails(connection).sent_since(before.replace(year=before.year - 1)) == 0
