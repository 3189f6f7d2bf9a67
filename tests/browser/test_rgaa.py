"""The RGAA 4.1 as far as scripts can judge it, on every page; docs/reference/accessibility.md says who judged the rest.

Each script is tried on a page that was broken on purpose, so that none of them is blind.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

from tests.browser.chromium import Tab
from tests.browser.test_pages_in_chromium import TAB, Portal, browser, portal, press, tab
from tests.unit.portal import builders as b
from tests.unit.portal.addresses import SHOWN

__all__ = ["browser", "portal", "tab"]

RGAA = (Path(__file__).parent / "rgaa.js").read_text(encoding="utf-8")
JUDGE = """Object.fromEntries(Object.entries(RGAA).map(([criterion, judge]) =>
  [criterion, judge().map(e => e.outerHTML.slice(0, 160))]).filter(([, found]) => found.length))"""
PLAN = f"/organisateur/editions/{b.EDITION_ID}/plan"
ADD = "document.querySelector('main').insertAdjacentHTML('beforeend', {!r})"
BROKEN = {
    "1.1": ADD.format("<img src=/static/icon.svg>"),
    "1.2": ADD.format("<img src=/static/icon.svg alt='' title='Logo'>"),
    "2.1": ADD.format("<iframe></iframe>"),
    "3.1": "document.querySelector('.badge').textContent = ''",
    "3.3": ADD.format("<input aria-label=x class=pale>")
    + "; Object.assign(document.querySelector('.pale').style, {border: '1px solid #eee', background: '#fafafa'})",
    "4.1-4.13": ADD.format("<video></video>"),
    "5.3": ADD.format("<table><caption>x</caption><tr><td>1</table>"),
    "5.4": ADD.format("<table><tr><th scope=col>1</table>"),
    "5.6": ADD.format("<table><caption>x</caption><tr><th>1</table>"),
    "5.7": ADD.format("<table><caption>x</caption><tr><th id=a>1<td headers=nobody>2</table>"),
    "6.2": ADD.format("<a href=/x></a>"),
    "7.5": ADD.format("<div class=done>Fait.</div>"),
    "8.3": "document.documentElement.removeAttribute('lang')",
    "8.4": "document.documentElement.lang = 'français'",
    "8.5": "document.title = ''",
    "8.6": "document.title = 'Page'",
    "8.7": "document.querySelector('[hreflang]').removeAttribute('lang')",
    "8.9": ADD.format("<p></p>"),
    "8.10": ADD.format("<p dir=rtl>x</p>"),
    "9.1": ADD.format("<h1>Encore</h1>"),
    "9.2": ADD.format("<nav></nav>"),
    "9.3": ADD.format("<ul><p>x</p></ul>"),
    "10.1": ADD.format("<p align=center>x</p>"),
    "10.2": "{ const sheet = new CSSStyleSheet(); sheet.replaceSync('main h1::after { content: \"Nouveau\" }');"
    " document.adoptedStyleSheets = [sheet]; }",
    "10.6": ADD.format("<p>voir <a href=/x class=bare>ici</a></p>")
    + "; document.querySelector('.bare').style.textDecoration = 'none'",
    "10.8": ADD.format("<div aria-hidden=true><button>x</button></div>"),
    "10.13": ADD.format("<span title='à savoir'>x</span>"),
    "11.1": ADD.format("<input>"),
    "11.4": ADD.format("<label for=far>x</label><p class=gap>…</p><input id=far>")
    + "; document.querySelector('.gap').style.height = '200px'",
    "11.5": ADD.format("<input type=radio aria-label=x>"),
    "11.6": ADD.format("<fieldset></fieldset>"),
    "11.9": ADD.format("<button></button>"),
    "12.1": "document.querySelector('footer').remove()",
    "12.7": "document.querySelector('a.skip').remove()",
    "12.8": ADD.format("<a href=/x tabindex=3>x</a>"),
    "13.2": ADD.format("<a href=/x target=_blank>x</a>"),
    "13.7": "document.querySelector('h1').animate([{opacity: 0}, {opacity: 1}], {duration: 1e6})",
    "13.12": ADD.format("<script>1</script>"),
}
SPACED = """{ const sheet = new CSSStyleSheet(); sheet.replaceSync(`* { line-height: 1.5 !important;
  letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet]; }"""
CLIPPED = """[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && e.clientWidth > 1
    && ["hidden", "clip"].includes(getComputedStyle(e).overflowX)
    && e.matches(":not(.sr):not(.strip):not(input):not(.bar *)")
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
  .map(e => e.outerHTML.slice(0, 120))"""
WIDE = "document.documentElement.scrollWidth > innerWidth"
FOCUS = """new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))).then(() => (e => {
  if (e == document.body) return null; const s = getComputedStyle(e);
  const seen = s.outlineStyle != "none" && parseFloat(s.outlineWidth) >= 2, at = e.getBoundingClientRect();
  return [seen && at.width > 0 && at.bottom > 0 && at.top < innerHeight, e.outerHTML.slice(0, 120)]; })
  (document.activeElement))"""


def broken_rules(tab: Tab) -> dict[str, list[str]]:
    tab.evaluate(RGAA + ";null")
    found: dict[str, list[str]] = tab.evaluate(JUDGE)
    return found


def test_each_script_sees_its_fault(tab: Tab, portal: Portal) -> None:
    found = {}
    for criterion, breaks in BROKEN.items():
        tab.open(portal.web + PLAN)
        before = broken_rules(tab)
        tab.evaluate(breaks + ";null")
        found[criterion] = (before, criterion in broken_rules(tab))
    assert found == dict.fromkeys(BROKEN, ({}, True))


def test_no_page_breaks_a_rule(tab: Tab, portal: Portal) -> None:
    found: dict[str, dict[str, list[str]]] = {}
    for path in SHOWN:
        tab.open(portal.web + path)
        if rules := broken_rules(tab):
            found[path] = rules
    assert found == {}


def test_no_two_pages_have_one_title(tab: Tab, portal: Portal) -> None:
    titled = defaultdict(set)
    for path in SHOWN:
        tab.open(portal.web + path)
        titled[tab.evaluate("document.title")].add(path.partition("?")[0])
    assert {title: paths for title, paths in titled.items() if len(paths) > 1} == {}


def test_navigation_stands_in_the_same_place_everywhere(tab: Tab, portal: Portal) -> None:
    links = "[...document.querySelectorAll('header.top a, footer a')].map(e => e.getAttribute('href').split('?')[0])"
    found = defaultdict(set)
    for path in SHOWN:
        tab.open(portal.web + path)
        by_link = path.startswith(("/ecole", "/prestataire"))
        found[by_link].add(tuple(link for link in tab.evaluate(links) if link))
    assert [len(orders) for orders in found.values()] == [1, 1]


def test_text_zoomed_or_spaced_out_is_cut_nowhere(tab: Tab, portal: Portal) -> None:
    # but in the bars of the board, which the grid tells
    found = {}
    for path in SHOWN:
        for width, style in ((1280, SPACED), (360, SPACED), (640, "")):  # 640: a desktop at 200 %
            tab.resize(width)
            tab.open(portal.web + path)
            tab.evaluate(style + ";null")
            if cut := tab.evaluate(CLIPPED) + ["wider than the window"] * tab.evaluate(WIDE):
                found[f"{path} {width}"] = cut
    assert found == {}


def test_the_focus_is_seen_wherever_it_goes(tab: Tab, portal: Portal) -> None:
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    unseen = {}
    for path in SHOWN:
        tab.open(portal.web + path)
        for _ in range(40):
            press(tab, TAB)
            at = tab.evaluate(FOCUS)
            if at and not at[0]:
                unseen[path] = at[1]
    assert unseen == {}


def test_a_telephone_may_be_held_either_way(tab: Tab, portal: Portal) -> None:
    for path in SHOWN:
        shown = set()
        for width, height in ((360, 740), (740, 360)):
            tab.resize(width, height)
            tab.open(portal.web + path)
            shown.add((tab.evaluate("document.querySelector('main').innerText.length > 20"), tab.evaluate(WIDE)))
        assert (path, shown) == (path, {(True, False)})


def test_fields_about_oneself_say_so_to_the_browser(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}/ecole/inscription")
    own = "Object.fromEntries([...document.querySelectorAll('[id^=contact-]')].map(e => [e.id, e.autocomplete]))"
    assert tab.evaluate(own) == {"contact-name": "name", "contact-email": "email", "contact-phone": "tel"}


def test_the_grid_has_every_criterion_and_names_tests_that_there_are() -> None:
    root = Path(__file__).parents[2]
    grid = (root / "docs/reference/accessibility.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+\.\d+) \| ([^|]+) \| (C|NC|NA) \| ([^|]+) \|", grid, re.M)
    themes = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
    wanted = [f"{theme}.{n}" for theme, most in enumerate(themes, 1) for n in range(1, most + 1)]
    assert [criterion for criterion, *_ in rows] == wanted
    written = "".join(file.read_text(encoding="utf-8") for file in sorted((root / "tests").rglob("test_*.py")))
    named = {test for *_, how in rows for test in re.findall(r"`(test_\w+)`", how)}
    assert {test for test in named if f"def {test}(" not in written} == set()
    by_script = {criterion for criterion, *_, how in rows if "`test_no_page_breaks_a_rule`" in how}
    media = {f"4.{n}" for n in range(1, 14)}
    assert by_script - media == {criterion for criterion in re.findall(r'^    "([\d.]+)": \(\)', RGAA, re.M)}
    assert sum("`test_" in how for *_, how in rows) >= 50


def test_the_statement_says_what_the_grid_says() -> None:
    root = Path(__file__).parents[2]
    grid = (root / "docs/reference/accessibility.md").read_text(encoding="utf-8")
    states = Counter(re.findall(r"^\| \d+\.\d+ \| [^|]+ \| (C|NC|NA) \|", grid, re.M))
    applicable = states["C"] + states["NC"]
    share = 100 * states["C"] // applicable
    assert f"**{states['C']} critères conformes sur {applicable} applicables : {share} %.**" in grid
    statement = (root / "services/portal/templates/accessibility.html").read_text(encoding="utf-8")
    assert f"conforme à {share} %" in statement
