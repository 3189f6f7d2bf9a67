"""How a browser is called in the list of sign-ins: by its name and system, and no more of what it says of itself."""

from __future__ import annotations

from starlette.requests import Request

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(request: Request) -> str:
    """Return a browser's name, such as ``Firefox, Windows``; empty when it says nothing that we know."""
    said = request.headers.get("user-agent", "")
    found = (next((name for sign, name in known if sign in said), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))
