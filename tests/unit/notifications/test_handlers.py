"""The use cases on ports in memory; numbers in names are those of the acceptance scenarios."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import InvitationAnswered
from services.contracts.values import Contact
from services.notifications.domain import reply as notes
from services.notifications.domain.entry import NotYetKnown
from services.notifications.handlers import queries
from services.portal.mail.mailroom import reply_to_invitation
from tests.unit.notifications.builders import (
    EDITION_ID,
    a_provider,
    a_session,
    confirmed,
    declined,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import DESK, NAMES, Bureau, QueuedMail

ROBOTICS, VIDEO, BELLEU_ROBOTICS, BELLEU_VIDEO = sessions()
MOVED = a_session(hour=10)


def kinds(mails: list[QueuedMail]) -> Counter[tuple[str, str]]:
    return Counter((mail.draft.kind, mail.draft.party) for mail in mails)


@pytest.fixture
def bureau() -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    return bureau


@pytest.fixture
def told(bureau: Bureau) -> Bureau:
    """Release 1 has reached everyone."""
    bureau.hear(released(1, *sessions()))
    bureau.send()
    return bureau


def page(bureau: Bureau, provider_id: str = "truck") -> dict[str, rpc.ProviderSession]:
    answer = queries.get_provider_page(rpc.GetProviderPage(EDITION_ID, provider_id), bureau.tx, desk=DESK)
    return {shown.session.id: shown for shown in answer.sessions}


# Releases --------------------------------------------------------------------------------------------------


def test_a_first_release_invites_once_a_session_and_tells_each_school_once(bureau: Bureau) -> None:
    bureau.hear(released(1, *sessions()))
    assert kinds(bureau.send()) == {
        ("invitation", "truck"): 2,
        ("invitation", "studio"): 2,
        ("digest", "acy"): 1,
        ("digest", "belleu"): 1,
    }


def test_2_the_same_plan_again_mails_nobody_and_leaves_the_feeds(told: Bureau) -> None:
    before = dict(told.tx.parties.feeds)
    told.hear(released(2, *sessions()), edition_opened(), registered())
    assert told.send() == []
    assert told.tx.parties.feeds == before


def test_3_a_moved_session_is_told_to_its_provider_and_its_school_alone(told: Bureau) -> None:
    told.hear(released(2, MOVED, *sessions()[1:]))
    mails = told.send()
    assert kinds(mails) == {("invitation", "truck"): 1, ("digest", "acy"): 1}
    (invitation,) = [mail for mail in mails if mail.draft.kind == "invitation"]
    assert (invitation.draft.session_id, invitation.draft.release) == (ROBOTICS.id, 2)


def test_7_moved_and_moved_back_before_the_mail_left_sends_nothing(told: Bureau) -> None:
    told.hear(released(2, MOVED, *sessions()[1:]), released(3, *sessions()))
    assert told.send() == []


def test_8_two_moves_before_the_mail_left_send_the_last_alone(told: Bureau) -> None:
    told.hear(released(2, MOVED, *sessions()[1:]), released(3, a_session(hour=11), *sessions()[1:]))
    mails = told.send()
    assert kinds(mails) == {("invitation", "truck"): 1, ("digest", "acy"): 1}
    assert b"SEQUENCE:1" in calendar(mails[0])
    assert b"T110000" in calendar(mails[0])


def test_9_another_provider_cancels_one_and_invites_the_other(told: Bureau) -> None:
    told.hear(released(2, replace(ROBOTICS, provider_id="studio", team_id="studio-1"), *sessions()[1:]))
    mails = told.send()
    assert kinds(mails) == {("cancellation", "truck"): 1, ("invitation", "studio"): 1, ("digest", "acy"): 1}


def test_9_a_provider_that_comes_back_gets_a_new_uid(told: Bureau) -> None:
    told.hear(released(2, replace(ROBOTICS, provider_id="studio", team_id="studio-1"), *sessions()[1:]))
    told.send()
    told.hear(released(3, *sessions()))
    (invitation,) = [mail for mail in told.send() if mail.draft.kind == "invitation"]
    assert "-g2@" in invitation.thread


def test_10_another_address_of_the_provider_cancels_the_old_and_asks_the_new(told: Bureau) -> None:
    contact = Contact("Équipe", "nouveau@truck.example")
    told.hear(edition_opened(providers=(a_provider(contact=contact), a_provider("studio", kind="video"))))
    sent = Counter((mail.draft.kind, mail.draft.recipient) for mail in told.send())
    assert sent == {("cancellation", "contact@truck.example"): 2, ("invitation", "nouveau@truck.example"): 2}


def test_11_a_dropped_session_is_cancelled_and_stays_visible(told: Bureau) -> None:
    told.hear(released(2, *sessions()[1:]))
    assert kinds(told.send()) == {("cancellation", "truck"): 1, ("digest", "acy"): 1}
    assert "SUMMARY:ANNULÉ - Robotique" in told.feed("provider", "truck").body.decode()
    assert page(told)[ROBOTICS.id].cancelled


def test_12_dropped_before_the_first_mail_left_sends_nothing_about_it(bureau: Bureau) -> None:
    bureau.hear(released(1, ROBOTICS, VIDEO), released(2, VIDEO))
    assert kinds(bureau.send()) == {("invitation", "studio"): 1, ("digest", "acy"): 1}


def test_13_a_session_planned_again_after_a_cancellation_has_a_new_uid(told: Bureau) -> None:
    told.hear(released(2, *sessions()[1:]))
    told.send()
    told.hear(released(3, *sessions()))
    (invitation,) = [mail for mail in told.send() if mail.draft.kind == "invitation"]
    feed = told.feed("provider", "truck").body.decode()
    assert "-g2@" in invitation.thread
    assert feed.count("STATUS:CANCELLED") == 1
    assert invitation.thread in feed


def test_14_everything_cancelled_at_once_is_one_mail_a_session_and_one_a_school(told: Bureau) -> None:
    told.hear(released(2))
    assert kinds(told.send()) == {
        ("cancellation", "truck"): 2,
        ("cancellation", "studio"): 2,
        ("digest", "acy"): 1,
        ("digest", "belleu"): 1,
    }


def test_a_release_before_its_edition_or_school_is_tried_again(bureau: Bureau) -> None:
    with pytest.raises(NotYetKnown):
        Bureau().hear(released(1, ROBOTICS))
    with pytest.raises(NotYetKnown):
        bureau.hear(released(1, ROBOTICS, a_session("crouy")))


def test_a_school_may_come_before_its_edition() -> None:
    bureau = Bureau()
    bureau.hear(registered(), edition_opened(), released(1, ROBOTICS, VIDEO))
    assert kinds(bureau.send())["digest", "acy"] == 1


def test_an_edition_that_lost_a_provider_leaves_its_sessions_until_the_next_release(told: Bureau) -> None:
    told.hear(edition_opened(providers=(a_provider("studio", "Studio Pixel", "video"),)))
    assert told.send() == []
    told.hear(released(2, VIDEO, BELLEU_VIDEO))
    assert kinds(told.send())["cancellation", "truck"] == 2


def test_a_renamed_school_shows_in_the_feeds_and_mails_nobody(told: Bureau) -> None:
    before = told.feed("provider", "truck")
    told.hear(registered("acy", "École Jean Moulin"))
    after = told.feed("provider", "truck")
    assert told.send() == []
    assert "École Jean Moulin" in after.body.decode()
    assert after.modified > before.modified


def test_an_address_that_cannot_be_right_gets_no_bytes(bureau: Bureau) -> None:
    contact = Contact("Équipe", "pas une adresse")
    bureau.hear(edition_opened(providers=(a_provider(contact=contact), a_provider("studio", kind="video"))))
    bureau.hear(released(1, *sessions()))
    assert {mail.letter.raw for mail in bureau.send() if mail.draft.party == "truck"} == {b""}


# Answers of schools ----------------------------------------------------------------------------------------


def test_a_confirmation_shows_in_the_feeds_and_gives_a_receipt(told: Bureau) -> None:
    told.hear(confirmed())
    (receipt,) = told.send()
    assert (receipt.draft.kind, receipt.draft.recipient) == ("receipt", "direction@acy.example")
    shown = page(told)[ROBOTICS.id]
    assert (shown.pupils, shown.school_confirmed, shown.answer) == (11, True, "pending")
    assert "L’école a confirmé ce créneau." in unfolded(told.feed("provider", "truck").body)


def test_the_same_confirmation_handled_twice_gives_one_receipt(told: Bureau) -> None:
    told.hear(confirmed(), confirmed())
    assert [mail.draft.kind for mail in told.send()] == ["receipt"]


def test_the_later_answer_of_a_school_holds_whatever_comes_last(told: Bureau) -> None:
    told.tx.sequence = 2
    told.hear(confirmed())
    told.tx.sequence = 1
    told.hear(declined())
    assert page(told)[ROBOTICS.id].school_confirmed
    assert [mail.draft.kind for mail in told.send()] == ["receipt"]


def test_a_refusal_gives_a_receipt_and_tells_the_organiser(told: Bureau) -> None:
    told.hear(declined())
    sent = Counter((mail.draft.kind, mail.draft.recipient) for mail in told.send())
    assert sent == {("receipt", "direction@acy.example"): 1, ("notice", "numerique@grandsoissons.example"): 1}


def test_an_answer_to_a_session_that_moved_since_changes_nothing(told: Bureau) -> None:
    told.hear(released(2, MOVED, *sessions()[1:]))
    told.send()
    told.hear(confirmed(release=1))
    assert not page(told)[ROBOTICS.id].school_confirmed
    assert page(told, "studio")[VIDEO.id].school_confirmed


def test_an_answer_that_comes_before_its_release_is_tried_again(told: Bureau) -> None:
    with pytest.raises(NotYetKnown):
        told.hear(confirmed(release=2))


def test_a_move_makes_the_confirmation_void(told: Bureau) -> None:
    told.hear(confirmed(), released(2, MOVED, *sessions()[1:]))
    assert not page(told)[ROBOTICS.id].school_confirmed
    assert page(told)[ROBOTICS.id].pupils == 12


# Answers of providers --------------------------------------------------------------------------------------


def reply(bureau: Bureau, session_id: str, partstat: str = "ACCEPTED", at: dt.datetime | None = None) -> bytes:
    """The answer of a calendar to the last invitation to a session."""
    invitations = [m for m in bureau.tx.mails.queue if (m.draft.kind, m.draft.session_id) == ("invitation", session_id)]
    return reply_to_invitation(invitations[-1].letter.raw, partstat, at or bureau.tx.now).as_bytes()


def test_22_an_accepted_invitation_is_told_to_the_others(told: Bureau) -> None:
    received = told.receive(reply(told, ROBOTICS.id))
    assert received == rpc.Received("applied", "", ROBOTICS.id)
    assert told.tx.emitted == [InvitationAnswered(EDITION_ID, ROBOTICS.id, "truck", "accepted", "")]
    assert page(told)[ROBOTICS.id].answer == "accepted"


def test_23_the_same_mail_twice_counts_once(told: Bureau) -> None:
    raw = reply(told, ROBOTICS.id)
    told.receive(raw)
    assert told.receive(raw) == rpc.Received("duplicate", notes.SAME_MAIL)
    assert len(told.tx.emitted) == 1


def test_the_same_answer_given_again_later_is_no_news(told: Bureau) -> None:
    told.receive(reply(told, ROBOTICS.id))
    assert told.receive(reply(told, ROBOTICS.id)).outcome == "applied"
    assert len(told.tx.emitted) == 1


def test_24_a_changed_mind_is_news(told: Bureau) -> None:
    told.receive(reply(told, ROBOTICS.id))
    told.receive(reply(told, ROBOTICS.id, "DECLINED"))
    assert [event.answer for event in told.tx.emitted] == ["accepted", "declined"]  # type: ignore[attr-defined]


def test_25_an_answer_to_the_old_time_is_kept_and_not_applied(told: Bureau) -> None:
    old = reply(told, ROBOTICS.id)
    told.hear(released(2, MOVED, *sessions()[1:]))
    told.send()
    assert told.receive(old) == rpc.Received("stale", notes.OLD_DATE, ROBOTICS.id)
    assert page(told)[ROBOTICS.id].answer == "pending"
    assert told.tx.emitted == []


def test_36_an_answer_to_a_cancelled_session_changes_nothing(told: Bureau) -> None:
    old = reply(told, ROBOTICS.id)
    told.hear(released(2, *sessions()[1:]))
    told.send()
    assert told.receive(old).outcome == "ignored"


def test_35_a_mail_in_plain_words_is_kept_for_a_person(told: Bureau) -> None:
    raw = b"From: a@b.example\r\nSubject: Re: Invitation\r\n\r\nok pour moi\r\n"
    assert told.receive(raw) == rpc.Received("for_a_person", notes.NO_CALENDAR)
    assert [kept[0].subject for kept in told.tx.incoming.kept.values()] == ["Re: Invitation"]


def test_another_team_is_told_and_the_answer_stays(told: Bureau) -> None:
    told.receive(reply(told, ROBOTICS.id))
    told.hear(released(2, replace(ROBOTICS, team_id="truck-2"), *sessions()[1:]))
    (mail,) = told.send()
    assert b"PARTSTAT=ACCEPTED" in calendar(mail).replace(b"\r\n ", b"")
    assert b"SEQUENCE:0" in calendar(mail)
    assert page(told)[ROBOTICS.id].answer == "accepted"


def test_raw_that_is_not_base64_is_refused(told: Bureau) -> None:
    from services.notifications.handlers.incoming import receive_mail

    with pytest.raises(Refused) as refusal:
        receive_mail(rpc.ReceiveMail("é"), told.tx, desk=DESK)
    assert [problem.code for problem in refusal.value.problems] == ["malformed_request"]


# Questions -------------------------------------------------------------------------------------------------


def test_parties_are_providers_then_schools(told: Bureau) -> None:
    parties = queries.list_parties(rpc.ListParties(EDITION_ID), told.tx, names=NAMES)
    assert [(party.kind, party.id) for party in parties] == [
        ("provider", "truck"),
        ("provider", "studio"),
        ("school", "acy"),
        ("school", "belleu"),
    ]
    assert [bool(party.page_token) for party in parties] == [True, True, False, False]


def test_what_is_not_there_is_refused(told: Bureau) -> None:
    for ask, code in (
        (lambda: queries.list_parties(rpc.ListParties("x"), told.tx, names=NAMES), "unknown_edition"),
        (lambda: page(told, "police"), "unknown_provider"),
    ):
        with pytest.raises(Refused) as refusal:
            ask()  # type: ignore[no-untyped-call]
        assert [problem.code for problem in refusal.value.problems] == [code]


def test_history_has_a_row_for_each_effect_and_none_twice(told: Bureau) -> None:
    told.hear(confirmed())
    told.receive(reply(told, ROBOTICS.id))
    rows = Counter((code, tuple(facts.items())) for code, facts in told.tx.history.rows)
    assert Counter(code for code, _ in rows) == {
        "edition_kept": 1,
        "registration_kept": 2,
        "invitation_queued": 4,
        "digest_queued": 2,
        "release_followed": 1,
        "receipt_queued": 1,
        "confirmation_shown": 1,
        "invitation_accepted": 1,
    }
    assert set(rows.values()) == {1}


# -----------------------------------------------------------------------------------------------------------


def calendar(mail: QueuedMail) -> bytes:
    from email import message_from_bytes

    message = message_from_bytes(mail.letter.raw)
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def unfolded(body: bytes) -> str:
    return body.replace(b"\r\n ", b"").decode()
