"""The OpenAPI 3.1 document, made of the endpoints and their dataclasses: it cannot say anything else than they do."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from services.portal.api.endpoints import FIRST_ITEMS, MOST_ITEMS, Endpoint

BASE = "/api/v1"
SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dt.date: {"type": "string", "format": "date"},
    Any: {},
}


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that is wrong. ``pointer``: where in the body (RFC 6901), empty for the whole of it."""

    code: str
    detail: str
    pointer: str


@dataclasses.dataclass(frozen=True)
class ProblemDetails:
    """Why nothing was done (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...]


class Schemas:
    """JSON schemas of types; dataclasses become components, each once."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type of the contracts."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            return {"anyOf": [self.of(one) for one in arguments]}
        if origin is typing.Literal:
            return {"enum": list(arguments)}
        if origin in (list, tuple, frozenset):
            return self._list(arguments)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        return self._component(kind) if dataclasses.is_dataclass(kind) else SCALARS[kind]

    def _list(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        if len(arguments) > 1 and arguments[1] is not Ellipsis:
            size = len(arguments)
            return {
                "type": "array",
                "prefixItems": [self.of(one) for one in arguments],
                "minItems": size,
                "maxItems": size,
            }
        return {"type": "array", "items": self.of(arguments[0])}

    def _component(self, kind: Any) -> dict[str, Any]:
        name = kind.__name__
        if name not in self.components:
            self.components[name] = {}
            hints = typing.get_type_hints(kind)
            fields = dataclasses.fields(kind)
            self.components[name] = {
                "type": "object",
                "description": kind.__doc__,
                "properties": {field.name: self.of(hints[field.name]) for field in fields},
                "required": [field.name for field in fields if _required(field)],
            }
        return {"$ref": f"#/components/schemas/{name}"}


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def document(endpoints: typing.Iterable[Endpoint], base_url: str) -> dict[str, Any]:
    """Return the document."""
    schemas, paths = Schemas(), dict[str, dict[str, Any]]()
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Quinzaine", "version": "1", "description": "Schools, classes, groups and answers."},
        "servers": [{"url": f"{base_url}{BASE}"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas.components,
        },
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": schemas.of(ProblemDetails)}}
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.does,
        "parameters": _parameters(endpoint),
        "responses": {
            "200": {"description": "Done", "content": {"application/json": {"schema": schemas.of(endpoint.answer)}}},
            "default": {"description": "Nothing was done", "content": problem},
        },
    }
    if endpoint.body is not None:
        schema = schemas.of(endpoint.body)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = [_parameter(name, "path", True, SCALARS[str]) for name in re.findall(r"\{(\w+)\}", endpoint.path)]
    if endpoint.paged:
        limits = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": FIRST_ITEMS}
        found += [_parameter("limit", "query", False, limits), _parameter("after", "query", False, SCALARS[str])]
    if endpoint.keyed:
        found.append(_parameter("Idempotency-Key", "header", True, {"type": "string", "maxLength": 200}))
    return found


def _parameter(name: str, where: str, required: bool, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": required, "schema": schema}
