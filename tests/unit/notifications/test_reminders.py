"""Reminders over weeks: who gets one, who not, and that nobody gets too many."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from services.contracts import rpc
from services.contracts.events import AnswerDeadlineSet
from services.contracts.values import Contact
from services.notifications.domain import reminders as domain
from services.notifications.domain.reminders import APART, Asked, Standing, Verdict, judge
from services.notifications.handlers import choices, copies, reminders
from tests.unit.notifications.builders import (
    EDITION_ID,
    NOW,
    confirmed,
    declined,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import DESK, Bureau

DAY = dt.timedelta(days=1)
SCHOOLS = ("acy", "belleu")


@pytest.fixture
def bureau() -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    return bureau


def prepare(bureau: Bureau, *schools: str) -> int:
    return reminders.prepare_reminders(rpc.PrepareReminders(EDITION_ID, schools or SCHOOLS), bureau.tx, desk=DESK)


def review(bureau: Bureau) -> list[tuple[str, str]]:
    """The organiser lets everything leave."""
    choices.send_now(rpc.SendNow(EDITION_ID), bureau.tx)
    return sorted((mail.draft.kind, mail.draft.party) for mail in bureau.send())


def standing(bureau: Bureau, school: str = "acy") -> tuple[str | None, str]:
    listed = {one.school_id: one for one in reminders.list_reminders(rpc.ListReminders(EDITION_ID), bureau.tx)}
    return listed[school].need, listed[school].reason


def texts(bureau: Bureau) -> list[str]:
    return [mail.letter.subject for mail in bureau.tx.mails.queue if mail.draft.kind in ("welcome", "reminder")]


def test_schools_stand_in_alphabetical_order(bureau: Bureau) -> None:
    bureau.hear(registered("zoo", "Zoo"), registered("centre", "ecole du Centre 1"))
    listed = reminders.list_reminders(rpc.ListReminders(EDITION_ID), bureau.tx)
    assert [one.school_id for one in listed] == ["acy", "belleu", "centre", "zoo"]


def test_schools_are_invited_once_then_reminded_to_register(bureau: Bureau) -> None:
    assert (standing(bureau), prepare(bureau)) == (("welcome", "due"), 2)
    assert review(bureau) == [("welcome", "acy"), ("welcome", "belleu")]
    assert standing(bureau) == ("register", "too_soon")
    bureau.tx.now += APART
    assert (standing(bureau), prepare(bureau, "acy"), review(bureau)) == (("register", "due"), 1, [("reminder", "acy")])
    assert texts(bureau)[::2] == [
        "Quinzaine du Numérique 2020\u00a0: inscrivez votre école",
        "Quinzaine du Numérique 2020\u00a0: il reste à inscrire votre école",
    ]


def test_nothing_leaves_before_the_organiser_has_read_it(bureau: Bureau) -> None:
    prepare(bureau)
    bureau.tx.now += 30 * DAY
    assert bureau.send() == []
    assert (standing(bureau), prepare(bureau)) == (("welcome", "in_review"), 0)


def test_a_mail_kept_back_does_not_count(bureau: Bureau) -> None:
    prepare(bureau, "acy")
    choices.withhold_mails(rpc.WithholdMails(EDITION_ID, (bureau.tx.mails.queue[-1].id,)), bureau.tx)
    assert standing(bureau) == ("welcome", "due")


def test_three_reminders_and_no_fourth(bureau: Bureau) -> None:
    got: Counter[str] = Counter()
    for _ in range(65):
        prepare(bureau, "acy")
        got.update(kind for kind, _school in review(bureau))
        bureau.tx.now += DAY / 2
    assert got == {"welcome": 1, "reminder": 3}
    assert standing(bureau) == ("register", "three_already")


def test_a_school_that_registered_or_answered_is_left_alone(bureau: Bureau) -> None:
    prepare(bureau, "acy")
    bureau.hear(replace(registered(), declared=True))
    assert (standing(bureau), review(bureau)) == ((None, "nothing_to_ask"), [])
    bureau.hear(released(1, *sessions()))
    review(bureau)
    bureau.tx.now += APART
    assert (standing(bureau), prepare(bureau)) == (("answer", "due"), 2)
    bureau.hear(confirmed())
    bureau.send()
    assert (standing(bureau), standing(bureau, "belleu")) == ((None, "nothing_to_ask"), ("answer", "in_review"))
    assert review(bureau) == [("reminder", "belleu")]


def test_part_of_the_answers_takes_the_waiting_reminder_back(bureau: Bureau) -> None:
    bureau.hear(released(1, *sessions()))
    review(bureau)
    bureau.tx.now += APART
    prepare(bureau, "acy")
    bureau.hear(declined())
    bureau.send()
    assert standing(bureau) == ("answer", "due")


def test_a_new_summary_takes_the_place_of_a_waiting_reminder(bureau: Bureau) -> None:
    bureau.hear(released(1, *sessions()))
    review(bureau)
    bureau.tx.now += APART
    prepare(bureau)
    first, *others = sessions()
    bureau.hear(released(2, replace(first, start=first.start + DAY, end=first.end + DAY), *others))
    assert review(bureau) == [("digest", "acy"), ("invitation", "truck"), ("reminder", "belleu")]
    assert standing(bureau) == ("answer", "too_soon")


def test_the_deadline_stands_in_the_mail(bureau: Bureau) -> None:
    copies.answer_deadline_set(AnswerDeadlineSet(EDITION_ID, dt.date(2020, 10, 30)), bureau.tx)
    bureau.hear(released(1, *sessions()))
    review(bureau)
    bureau.tx.now += APART
    prepare(bureau, "acy")
    raw = bureau.tx.mails.queue[-1].letter.raw.decode().replace("=\r\n", "").replace("=20", " ")
    assert "vendredi 30 octobre 2020" in raw


@pytest.mark.parametrize(
    ("school", "asked", "over", "expected"),
    [
        (Standing(False, 0, 0, True), Asked(), True, Verdict("welcome", "over")),
        (Standing(False, 0, 0, False), Asked(), False, Verdict("welcome", "no_address")),
        (Standing(True, 2, 1, True), Asked(3, NOW - 30 * DAY), False, Verdict("answer", "three_already")),
        (Standing(True, 2, 1, True), Asked(1, NOW - DAY), False, Verdict("answer", "too_soon", NOW + 6 * DAY)),
        (Standing(True, 2, 1, True), Asked(1, NOW - APART), False, Verdict("answer", "due")),
        (Standing(True, 2, 0, True), Asked(), False, Verdict(None, "nothing_to_ask")),
    ],
)
def test_each_reason(school: Standing, asked: Asked, over: bool, expected: Verdict) -> None:
    assert judge(school, asked, NOW, over) == expected


def test_a_bad_address_is_said(bureau: Bureau) -> None:
    event = registered()
    bureau.hear(replace(event, school=replace(event.school, contact=Contact("Direction", "direction"))))
    assert (standing(bureau), prepare(bureau, "acy")) == (("welcome", "no_address"), 0)


def history(chance: random.Random) -> list[dt.datetime]:
    """Play the months of one school: mails prepared, reviewed now or later, kept back; return when reminders left."""
    now, waiting, asked, left = NOW, "", Asked(), []
    school = Standing(declared=False, sessions=2, unanswered=1, reachable=True)
    for _ in range(60):
        now += dt.timedelta(hours=chance.randint(1, 100))
        act = chance.choice(("prepare", "prepare", "prepare", "review", "review", "withhold", "digest"))
        seen = replace(asked, in_review=bool(waiting))
        if act == "prepare" and judge(school, seen, now, over=False).reason == "due":
            waiting = "reminder"
        elif act == "review" and waiting:
            asked, waiting = asked.with_mail(waiting, now, waits=False), ""
            left.append(now)
        elif act == "withhold":
            waiting = ""
        elif act == "digest":
            asked, waiting = asked.with_mail("digest", now, waits=False), ""
    return left


def worst() -> tuple[int, dt.timedelta]:
    """Return the most reminders of a school, and the least time between two, of a thousand histories."""
    all_left = [history(random.Random(seed)) for seed in range(1000)]
    return max(map(len, all_left)), min(later - earlier for left in all_left for earlier, later in pairwise(left))


def test_whatever_happens_no_school_gets_more_than_three_nor_two_within_a_week() -> None:
    most, least = worst()
    assert (most, least >= APART) == (3, True)


def test_the_same_histories_break_each_limit_that_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "MOST", 99)
    assert worst()[0] > 3
    monkeypatch.setattr(domain, "APART", dt.timedelta(0))
    assert worst()[1] < dt.timedelta(days=7)
