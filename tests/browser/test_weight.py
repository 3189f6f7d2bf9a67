"""What each page weighs when nothing of it is known yet: below 100 kB over the wire, and ten requests."""

from __future__ import annotations

from tests.browser.chromium import Tab
from tests.browser.test_pages_in_chromium import Portal, browser, portal, tab
from tests.unit.portal.addresses import DOCUMENTS, SHOWN

__all__ = ["browser", "portal", "tab"]

MOST_BYTES, MOST_REQUESTS = 100_000, 10
WEIGHED = """new Promise(done => setTimeout(() => {
  const loaded = performance.getEntries().filter(each => ["navigation", "resource"].includes(each.entryType));
  done([loaded.reduce((sum, each) => sum + each.transferSize, 0), loaded.length]); }))"""


def weight(tab: Tab, address: str) -> tuple[int, int]:
    """Return the bytes and the requests of a page that is opened for the first time."""
    tab.call("Network.clearBrowserCache")
    tab.open(address)
    transferred, requests = tab.evaluate(WEIGHED)
    return transferred, requests


def test_every_page_is_light(tab: Tab, portal: Portal) -> None:
    weights = {path: weight(tab, portal.web + path) for path in (*SHOWN, *DOCUMENTS)}
    heavy = {path: found for path, found in weights.items() if found[0] >= MOST_BYTES or found[1] > MOST_REQUESTS}
    assert heavy == {}
    assert min(requests for _, requests in weights.values()) >= 1
    assert min(transferred for transferred, _ in weights.values()) > 500


def test_the_scales_see_what_a_page_loads(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}/organisateur")
    before = tab.evaluate(WEIGHED)
    loads = "Promise.all([...Array(10).keys()].map(i => fetch(`/static/portal.css?${i}`).then(r => r.text())))"
    tab.evaluate(f"{loads}.then(() => null)")
    after = tab.evaluate(WEIGHED)
    assert after[1] == before[1] + 10
    assert after[0] > before[0] + 10 * 5000
