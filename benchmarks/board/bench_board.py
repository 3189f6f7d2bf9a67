"""Milliseconds of the board of about 1,000 sessions in Chromium: first paint, drag, drop, scrolling, another day.

usage: python -m benchmarks.board.bench_board FOLDER [COPIES [SECONDS]]

FOLDER keeps the house; made the first time of 17 copies of the 2020 edition, planned in 60 seconds. Each figure is the
median and the worst of several runs, by mouse at 1280 pixels and by finger at 768.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.board.house import Measured, planned
from services.commands.administrator import link_for
from tests.browser.chromium import Chromium, Tab, chromium

RUNS = 7
PAINTED = """new Promise(r => new PerformanceObserver((list, observer) => { observer.disconnect();
  const [page] = performance.getEntriesByType("navigation"), parts = performance.getEntriesByType("resource");
  r({"first byte": page.responseStart, "first paint": list.getEntries()[0].startTime, "loaded": page.loadEventEnd,
     "kB": [page, ...parts].reduce((sum, part) => sum + part.transferSize, 0) / 1000, "requests": 1 + parts.length,
     "elements": document.querySelectorAll("*").length}) })
  .observe({type: "paint", buffered: true}))"""
WATCH = """{ globalThis.seen = {};
  const painted = name => requestAnimationFrame(() => setTimeout(() => { seen[name] ??= performance.now(); }));
  addEventListener("pointermove", () => { seen.moved ??= performance.now(); }, true);
  new MutationObserver(() => {
    if (document.querySelector(".ghost")) painted("ghost");
    if (document.querySelector("button.cell")) painted("cells");
  }).observe(document.body, {childList: true, subtree: true}); }"""
RECORD = """{ seen.frames = [];
  const frame = now => { if (seen.frames) { seen.frames.push(now); requestAnimationFrame(frame); } };
  requestAnimationFrame(frame); }"""
FRAMES = """new Promise(r => { const at = []; const frame = now => { at.push(now); scrollBy(0, 80);
  if (at.length < 60) requestAnimationFrame(frame); else r(at.slice(1).map((t, i) => t - at[i])); };
  requestAnimationFrame(frame); })"""
CENTRE = "(e => {{ e.scrollIntoView({{block: 'center', behavior: 'instant'}}); const b = e.getBoundingClientRect();"
CENTRE += "return [b.x + b.width / 2, b.y + b.height / 2]; }})(document.querySelector({!r}))"
FIRST = ".bar[data-session]"


class Pointer:
    """A mouse or a finger."""

    def __init__(self, tab: Tab, touch: bool) -> None:
        self.tab, self.touch = tab, touch

    def __call__(self, kind: str, at: tuple[float, float]) -> None:
        x, y = at
        if self.touch:
            name = {"press": "touchStart", "move": "touchMove", "release": "touchEnd"}[kind]
            points = [] if kind == "release" else [{"x": x, "y": y}]
            self.tab.call("Input.dispatchTouchEvent", type=name, touchPoints=points)
        else:
            name = {"press": "mousePressed", "move": "mouseMoved", "release": "mouseReleased"}[kind]
            self.tab.call("Input.dispatchMouseEvent", type=name, x=x, y=y, button="left", buttons=1, clickCount=1)

    @property
    def grip(self) -> str:
        """What it takes a session by."""
        return f"{FIRST} .grip" if self.touch else f"{FIRST} .what"


def until(tab: Tab, condition: str) -> None:
    """Wait until a script says yes. Raises TimeoutError."""
    end = time.monotonic() + 60
    while not tab.evaluate(condition):
        if time.monotonic() > end:
            raise TimeoutError(condition)
        time.sleep(0.005)


def opened(tab: Tab, address: str) -> dict[str, float]:
    """Open the board and return what that took."""
    tab.open(address)
    found: dict[str, float] = tab.evaluate(PAINTED)
    return found


def dragged(tab: Tab, pointer: Pointer) -> dict[str, float]:
    """Take the first session, move about, drop it on a cell; return what that took."""
    tab.evaluate(WATCH)
    x, y = tab.evaluate(CENTRE.format(pointer.grip))
    pointer("press", (x, y))
    pointer("move", (x + 9, y + 9))
    until(tab, "seen.cells !== undefined")
    seen = tab.evaluate("seen")
    cell = tab.evaluate(CENTRE.format("button.cell"))
    frames = moves(tab, pointer, cell)
    tab.browser.events.clear()
    released = tab.evaluate("performance.timeOrigin + performance.now()")
    pointer("release", cell)
    tab.loaded()
    painted = tab.evaluate(PAINTED)["first paint"] + tab.evaluate("performance.timeOrigin")
    return {
        "ghost after the first move": seen["ghost"] - seen["moved"],
        "prices after the first move": seen["cells"] - seen["moved"],
        "frame while dragging": statistics.median(frames),
        "worst frame while dragging": max(frames),
        "new page after the drop": painted - released,
    }


def moves(tab: Tab, pointer: Pointer, to: tuple[float, float]) -> list[float]:
    """Move about and end at ``to``; return the milliseconds from each frame to the next meanwhile."""
    x, y = to
    tab.evaluate(RECORD)
    for step in range(60, -1, -1):
        pointer("move", (x, y - 3 * step))
    found: list[float] = tab.evaluate("(recording => { seen.frames = null; return recording; })(seen.frames)")
    return [after - before for before, after in itertools.pairwise(found)]


def turned(tab: Tab, pointer: Pointer) -> dict[str, float]:
    """Take the first session, hold it over another day until its prices are there, and let it go nowhere."""
    x, y = tab.evaluate(CENTRE.format(pointer.grip))
    pointer("press", (x, y))
    pointer("move", (x + 9, y + 9))
    until(tab, "document.querySelector('button.cell') != null")
    before = tab.evaluate("document.querySelector('[data-day]').dataset.day")
    link = tab.evaluate(
        "(b => [b.x + b.width / 2, b.y + b.height / 2])"
        "([...document.querySelectorAll('[data-days] a:not([aria-current])')].at(-1).getBoundingClientRect())"
    )
    began = time.perf_counter()
    pointer("move", tuple(link))
    until(
        tab,
        f"document.querySelector('[data-day]').dataset.day != {before!r} && !!document.querySelector('button.cell')",
    )
    took = (time.perf_counter() - began) * 1000
    pointer("move", (5, 5))
    pointer("release", (5, 5))
    return {"another day's prices": took}


def scrolled(tab: Tab) -> dict[str, float]:
    """Scroll by 80 pixels a frame."""
    frames = tab.evaluate(FRAMES)
    return {"frame while scrolling": statistics.median(frames), "worst frame while scrolling": max(frames)}


def told(what: str, runs: list[dict[str, float]]) -> None:
    """Print the median and the worst of each figure."""
    for name in runs[0]:
        values = [run[name] for run in runs]
        print(f"{what:20} {name:28} median {statistics.median(values):8.1f}  worst {max(values):8.1f}")


def measure(browser: Chromium, there: Measured, width: int, touch: bool) -> None:
    """Print every figure for one screen."""
    plan = there.plan
    address = f"{there.web}/organisateur/editions/{plan.edition_id}/propositions/{plan.proposal_id}"
    tab = Tab(browser, width=width, height=1024 if touch else 800)
    tab.call("Emulation.setTouchEmulationEnabled", enabled=touch)
    tab.open(link_for(there.house.ask, "anne@ville.example", there.web))
    tab.submit("main button")
    pointer, what = Pointer(tab, touch), f"{width} {'finger' if touch else 'mouse'}"
    steps: dict[str, Callable[[], Any]] = {
        "drag": lambda: dragged(tab, pointer),
        "turn": lambda: turned(tab, pointer),
        "scroll": lambda: scrolled(tab),
    }
    told(what, [opened(tab, address) for _ in range(RUNS)])
    for step in steps.values():
        runs = []
        for _ in range(RUNS):
            opened(tab, address)
            runs.append(step())
        told(what, runs)


def main(folder: str, copies: str = "17", seconds: str = "60") -> None:
    """Measure by mouse and by finger."""
    with planned(Path(folder), int(copies), float(seconds)) as there, chromium() as browser:
        print(f"{len(there.plan.sessions)} sessions, {len(there.plan.unplaced)} left out")
        for width, touch in ((1280, False), (768, True)):
            measure(browser, there, width, touch)


if __name__ == "__main__":
    main(*sys.argv[1:])
