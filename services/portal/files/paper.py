"""Documents to print and to keep: one page of HTML that holds all it needs, and the same as a tagged PDF (PDF/UA-1).

WeasyPrint needs the Pango library of the system, which no Python package brings: where it is missing, documents stay
HTML and say so, and nothing else is the worse for it.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import io
import logging
import math
import threading
from pathlib import Path
from typing import Any

import segno
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.contracts.rpc import GetTheme
from services.portal.web.pages import answer_or_none, document, download

STYLE = (Path(__file__).parents[1] / "templates" / "paper" / "paper.css").read_text(encoding="utf-8")
SIZES = ("", "small", "smaller", "smallest")
"""Classes of the body, tried in turn until each sheet stands on one page."""
logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of rules that are for screens
_one_at_a_time = threading.Lock()
"""A PDF takes a core for a second: a crowd must not take them all."""


async def paper(request: Request, template: str, name: str, **context: Any) -> Response:
    """Answer with a document: to read, as a file to keep (``?forme=fichier``) or as PDF (``?forme=pdf``)."""
    form = request.query_params.get("forme", "")
    printable = await asyncio.to_thread(can_print)
    context |= {"printable": printable, "kept": form == "fichier"}
    context |= {"named": request.app.state.settings.name, "logo": await _logo(request)}
    html = document(request, template, style=STYLE, **context)
    if form == "pdf" and printable:
        return download(await asyncio.to_thread(as_pdf, html), f"{name}.pdf", "application/pdf")
    if form == "fichier":
        return download(html, f"{name}.html", "text/html")
    return HTMLResponse(html, headers={"Content-Security-Policy": _policy()})


async def _logo(request: Request) -> str:
    """Return the organisation's logo as the address of a picture that holds itself; empty where there is none."""
    theme = await answer_or_none(request, GetTheme())
    return f"data:{theme.logo_type};base64,{theme.logo}" if theme and theme.logo else ""


@functools.cache
def can_print() -> bool:
    """Whether this machine can make PDF."""
    try:
        import weasyprint  # noqa: F401
    except OSError:  # a shared library is missing
        return False
    return True


def as_pdf(html: str) -> bytes:
    """Return a document as PDF/UA-1; each ``section`` stands on one page where some size of letters allows it."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    nothing_outside = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    sheets = html.count("<section") or math.inf
    with _one_at_a_time:
        for size in SIZES:
            laid = HTML(string=html.replace("<body>", f'<body class="{size}">'), url_fetcher=nothing_outside).render()
            if len(laid.pages) <= sheets:
                break
        content: bytes = laid.write_pdf(pdf_variant="pdf/ua-1")
    return content


def qr_code(address: str) -> str:
    """Return a QR code as an SVG drawing to stand in a page, one unit a module, with its white edge."""
    drawing = io.BytesIO()
    segno.make(address, error="m").save(drawing, kind="svg", xmldecl=False, svgns=True, omitsize=True, light="#fff")
    return drawing.getvalue().decode()


@functools.cache
def _policy() -> str:
    """Return the policy of a document: its own style, known by its hash, and pictures it holds itself."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
