"""Who did what, and when: a row for each request that was carried out, in its own transaction. Rows are only added.

Nothing anyone wrote is kept, only ids and plain facts, so that nothing here speaks of pupils.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.causes import Incident
from services.contracts.codec import dumps, loads
from services.contracts.values import PARIS, Edition
from services.kit.database import add
from services.kit.messages import MessageTables

NO_ACTS = (rpc.NoteFeedRead, rpc.NoteSignIn, rpc.OfferCodes, rpc.SaveDraft)
"""Requests that programs make by themselves, or that are only a step of another."""
FACTS = frozenset({"number", "release", "kind", "state", "decision", "given", "by", "style", "action"})
"""Fields that are told beside ids."""
MOST = 200
"""Acts that are listed at once."""


def is_act(kind: type[rpc.Request[Any]]) -> bool:
    """Whether carrying out such a request is something someone did."""
    return not issubclass(kind, (rpc.Query, *NO_ACTS))


def note(
    connection: sa.Connection,
    messages: MessageTables,
    request: rpc.Request[Any],
    result: Any,
    *,
    actor: str,
    now: dt.datetime,
) -> None:
    """Add the row of a request that was carried out; a try to sign in counts once it let someone in, as theirs."""
    if isinstance(result, rpc.Admission):
        if result.state != "in":
            return
        actor = f"account:{result.account_id}"
    row = {
        "at": now,
        "actor": actor,
        "act": request.method(),
        "edition_id": _edition_of(request, result),
        "about": dumps(_about(request, result)),
    }
    add(connection, messages.journal, **row)


def acts(connection: sa.Connection, messages: MessageTables, asked: rpc.ListActs) -> tuple[rpc.Act, ...]:
    """Return what was done, latest first."""
    table = messages.journal
    wanted: list[sa.ColumnElement[bool]] = [table.c.edition_id.in_((asked.edition_id, ""))]
    if asked.day:
        morning = dt.datetime.combine(asked.day, dt.time(), PARIS)
        evening = dt.datetime.combine(asked.day + dt.timedelta(days=1), dt.time(), PARIS)
        wanted += [table.c.at >= morning, table.c.at < evening]
    if asked.act:
        wanted.append(table.c.act == asked.act)
    if asked.about:
        # an id stands between spaces, or begins the ids of what belongs to it
        ids = (f" {asked.about} ", f" {asked.about}/")
        wanted.append(sa.or_(*(table.c.about.contains(id_, autoescape=True) for id_ in ids)))
    rows = connection.execute(sa.select(table).where(*wanted).order_by(table.c.position.desc()).limit(MOST))
    return tuple(_act(row) for row in rows)


def _act(row: Any) -> rpc.Act:
    about = {name: text.strip() for name, text in loads(dict[str, str], row.about).items()}
    return rpc.Act(row.at, row.actor, row.act, row.edition_id, about)


def _edition_of(request: rpc.Request[Any], result: Any) -> str:
    if isinstance(result, Edition):
        return result.id
    return str(getattr(request, "edition_id", "") or getattr(result, "edition_id", ""))


def _about(request: Any, result: Any) -> dict[str, str]:
    told: dict[str, str] = {"incident_id": result.id} if isinstance(result, Incident) else {}
    for field in dataclasses.fields(request):
        value = getattr(request, field.name)
        if field.name == "pupils" and isinstance(value, dict):
            told["session_ids"] = " ".join(value)  # of whom the head counts are
        elif field.name != "edition_id" and (field.name.endswith(("_id", "_ids")) or field.name in FACTS):
            told[field.name] = " ".join(value) if isinstance(value, tuple) else str(value)
    return {name: f" {text} " for name, text in told.items() if text}
