"""The organiser's own words of mails: what is refused, what the mails say then, what a preview shows."""

from __future__ import annotations

import base64
from dataclasses import replace
from email import message_from_bytes, policy
from typing import get_args

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.notifications.domain.wording import KINDS, Wording, WordingKind, faults, filled, renamed, spelling
from services.notifications.handlers import wordings
from tests.unit.notifications.builders import EDITION_ID, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import DESK, Bureau

USUAL = renamed(KINDS["invitation"].usual, spelling("invitation", "fr"))
OWN = rpc.MailWords(
    "Rendez-vous : {quoi}", "Chers amis,\n\n{organisateur} vous attend <b>{quand}</b>.", "À bientôt !", "L’équipe"
)


@pytest.fixture
def told() -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    return bureau


def save(bureau: Bureau, words: rpc.MailWords | None, kind: str = "invitation", language: str = "fr") -> rpc.Wording:
    return wordings.save_wording(rpc.SaveWording(EDITION_ID, kind, language, words), bureau.tx, desk=DESK)


def preview(
    bureau: Bureau, kind: str, words: rpc.MailWords | None = None, language: str = "fr"
) -> tuple[str, str, str]:
    """Return subject, text and HTML of a preview, in the usual words when none are given."""
    known = wordings.list_wordings(rpc.ListWordings(EDITION_ID, language), bureau.tx, desk=DESK)
    words = words or next(one.words for one in known if one.kind == kind)
    raw = wordings.preview_wording(rpc.PreviewWording(EDITION_ID, kind, language, words), bureau.tx, desk=DESK)
    return read(base64.b64decode(raw))


def read(raw: bytes) -> tuple[str, str, str]:
    message = message_from_bytes(raw, policy=policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    return str(message["Subject"]), *(str(part.get_content()).replace("\r\n", "\n") for part in (text, html))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"subject": "Invitation : {quoi} {what}"}, [("wording_unknown", "subject")]),
        ({"closing": "{quoi.__class__}"}, [("wording_braces", "closing")]),
        ({"closing": "{quoi!r} {0} {}"}, [("wording_unknown", "closing"), ("wording_braces", "closing")]),
        ({"introduction": "Bonjour {"}, [("wording_braces", "introduction")]),
        ({"subject": "Bonjour"}, [("wording_missing", "subject")]),
        ({"introduction": " \n "}, [("wording_empty", "introduction")]),
        ({"subject": "{quoi}" + "x" * 150}, [("wording_long", "subject")]),
        ({"closing": ""}, []),
        ({"closing": "{% for x in y %} {{quoi}}"}, [("wording_braces", "closing")]),
    ],
)
def test_words_with_a_fault_are_refused_beside_their_field(changes: dict[str, str], found: list[object]) -> None:
    problems = faults("invitation", replace(USUAL, **changes), "fr")
    assert [(problem.code, problem.facts["field"]) for problem in problems] == found


@pytest.mark.parametrize("kind", get_args(WordingKind))
def test_the_usual_words_have_no_fault(kind: WordingKind) -> None:
    assert faults(kind, renamed(KINDS[kind].usual, spelling(kind, "fr")), "fr") == ()
    assert faults(kind, KINDS[kind].usual, "en") == ()


def test_names_are_words_of_the_mails_language_and_kept_as_before(told: Bureau) -> None:
    """What was kept before names had French words is still used, and shown with them."""
    kept = Wording("Rendez-vous : {what}", "{organiser}, {when}")
    told.tx.wordings.save(EDITION_ID, "invitation", "fr", kept)
    shown = wordings.list_wordings(rpc.ListWordings(EDITION_ID, "fr"), told.tx, desk=DESK)[0]
    assert (shown.words.subject, shown.words.introduction) == ("Rendez-vous : {quoi}", "{organisateur}, {quand}")
    assert shown.spelling["begins"] == "début"
    save(told, shown.words)
    assert told.tx.wordings.of_edition(EDITION_ID)["invitation", "fr"] == kept
    with pytest.raises(Refused) as refusal:
        save(told, replace(OWN, subject="{what}"))
    assert refusal.value.problems[0].facts["known"].startswith("édition, organisateur, contact, quoi")


def test_a_value_is_never_read_again_and_a_line_without_its_value_goes() -> None:
    said = filled(Wording("{a}", "Bonjour,\n\n{b}\n{a} et {b}"), {"a": "{b} {% x %}", "b": "", "contact": "c"})
    assert (said.subject, said.introduction) == ("{b} {% x %}", "Bonjour,\n\n{b} {% x %} et")


def test_nothing_refused_is_kept(told: Bureau) -> None:
    with pytest.raises(Refused):
        save(told, replace(OWN, subject="Sans rien"))
    for kind, language in (("inconnu", "fr"), ("invitation", "de")):
        with pytest.raises(Refused):
            save(told, OWN, kind, language)
    assert told.tx.wordings.of_edition(EDITION_ID) == {}


def test_mails_say_the_organisers_words_in_text_and_html_until_they_are_reset(told: Bureau) -> None:
    assert save(told, OWN).own
    told.hear(released(1, *sessions()))
    subject, text, html = read(told.send()[0].letter.raw)
    assert subject == "Rendez-vous\u00a0: Robotique - École d’Acy (CM1 groupe 1)"
    assert text.startswith("Chers amis,\n\nGrandSoissons vous attend <b>mardi 3 novembre 2020, de 9")
    assert (text.rstrip().endswith("L’équipe"), text.count("À bientôt\u00a0!")) == (True, 1)
    assert "<p>Chers amis,</p>" in html
    assert "vous attend &lt;b&gt;mardi 3 novembre" in html
    assert not save(told, None).own
    told.hear(released(2, *sessions()[:3]))
    told.hear(released(3, *sessions()))
    again = [read(mail.letter.raw)[0] for mail in told.send() if mail.draft.kind == "invitation"]
    assert [subject.partition("\u00a0: ")[0] for subject in again] == ["Invitation"]


def test_another_language_keeps_its_usual_words(told: Bureau) -> None:
    save(told, OWN)
    shown = {
        language: wordings.list_wordings(rpc.ListWordings(EDITION_ID, language), told.tx, desk=DESK)[0]
        for language in ("fr", "en")
    }
    assert (shown["fr"].words, shown["fr"].own) == (OWN, True)
    assert (shown["en"].words.subject, shown["en"].own) == ("Invitation: {what}, {begins}", False)


@pytest.mark.parametrize("kind", get_args(WordingKind))
def test_a_preview_is_about_a_real_session_or_school_and_queues_nothing(told: Bureau, kind: str) -> None:
    told.hear(released(1, *sessions()))
    before = len(told.tx.mails.queue)
    subject, text, html = preview(told, kind)
    assert "{" not in subject + text
    assert any(name in text + html for name in ("École d’Acy", "CM1 groupe 1"))
    assert len(told.tx.mails.queue) == before


def test_a_preview_without_anything_to_show_says_so(told: Bureau) -> None:
    for bureau, kind, code in (
        (told, "invitation", "wording_without_session"),
        (Bureau(), "welcome", "wording_without_school"),
    ):
        bureau.hear(edition_opened())
        with pytest.raises(Refused) as refusal:
            preview(bureau, kind)
        assert [problem.code for problem in refusal.value.problems] == [code]
