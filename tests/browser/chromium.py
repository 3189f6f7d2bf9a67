"""A real browser for tests and pictures: Chromium, driven over its debugging pipe, without a driver package."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

AS_THREE_AND_FOUR = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Gives the browser its ends of the pipes under the numbers it expects, whatever numbers they have here."""


class BrowserError(Exception):
    """What the browser answered to a command it could not carry out."""


class Chromium:
    """One browser process. Commands go out and answers come in as JSON texts that end with a zero byte."""

    def __init__(self, binary: str, profile: Path) -> None:
        from_us, to_us = os.pipe(), os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", AS_THREE_AND_FOUR, str(from_us[0]), str(to_us[1])),
                *(binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(from_us[0], to_us[1]),
        )
        os.close(from_us[0])
        os.close(to_us[1])
        self._out, self._in = os.fdopen(from_us[1], "wb"), os.fdopen(to_us[0], "rb")
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Send a command of the DevTools protocol and return its answer; keep the events that come in between."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        self._out.write(json.dumps(command).encode() + b"\0")
        self._out.flush()
        while (message := self._read()).get("id") != number:
            self.events.append(message)
        if "error" in message:
            raise BrowserError(f"{method}: {message['error']}")
        return dict(message["result"])

    def wait_for(self, method: str, session: str) -> dict[str, Any]:
        """Return the next event of this name."""
        while True:
            for event in self.events:
                if event.get("method") == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return event
            self.events.append(self._read())

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait(timeout=10)
        self._out.close()
        self._in.close()

    def _read(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            if not byte:
                raise BrowserError("the browser ended")
            text += byte
        return dict(json.loads(text))


class Tab:
    """A page of its own, with its own cookies."""

    def __init__(self, browser: Chromium, width: int = 1280, height: int = 800) -> None:
        self.browser = browser
        context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        self.resize(width, height)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command to this page."""
        return self.browser.call(method, self._session, **parameters)

    def resize(self, width: int, height: int = 800) -> None:
        """Give the page the size of a screen, in CSS pixels."""
        self._width = width
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def look(self, scheme: str, medium: str = "") -> None:
        """Prefer ``light`` or ``dark``, on the screen or in ``print``."""
        preferred = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=preferred)

    def without_javascript(self) -> None:
        """Switch the page's scripts off."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._forget("Page.loadEventFired")
        self.call("Page.navigate", url=address)
        self.loaded()

    def loaded(self) -> None:
        """Wait until the next page is loaded."""
        self.browser.wait_for("Page.loadEventFired", self._session)

    def submit(self, selector: str) -> None:
        """Press a button that leads to another page."""
        self._forget("Page.loadEventFired")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        self.loaded()

    def evaluate(self, script: str) -> Any:
        """Run a script in the page and return its value."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def fill(self, id_: str, text: str) -> None:
        """Write into a field."""
        self.evaluate(f"document.getElementById({json.dumps(id_)}).value = {json.dumps(text)}")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key and let it go."""
        event = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def picture(self, most: int = 4000, scale: float = 1) -> bytes:
        """Return the page, whole but no taller than ``most`` pixels, as PNG.

        The window grows to it: what is in frames outside is not drawn.
        """
        self.resize(self._width)
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        height = min(int(size["height"]), most)
        self.resize(self._width, height)
        self.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))")
        clip = {"x": 0, "y": 0, "width": size["width"], "height": height, "scale": scale}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", clip=clip)["data"])

    def events(self, method: str) -> list[dict[str, Any]]:
        """Return what this page has said under a name so far."""
        return [
            event["params"]
            for event in self.browser.events
            if (event.get("method"), event.get("sessionId")) == (method, self._session)
        ]

    def _forget(self, method: str) -> None:
        self.browser.events[:] = [event for event in self.browser.events if event.get("method") != method]


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Run a browser with a fresh profile. Raises FileNotFoundError where none is installed."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        raise FileNotFoundError("no Chromium here: install Debian's package chromium")
    with tempfile.TemporaryDirectory(prefix="quinzaine-chromium-", ignore_cleanup_errors=True) as profile:
        browser = Chromium(binary, Path(profile))
        try:
            yield browser
        finally:
            browser.close()
