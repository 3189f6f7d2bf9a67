"""Mails that wait for the organiser: those about to leave, those that came in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import httpx
import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused, refused
from services.portal.mail.letters import read_letter
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

EDITION = f"/organisateur/editions/{b.EDITION_ID}"
MAILS, INCOMING = f"{EDITION}/courriels", f"{EDITION}/courriels-recus"
LATER = b.MADE_AT + dt.timedelta(minutes=5)


@pytest.fixture
def services() -> FakeServices:
    services = FakeServices()
    waiting = {"state": "waiting", "sent_at": None, "attempts": 0, "leaves_at": LATER}
    services.answers[rpc.ListMails] = (
        b.a_mail_summary(id="m1", **waiting),
        b.a_mail_summary(id="m2", **waiting),
        b.a_mail_summary(id="m3", **waiting | {"attempts": 2, "error": "450 plus tard"}),
        b.a_mail_summary(id="m4"),
    )
    services.answers[rpc.SendNow] = services.answers[rpc.WithholdMails] = 1
    services.answers[rpc.SettleIncoming] = b.an_incoming(settled="dismiss")
    return services


def test_mails_in_their_quiet_period_are_reviewed_those_tried_again_are_not(organiser: Visitor) -> None:
    page = organiser.get(MAILS).text
    assert "2 courriels attendent avant de partir" in page
    assert [f'name="mail" value="{id_}" checked' in page for id_ in ("m1", "m2", "m3", "m4")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_is_ticked_leaves_and_what_is_not_is_kept_back(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(MAILS, {"shown": ["m1", "m2"], "mail": ["m2"]})
    assert (answer.status_code, answer.headers["location"]) == (303, MAILS)
    assert services.commands() == [rpc.WithholdMails(b.EDITION_ID, ("m1",)), rpc.SendNow(b.EDITION_ID, ("m2",))]
    assert "1 courriel part maintenant." in organiser.get(MAILS).text


def test_a_text_shows_its_words_and_how_many_messages_it_makes(services: FakeServices, organiser: Visitor) -> None:
    text = b.a_mail_summary(id="m6", kind="text", subject="séance annulée " * 12, segments=2)
    services.answers[rpc.ListMails] = (text,)
    assert "2 SMS à la suite, 180 caractères" in organiser.get(MAILS).text
    services.answers[rpc.GetMail] = rpc.Mail(text, "c8OpYW5jZQ==")
    page = organiser.get(f"{MAILS}/m6").text
    assert ("<h1>SMS</h1>" in page, "séance annulée " * 3 in page, "iframe" in page) == (True, True, False)


def test_what_was_held_back_is_offered_unticked_and_sent_by_name(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListMails] = (b.a_mail_summary(id="m5", state="held", sent_at=None, attempts=0),)
    page = organiser.get(MAILS).text
    assert ('name="mail" value="m5">' in page, 'name="shown"' in page) == (True, False)
    organiser.submit(MAILS, {"mail": ["m5"]})
    assert services.commands() == [rpc.SendNow(b.EDITION_ID, ("m5",))]


def test_the_mails_of_a_large_edition_are_reviewed_in_one_form(services: FakeServices, organiser: Visitor) -> None:
    ids = [f"m{i}" for i in range(2000)]
    services.answers[rpc.SendNow] = 1999
    assert organiser.submit(MAILS, {"shown": ids, "mail": ids[1:]}).status_code == 303
    assert services.commands()[1:] == [rpc.SendNow(b.EDITION_ID, tuple(ids[1:]))]
    assert "1\u202f999 courriels partent maintenant." in organiser.get(MAILS).text


def test_a_mail_that_left_meanwhile_is_not_counted(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.SendNow] = 0
    organiser.submit(MAILS, {"shown": ["m1"], "mail": ["m1"]})
    assert "0 courriel part maintenant." in organiser.get(MAILS).text


def test_nothing_ticked_sends_nothing(services: FakeServices, organiser: Visitor) -> None:
    organiser.submit(MAILS, {"shown": ["m1"]})
    assert services.commands() == [rpc.WithholdMails(b.EDITION_ID, ("m1",))]


def test_without_a_mail_that_waits_there_is_nothing_to_review(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListMails] = (b.a_mail_summary(),)
    assert 'name="shown"' not in organiser.get(MAILS).text


@pytest.mark.parametrize(
    ("outcome", "decisions"),
    [
        ("to_confirm", ["apply", "dismiss"]),
        ("countered", ["dismiss"]),
        ("for_a_person", ["dismiss"]),
        ("bounced", ["dismiss"]),
        ("applied", []),
        ("stale", []),
    ],
)
def test_a_mail_offers_what_can_be_decided(
    services: FakeServices, organiser: Visitor, outcome: str, decisions: list[str]
) -> None:
    services.answers[rpc.ListIncoming] = (b.an_incoming(outcome=outcome),)
    page = organiser.get(INCOMING).text
    assert [d for d in ("apply", "refuse", "dismiss") if f'name="decision" value="{d}"' in page] == decisions


def test_a_proposed_time_is_shown_and_what_is_settled_offers_nothing(
    services: FakeServices, organiser: Visitor
) -> None:
    hours = (b.MADE_AT, b.MADE_AT + dt.timedelta(hours=1))
    services.answers[rpc.ListIncoming] = (b.an_incoming(outcome="countered", proposed=hours, settled="refuse"),)
    page = organiser.get(INCOMING).text
    assert "Horaire proposé : du 20 oct. 2020, 9 h 30 au 20 oct. 2020, 10 h 30" in " ".join(page.split())
    assert ("horaire refusé" in page, 'name="decision"' in page) == (True, False)


def test_a_decision_reaches_the_service(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListIncoming] = (b.an_incoming(outcome="countered"),)
    fields = {"mail": "in-1", "decision": "refuse", "words": "La salle est prise."}
    answer = organiser.submit(INCOMING, fields)
    assert (answer.status_code, answer.headers["location"]) == (303, INCOMING)
    assert services.commands() == [rpc.SettleIncoming("in-1", "refuse", "La salle est prise.")]


def test_a_decision_that_is_refused_says_why(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListIncoming] = (b.an_incoming(outcome="to_confirm"),)
    services.answers[rpc.SettleIncoming] = refused("mail_settled")
    answer = organiser.submit(INCOMING, {"mail": "in-1", "decision": "apply"})
    assert (answer.status_code, "déjà été traité" in answer.text) == (422, True)
    assert organiser.submit(INCOMING, {"mail": "in-1", "decision": "delete"}).status_code == 400


# Words of mails ---------------------------------------------------------------------------------------------------

TEXTS = f"/organisateur/editions/{b.EDITION_ID}/courriels/textes"
WORDS = rpc.MailWords("{quoi}", "I", "C", "S")
TYPED = {"kind": "invitation", "language": "fr", **vars(WORDS)}


def typed_in(action: str, services: FakeServices) -> httpx.Response:
    return Visitor(services).sign_in().submit(TEXTS, TYPED | {"action": action})


def test_words_are_tried_on_a_real_mail_before_they_are_used() -> None:
    services = FakeServices()
    tried = typed_in("preview", services)
    assert "une séance vous est confiée." in tried.text
    assert rpc.PreviewWording(b.EDITION_ID, "invitation", "fr", WORDS) in services.asked
    assert services.commands() == []
    assert re.search(r'<textarea id="introduction" [^>]*>I</textarea>', tried.text)
    assert typed_in("save", services).headers["location"] == f"{TEXTS}?genre=invitation&langue=fr"
    assert typed_in("reset", services).status_code == 303
    saved = [rpc.SaveWording(b.EDITION_ID, "invitation", "fr", words) for words in (WORDS, None)]
    assert services.commands() == saved


def test_a_refused_word_is_said_beside_its_field_and_what_was_typed_stays() -> None:
    services = FakeServices()
    facts = {"field": "subject", "name": "what", "known": "quoi"}
    services.answers[rpc.SaveWording] = Refused(Problem("wording_unknown", facts))
    answer = typed_in("save", services)
    assert answer.status_code == 422
    said = answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert '<p class="error" id="subject-error">« {what} » n’existe pas' in said
    assert ">{quoi}</textarea>" in answer.text


# Times proposed by calendars --------------------------------------------------------------------------------------

COUNTER = f"{INCOMING}/{b.MAIL_ID}/horaire"


def plain(text: str) -> str:
    """Return a page with ordinary spaces."""
    return " ".join(text.split())


def chosen(page: str) -> list[str]:
    return re.findall(r'name="half_day" value="([^"]+)" required checked', page)


def test_a_proposed_time_is_shown_with_what_it_takes(services: FakeServices, organiser: Visitor) -> None:
    page = plain(organiser.get(COUNTER).text)
    assert "Actuellement : 2 nov. 2020, 9 h 00." in page
    assert "14 h 00 · +12 min de route · 3 à prévenir · 1 autre séance décalée" in page
    assert "2 km de moins" in page
    assert re.findall(r'name="half_day" value="([^"]+)"', page) == ["propose", "2020-11-10 am", "2020-11-10 pm"]
    assert (chosen(page), 'name="pin" value="1" checked' in page) == (["propose"], True)
    start = b.a_counter().proposed[0]
    assert rpc.PriceTime(b.EDITION_ID, "s1", start) in services.asked


def test_a_time_that_breaks_a_rule_says_which_and_chooses_its_half_day(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.PriceTime] = replace(b.some_cells()[0], half_day=b.an_alternative("pm").half_day)
    page = plain(organiser.get(COUNTER).text)
    assert "Acy n’accueille pas de séance le mardi 3 novembre 2020 de 14 h 00 à 15 h 15." in page
    assert (chosen(page), 'value="propose"' in page, 'name="pin"' in page) == (["2020-11-10 pm"], False, False)


def test_a_time_for_which_there_is_nothing_can_be_refused(services: FakeServices, organiser: Visitor) -> None:
    services.answers |= {rpc.PriceTime: b.some_cells()[0], rpc.PriceAlternatives: ()}
    page = plain(organiser.get(COUNTER).text)
    assert ("Aucune autre demi-journée n’a été trouvée non plus." in page, 'name="half_day"' in page) == (True, False)
    assert 'name="decision" value="refuse"' in page


def test_scenario_32_accepting_makes_the_plan_first_then_settles_the_mail(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.SettleIncoming] = b.a_counter(settled="accept")
    answer = organiser.submit(COUNTER, {"half_day": "2020-11-10 pm"})
    assert answer.headers["location"].endswith(f"/propositions/{b.PROPOSAL_ID}")
    half_day = b.an_alternative("pm").half_day
    assert services.commands() == [
        rpc.MoveSession(b.EDITION_ID, "s1", half_day),
        rpc.SettleIncoming(b.MAIL_ID, "accept"),
    ]


@pytest.mark.parametrize("fixed", [True, False])
def test_the_very_time_is_accepted_and_fixed_when_asked(
    services: FakeServices, organiser: Visitor, fixed: bool
) -> None:
    services.answers[rpc.SettleIncoming] = b.a_counter(settled="accept")
    answer = organiser.submit(COUNTER, {"half_day": "propose"} | ({"pin": "1"} if fixed else {}))
    assert answer.headers["location"].endswith(f"/propositions/{b.PROPOSAL_ID}")
    pin = rpc.PinSession(b.EDITION_ID, b.PROPOSAL_ID, "s1", "Horaire proposé par le prestataire")
    assert services.commands() == [
        rpc.MoveToTime(b.EDITION_ID, "s1", b.a_counter().proposed[0]),
        *([pin] if fixed else []),
        rpc.SettleIncoming(b.MAIL_ID, "accept"),
    ]


def test_a_time_taken_meanwhile_leaves_the_mail_open(services: FakeServices, organiser: Visitor) -> None:
    services.answers |= {rpc.MoveSession: refused("half_day_gone"), rpc.MoveToTime: refused("time_gone")}
    taken = organiser.submit(COUNTER, {"half_day": "2020-11-10 pm"})
    assert (taken.status_code, chosen(taken.text)) == (422, ["2020-11-10 pm"])
    assert re.findall(r'name="pin" value="1"([^>]*)>', taken.text) == [""]
    assert organiser.submit(COUNTER, {"half_day": "propose"}).status_code == 422
    assert organiser.submit(COUNTER, {"half_day": "2020-11-12 am"}).status_code == 422
    assert [command for command in services.commands() if isinstance(command, rpc.SettleIncoming)] == []


def test_what_is_no_proposal_has_no_price(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListIncoming] = (b.an_incoming(id=b.MAIL_ID, outcome="applied"),)
    assert organiser.get(COUNTER).status_code == 404


def test_a_mail_for_a_person_can_be_read_where_it_waits(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListIncoming] = (b.an_incoming(outcome="for_a_person", words="C’est bon <b>pour moi</b>"),)
    page = organiser.get(INCOMING).text
    assert ("Lire ce courriel" in page, "C’est bon &lt;b&gt;pour moi&lt;/b&gt;" in page) == (True, True)


def test_words_of_mails_say_their_language(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListWordings] = (b.a_wording(language="en"),)
    fields = re.findall(r"<textarea [^>]*>", organiser.get(f"{TEXTS}?langue=en").text)
    assert [' lang="en"' in field for field in fields] == [True] * 4
    assert read_letter(b'Content-Type: text/html\n\n<!doctype html>\n<html lang="en">').language == "en"
    assert read_letter(b"Content-Type: text/html\n\n<p>Bonjour</p>").language == ""
