"""Three programs that find faults in pages: axe-core, HTML_CodeSniffer (pa11y's own eyes) and the W3C's checker.

`deploy/checkers.sh` installs them as `checkers/package-lock.json` says; no page of ours ships them.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from pathlib import Path

from tests.browser.chromium import Tab

MODULES = Path(__file__).parents[2] / "var" / "checkers" / "node_modules"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4"]
"""Rules of WCAG 2.1 A and AA, which the RGAA 4.1 refers to, and those axe tags as RGAA tests."""
AXE = f"""
axe.run(document, {{runOnly: {TAGS}, resultTypes: ["violations"]}}).then(result =>
  result.violations.flatMap(found => found.nodes.map(node => `${{found.id}}: ${{node.html.slice(0, 150)}}`)))
"""
SNIFFER = """
new Promise(done => HTMLCS.process("WCAG2AA", document, () => done(HTMLCS.getMessages()
  .filter(found => found.type == HTMLCS.ERROR && !found.element.matches?.("[data-board]"))
  .map(({code, msg, element}) => `${code.split(".").slice(1).join(".")}: ${msg} ${element.outerHTML?.slice(0, 150)}`))))
"""
"""The board's form is left out: its buttons, a cell each, are drawn when a session is taken in hand."""


def findings(tab: Tab) -> list[str]:
    """Return what axe-core finds on the page."""
    return _run(tab, "axe-core/axe.min.js", AXE)


def sniffed(tab: Tab) -> list[str]:
    """Return the errors that HTML_CodeSniffer finds on the page."""
    return _run(tab, "@pa11y/html_codesniffer/build/HTMLCS.js", SNIFFER)


def source(tab: Tab) -> str:
    """Return the page as it came from the server."""
    frame = tab.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
    told = tab.events("Network.responseReceived")
    pages = [event for event in told if (event["type"], event["frameId"]) == ("Document", frame)]
    return str(tab.call("Network.getResponseBody", requestId=pages[-1]["requestId"])["body"])


def invalid(pages: dict[str, str], folder: Path) -> dict[str, list[str]]:
    """Return what the W3C's checker finds in pages, each by its name; ``folder`` takes their files."""
    names = {f"{number:04}.html": name for number, name in enumerate(pages)}
    for file, name in names.items():
        (folder / file).write_text(pages[name], encoding="utf-8")
    jar = MODULES / "vnu-jar/build/dist/vnu.jar"
    command = ["java", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", "--errors-only", folder]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=200)
    found = defaultdict(list)
    for message in json.loads(answer.stdout)["messages"]:
        found[names[Path(message["url"]).name]].append(message["message"])
    return dict(found)


def _run(tab: Tab, file: str, script: str) -> list[str]:
    tab.evaluate((MODULES / file).read_text(encoding="utf-8") + ";null")
    found: list[str] = tab.evaluate(script)
    return found
