"""Permissions of the schools: which are watched, and where each stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    GetAsking,
    ListPermissions,
    MarkPermission,
    SetPermissionLevels,
)
from services.contracts.values import PermissionKind, PermissionLevel
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def permissions(request: Request) -> Response:
    """Every school with what is given and what is missing; with ``manque``, what is missing only."""
    return await _show(request)


async def set_levels(request: Request) -> Response:
    """Say which permissions are watched, and which are needed before a school may confirm."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    levels: dict[PermissionKind, PermissionLevel] = {
        kind: level
        for kind in get_args(PermissionKind)
        for level in get_args(PermissionLevel)
        if level == form.text(f"level-{kind}")
    }
    await ask(request, SetPermissionLevels(id_, levels))
    return go(request, "permissions", _("C’est noté."), edition=id_)


async def mark(request: Request) -> Response:
    """Tick one permission of a school, or take it back."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    kind: PermissionKind = next((kind for kind in get_args(PermissionKind) if kind == form.text("kind")), "director")
    given = form.text("action") == "give"
    marked = MarkPermission(id_, form.text("school"), form.text("programme"), kind, given)
    try:
        await ask(request, marked)
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    return go(request, "permissions", _("C’est noté."), edition=id_)


async def _show(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    id_ = request.path_params["edition"]
    edition, asking, schools = await asyncio.gather(
        edition_of(request), ask(request, GetAsking(id_)), ask(request, ListPermissions(id_))
    )
    missing = [(school, tuple(one for one in school.permissions if not one.given_at)) for school in schools]
    only_missing = "manque" in request.query_params
    return show(
        request,
        "organiser/permissions.html",
        422 if errors else 200,
        errors,
        edition=edition,
        levels=asking.levels,
        choices=get_args(PermissionLevel),
        only_missing=only_missing,
        schools=missing if only_missing else [(school, school.permissions) for school in schools],
        missing=sum(len(lacking) for _, lacking in missing),
    )
