"""Ways to use a page: by mouse, by keyboard alone, and by mouse where little fits on the screen.

A hand finds things by what they are called, as a person does, and only what can be seen and is not covered.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

from tests.browser.chromium import Tab

FIND = """
(name, selector) => {
  const said = e => (e.getAttribute("aria-label") || e.textContent || e.value || "").replace(/\\s+/g, " ").trim();
  const open = [...document.querySelectorAll(selector)].filter(e => e.checkVisibility({visibilityProperty: true}));
  return open.find(e => said(e) == name) ?? open.find(e => said(e).includes(name)) ?? null;
}
"""
FIELD = """
name => {
  const labels = [...document.querySelectorAll("label")].filter(e => e.checkVisibility());
  return labels.find(e => e.textContent.replace(/\\s+/g, " ").trim().startsWith(name))?.control ?? null;
}
"""
ACTS = ("a[href]", "button", "summary")


class Hand:
    """Uses one tab by mouse."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def press(self, name: str, within: str = "") -> None:
        """Press the link, button or heading of this name and wait for the page that comes, if one does."""
        acts = ", ".join(f"{within} {each}" for each in ACTS)
        chosen = f"({FIND})({json.dumps(name)}, {json.dumps(acts)})"
        leads = self._seek(chosen, name) and self.tab.evaluate("!hand.matches('summary, [type=button]')")
        if leads:
            self.tab._forget("Page.loadEventFired")
        self._activate()
        if leads:
            self.tab.loaded()

    def fill(self, label: str, text: str) -> None:
        """Write into the field of this label."""
        self._seek(f"({FIELD})({json.dumps(label)})", label)
        self._enter()
        self.tab.evaluate("hand.select && hand.select()")
        self.tab.type(text)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list by the first letters of its name."""
        self._seek(f"({FIELD})({json.dumps(label)})", label)
        self.tab.evaluate("hand.focus()") if type(self) is Hand else self._enter()  # a list opens outside the page
        for letter in option:
            self.tab.press(letter, ord(letter.upper()) if letter.isascii() else 0, letter)
        chosen = self.tab.evaluate("hand.selectedOptions[0].textContent.trim()")
        assert chosen.startswith(option), f"{label}: {chosen}"

    def date(self, label: str, day: dt.date) -> None:
        """Type a day into a field for dates, month first as this browser has it."""
        self._seek(f"({FIELD})({json.dumps(label)})", label)
        self._enter()
        for _ in range(3):
            self.tab.press("ArrowLeft", 37)
        for digit in f"{day:%m%d%Y}":
            self.tab.press(digit, ord(digit), digit)
        assert self.tab.evaluate("hand.value") == day.isoformat()

    def sees(self, text: str, seconds: float = 60.0) -> None:
        """Wait until the page says this."""
        said = f"(document.querySelector('main')?.innerText ?? '').replace(/\\s+/g, ' ').includes({json.dumps(text)})"
        until = time.monotonic() + seconds
        while not self.tab.evaluate(said):
            assert time.monotonic() < until, f"{text!r} is not on the page: {self.text()[:600]}"
            time.sleep(0.2)

    def text(self) -> str:
        """Return what the page says."""
        said: str = self.tab.evaluate("(document.querySelector('main')?.innerText ?? '').replace(/\\s+/g, ' ')")
        return said

    def _seek(self, script: str, name: str) -> bool:
        found = self.tab.evaluate(f"globalThis.hand = {script}; hand != null")
        assert found, f"{name!r} is not to be found on {self.tab.evaluate('location.pathname')}: {self.text()[:600]}"
        return True

    def _enter(self) -> None:
        self._activate()

    def _activate(self) -> None:
        """Click in the middle of it, where it has to be on top."""
        self.tab.evaluate("hand.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'})")
        at: dict[str, Any] = self.tab.evaluate(
            "(([b]) => ({x: b.left + b.width / 2, y: b.top + b.height / 2}))([...hand.getClientRects()])"
        )
        reached = f"hand.contains(document.elementFromPoint({at['x']}, {at['y']}))"
        assert self.tab.evaluate(reached), f"something covers {self.tab.evaluate('hand.outerHTML.slice(0, 120)')}"
        for kind in ("mousePressed", "mouseReleased"):
            self.tab.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)


class Keys(Hand):
    """Uses one tab by keyboard alone."""

    def _enter(self) -> None:
        for _ in range(600):
            if self.tab.evaluate("document.activeElement === hand"):
                return
            self.tab.press("Tab", 9)
        raise AssertionError(f"Tab never comes to {self.tab.evaluate('hand.outerHTML.slice(0, 120)')}")

    def _activate(self) -> None:
        self._enter()
        self.tab.press("Enter", 13, "\r")
