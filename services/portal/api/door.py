"""The door itself: who may come in, what is read of a call, and how a refusal is said (RFC 9457)."""

from __future__ import annotations

import logging
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.contracts import rpc
from services.contracts.codec import Malformed, encode, loads
from services.contracts.errors import Problem, Refused, Unavailable, refused
from services.kit.links import token_hash
from services.kit.rpc import ACTOR, Ask
from services.portal.api.endpoints import ENDPOINTS, A, AskHere, Call, Endpoint
from services.portal.api.openapi import BASE, Fault, ProblemDetails, document
from services.portal.web.forms import MAX_BODY, bounded

log = logging.getLogger(__name__)

LONGEST_KEY = 200
STATUSES = {"unknown_token": 401, "api_read_only": 403}
ASKED_WRONGLY = ("malformed_request", "text_unstorable", "api_not_json", "api_limit", "api_idempotency_key")


def create_api(ask: Ask, base_url: str) -> Starlette:
    """Build the API, to be mounted at BASE."""
    by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for endpoint in ENDPOINTS:
        by_path[endpoint.path][endpoint.method] = endpoint
    api = Starlette(
        routes=[
            Route("/openapi.json", _openapi, name="openapi"),
            *(Route(path, _view(found), methods=list(found), name=path) for path, found in by_path.items()),
        ],
        exception_handlers={
            HTTPException: _http_error,
            Unavailable: _unavailable,
            Exception: _unexpected,
        },
    )
    api.state.ask = ask
    api.state.openapi = document(ENDPOINTS, base_url)
    return api


async def _openapi(request: Request) -> Response:
    return JSONResponse(request.app.state.openapi)


def _view(endpoints: dict[str, Endpoint]) -> Any:
    async def view(request: Request) -> Response:
        endpoint = endpoints["GET" if request.method == "HEAD" else request.method]
        try:
            return JSONResponse(encode(await endpoint.view(await _call(request, endpoint))))
        except Refused as refusal:
            return _said(request, refusal, endpoint.pointer)

    return view


async def _call(request: Request, endpoint: Endpoint) -> Call:
    """Read a call. Raises Refused."""

    ask = _asking(request)
    scope = await ask(rpc.OpenAccess(token_hash(_token(request))))
    ACTOR.set(f"access:{scope.access_id}")
    if endpoint.writes and not scope.writes:
        raise refused("api_read_only")
    body = _read(endpoint, await bounded(request).body()) if endpoint.body else None
    key = f"{scope.access_id}:{_key(request)}" if endpoint.keyed else ""
    return Call(scope.edition_id, request.path_params.get("school", ""), request.query_params, body, key, ask)


def _asking(call: Request) -> AskHere:
    async def ask(request: rpc.Request[A]) -> A:
        answer: A = await call.app.state.ask(request, call.state.traceid)
        return answer

    return ask


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refused("unknown_token")
    return token.strip()


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= LONGEST_KEY:
        raise refused("api_idempotency_key", longest=LONGEST_KEY)
    return key


def _read(endpoint: Endpoint, content: bytes) -> Any:
    """Read a body. Raises Refused, with the path of what is wrong."""
    try:
        body: Any = loads(Any, content)
        _refuse_unprintable(body)
        return loads(endpoint.body, content) if endpoint.body else body
    except Malformed as fault:
        path, _, expected = str(fault).partition(": ")
        if path == "not JSON":
            raise refused("api_not_json", detail=expected) from None
        raise Refused(Problem("malformed_request", {"detail": expected}, column=_pointer(path))) from None


def _refuse_unprintable(value: Any, path: str = "$") -> None:
    """Raise Malformed for a text that no database keeps: control characters, halves of a surrogate pair."""
    if isinstance(value, str):
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in value):
            raise Malformed(f"{path}: a character that cannot be printed")
    elif isinstance(value, (dict, list)):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            _refuse_unprintable(name, path)
            _refuse_unprintable(item, f"{path}.{name}")


def _pointer(path: str) -> str:
    return path.removeprefix("$").replace("[", ".").replace("]", "").replace(".", "/")


def _said(request: Request, refusal: Refused, pointer: Callable[[Problem], str]) -> Response:
    faults = []
    for problem in refusal.problems:
        where = problem.column if problem.code == "malformed_request" else pointer(problem)
        said = Problem(problem.code, problem.facts) if where else problem
        faults.append(Fault(problem.code, request.state.words.sentence(said), where))
    return _problem(_status(refusal), tuple(faults))


def _status(refusal: Refused) -> int:
    first = refusal.problems[0]
    if first.code in STATUSES:
        return STATUSES[first.code]
    if first.code in ASKED_WRONGLY:
        return 400
    if all(
        problem.code.startswith("unknown_") or problem.code == "api_no_such_address" for problem in refusal.problems
    ):
        return 404
    return 422 if any(p.column or p.line or p.value for p in refusal.problems) else 409


def _problem(status: int, faults: tuple[Fault, ...], headers: dict[str, str] | None = None) -> Response:
    detail = " ".join(fault.detail for fault in faults[:3])
    body = ProblemDetails("about:blank", HTTPStatus(status).phrase, status, detail, faults)
    more = {"WWW-Authenticate": 'Bearer realm="quinzaine"'} if status == 401 else {}
    return JSONResponse(encode(body), status, {**more, **(headers or {})}, "application/problem+json")


def _fault(request: Request, code: str, **facts: object) -> tuple[Fault, ...]:
    problem = Problem(code, {name: str(fact) for name, fact in facts.items()})
    return (Fault(code, request.state.words.sentence(problem), ""),)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (Starlette's handlers are typed loosely)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        faults = _fault(request, "api_method", method=request.method, allowed=headers.get("Allow", ""))
    elif error.status_code == 413:
        faults = _fault(request, "api_too_large", longest=MAX_BODY)
    else:
        faults = _fault(request, "api_no_such_address", openapi=f"{BASE}/openapi.json")
    return _problem(error.status_code, faults, headers)


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("a service did not answer: %s trace=%s", error, request.state.traceid)
    return _problem(503, _fault(request, "api_unavailable"), {"Retry-After": "30"})


async def _unexpected(request: Request, error: Exception) -> Response:
    return _problem(500, _fault(request, "api_failed", trace=request.state.traceid[:12]))
