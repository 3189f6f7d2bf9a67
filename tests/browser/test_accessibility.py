"""Three checkers on every page: with content, without, after a mistake; and the registration form by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from tests.browser.checks import findings, invalid, sniffed, source
from tests.browser.chromium import Chromium, Tab
from tests.browser.test_pages_in_chromium import ENTER, Portal, _text, _walk_to, browser, portal, tab
from tests.unit.portal import builders as b
from tests.unit.portal.addresses import DOCUMENTS, SHOWN

__all__ = ["browser", "portal", "tab"]

State = Callable[[Tab, Portal], Iterator[str]]
SUBMIT = """
(form => {{ form.noValidate = true; for (const field of form.elements)
  if (!["hidden", "submit"].includes(field.type)) {{ field.value = ""; field.checked = false; }}
  form.requestSubmit(form.querySelector("[value=send]") ?? form.querySelector("button:not([type=button])"));
}})([...document.querySelectorAll("main form[method=post]")][{}])
"""
EDITION = f"/organisateur/editions/{b.EDITION_ID}"
IN_ERROR = {
    *("/connexion", "/ecole", "/ecole/inscription", "/ecole/autre-creneau?seance=s1", "/organisateur/personnes"),
    *("/organisateur/nouvelle-edition", f"{EDITION}/import", f"{EDITION}/inscriptions", f"{EDITION}/ecoles/acy"),
    *(f"{EDITION}/ecoles/acy/telephone", f"{EDITION}/reponses", f"{EDITION}/reponses/autorisations"),
    *(f"{EDITION}/places", f"{EDITION}/propositions/prop-1/diffusion", f"{EDITION}/logiciels"),
}
"""Pages of registration, which are all to be seen with a mistake."""
SPACE = ("", 32, " ")


def with_content(tab: Tab, portal: Portal) -> Iterator[str]:
    """Show each page as it is in the middle of a fortnight."""
    for path in SHOWN:
        tab.open(portal.web + path)
        yield path


def in_the_dark(tab: Tab, portal: Portal) -> Iterator[str]:
    """The same at night."""
    tab.look("dark")
    yield from with_content(tab, portal)


def empty(tab: Tab, portal: Portal) -> Iterator[str]:
    """Show each page before anything is there."""
    for kind, answer in portal.services.answers.items():
        if isinstance(answer, tuple):
            portal.services.answers[kind] = ()
    yield from with_content(tab, portal)


def after_a_mistake(tab: Tab, portal: Portal) -> Iterator[str]:
    """Send each form of each page as it must not be."""
    for kind in portal.services.answers:
        if not issubclass(kind, rpc.Query):
            portal.services.answers[kind] = Refused(Problem("key_reused"))
    mistaken = set()
    for path in SHOWN:
        tab.open(portal.web + path)
        for number in range(tab.evaluate("document.querySelectorAll('main form[method=post]').length")):
            tab.open(portal.web + path)
            tab._forget("Page.loadEventFired")
            tab.evaluate(SUBMIT.format(number))
            tab.loaded()
            mistaken |= {path} if tab.evaluate("!!document.getElementById('erreurs')") else set()
            yield f"{path} form {number}"
    assert mistaken >= IN_ERROR


def test_each_checker_sees_a_fault(tab: Tab, portal: Portal, tmp_path: Path) -> None:
    tab.open(f"{portal.web}/connexion")
    faulty = source(tab).replace("<label for=", "<label form=")
    tab.evaluate("document.querySelector('label[for=password]').remove()")
    assert [found.partition(":")[0] for found in findings(tab)] == ["label"]
    assert sorted(found.partition(": ")[0] for found in sniffed(tab)) == [
        "Principle1.Guideline1_3.1_3_1.F68",
        "Principle4.Guideline4_1.4_1_2.H91.InputPassword.Name",
    ]
    assert list(invalid({"faulty": faulty}, tmp_path)) == ["faulty"]


@pytest.mark.parametrize("state", [with_content, in_the_dark, empty, after_a_mistake])
def test_no_page_has_a_finding(tab: Tab, portal: Portal, tmp_path: Path, state: State) -> None:
    sources, found = {}, {}
    for name in state(tab, portal):
        sources[name], found[name] = source(tab), findings(tab) + sniffed(tab)
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert invalid(sources, tmp_path) == {}
    assert len(sources) >= len(SHOWN)


def test_no_document_has_a_finding(tab: Tab, portal: Portal, tmp_path: Path) -> None:
    sources, found = {}, {}
    for path in DOCUMENTS:
        tab.open(portal.web + path)
        sources[path], found[path] = source(tab), findings(tab) + sniffed(tab)
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert invalid(sources, tmp_path) == {}
    assert len(sources) == len(DOCUMENTS) > 5


def test_the_page_of_the_code_has_no_finding(browser: Chromium, portal: Portal, tmp_path: Path) -> None:
    services = portal.services
    services.answers[rpc.OpenSignIn] = rpc.SignedIn(services.account, waits=True, to_note=False)
    services.answers[rpc.SignInByLink] = rpc.Admission("code")
    services.answers[rpc.GiveCode] = rpc.Admission("wrong")
    tab, sources = Tab(browser), {}
    tab.open(f"{portal.web}/connexion/a-token-of-a-mail")
    for state in ("asked", "wrong"):
        tab.submit("main button")
        assert (tab.evaluate("location.pathname"), findings(tab), sniffed(tab)) == ("/connexion/code", [], [])
        sources[state] = source(tab)
        tab.evaluate("document.querySelector('main form').noValidate = true")
    assert tab.evaluate("document.activeElement.id") == "erreurs"
    assert invalid(sources, tmp_path) == {}


def test_a_school_registers_by_keyboard_alone_on_a_phone_without_javascript(browser: Chromium, portal: Portal) -> None:
    tab = Tab(browser, width=360)
    tab.without_javascript()
    tab.open(f"{portal.web}/ecole/{b.SCHOOL_TOKEN}?lang=fr")
    tab.open(f"{portal.web}/ecole/inscription")
    for field, text in (("class-1-name", "CE2"), ("class-1-level", "CE2"), ("class-1-pupils", "22")):
        _walk_to(tab, field)
        tab.type(text)
    _walk_to(tab, "remarks")
    tab.type("Portail vert, sonner deux fois.")
    _walk_to(tab, "send")
    tab.press(*ENTER)
    tab.loaded()
    (command,) = portal.services.commands()
    assert isinstance(command, rpc.RegisterSchool)
    typed = {"class-1-name": "CE2", "class-1-level": "CE2", "class-1-pupils": "22"}
    assert command.fields.items() >= (typed | {"remarks": "Portail vert, sonner deux fois."}).items()
    assert "Votre inscription est enregistrée" in _text(tab)
