"""axe-core on every page: with content, without, and after a mistake; and the registration form by keyboard alone.

The rules are those of WCAG 2.1 A and AA, which the RGAA 4.1 refers to, and those axe tags as RGAA tests.
``vendor/axe.min.js`` is axe-core 4.14.1 as published (MPL-2.0, ``vendor/axe.LICENSE``); no page of ours ships it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from tests.browser.chromium import Chromium, Tab
from tests.browser.test_pages_in_chromium import ENTER, Portal, _text, _walk_to, browser, portal, tab
from tests.unit.portal import builders as b
from tests.unit.portal.addresses import SHOWN

__all__ = ["browser", "portal", "tab"]

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4"]
FINDINGS = f"""
axe.run(document, {{runOnly: {TAGS}, resultTypes: ["violations"]}}).then(result =>
  result.violations.flatMap(found => found.nodes.map(node => `${{found.id}}: ${{node.html.slice(0, 150)}}`)))
"""
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


def findings(tab: Tab) -> list[str]:
    tab.evaluate(AXE + ";null")
    found: list[str] = tab.evaluate(FINDINGS)
    return found


def test_axe_sees_a_fault(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}/connexion")
    tab.evaluate("document.querySelector('label[for=password]').remove()")
    assert [found.partition(":")[0] for found in findings(tab)] == ["label"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_with_content_has_a_finding(tab: Tab, portal: Portal, scheme: str) -> None:
    tab.scheme(scheme)
    assert _findings_of_all(tab, portal) == {}


def test_no_empty_page_has_a_finding(tab: Tab, portal: Portal) -> None:
    for kind, answer in portal.services.answers.items():
        if isinstance(answer, tuple):
            portal.services.answers[kind] = ()
    assert _findings_of_all(tab, portal) == {}


def test_no_page_after_a_mistake_has_a_finding(tab: Tab, portal: Portal) -> None:
    for kind in portal.services.answers:
        if not issubclass(kind, rpc.Query):
            portal.services.answers[kind] = Refused(Problem("key_reused"))
    found, mistaken = {}, set()
    for path in SHOWN:
        tab.open(portal.web + path)
        for number in range(tab.evaluate("document.querySelectorAll('main form[method=post]').length")):
            tab.open(portal.web + path)
            tab._forget("Page.loadEventFired")
            tab.evaluate(SUBMIT.format(number))
            tab.loaded()
            mistaken |= {path} if tab.evaluate("!!document.getElementById('erreurs')") else set()
            found |= {f"{path} form {number}": faults for faults in [findings(tab)] if faults}
    assert found == {}
    assert mistaken >= IN_ERROR


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


def _findings_of_all(tab: Tab, portal: Portal) -> dict[str, list[str]]:
    found = {}
    for path in SHOWN:
        tab.open(portal.web + path)
        found[path] = findings(tab)
    return {path: faults for path, faults in found.items() if faults}
