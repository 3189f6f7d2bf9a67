"""What probes and supervisors read."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from services.contracts.codec import encode
from services.contracts.errors import Unavailable
from services.contracts.rpc import GetHealth, Health
from services.portal.web.pages import ask

SERVICES = ("registration", "scheduling", "notifications")


async def livez(request: Request) -> Response:
    """Whether this process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Whether every service answers; 503 otherwise, which is no reason to restart the portal."""
    missing = [name for name, health in (await health_of_all(request)).items() if health is None]
    if missing:
        return PlainTextResponse(f"no answer from {', '.join(missing)}\n", 503, {"Retry-After": "5"})
    return PlainTextResponse("ok\n")


async def summary(request: Request) -> Response:
    """The state of each service in numbers; null when it does not answer."""
    states = await health_of_all(request)
    return JSONResponse(
        {"services": {name: encode(state) for name, state in states.items()}},
        status_code=503 if None in states.values() else 200,
    )


async def health_of_all(request: Request) -> dict[str, Health | None]:
    """Ask all services at once how they are."""
    return dict(zip(SERVICES, await asyncio.gather(*(_health(request, name) for name in SERVICES)), strict=True))


async def _health(request: Request, service: str) -> Health | None:
    try:
        return await ask(request, GetHealth(target=service))
    except Unavailable:
        return None
