"""What the API can do. Each endpoint asks what a page asks: there is no second way in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from services.contracts import rpc
from services.contracts.errors import Problem, Refused, refused
from services.contracts.values import MOST_CLASSES, Group, SchoolClass
from services.portal.api.values import (
    Confirmation,
    Decision,
    DeclaredClass,
    DeclaredClasses,
    Files,
    HalfDays,
    Refusal,
    RegisteredSchool,
    SchoolAnswers,
    SchoolsPage,
    TakenBack,
)

A = TypeVar("A")
FIRST_ITEMS, MOST_ITEMS = 50, 200


class AskHere(Protocol):
    """Sends a request with the trace of this call."""

    async def __call__(self, request: rpc.Request[A]) -> A: ...


@dataclass(frozen=True)
class Call:
    """One call: the edition its token opens, what the address and the body say, the idempotency key."""

    edition_id: str
    school_id: str
    query: Mapping[str, str]
    body: Any
    key: str
    ask: AskHere


@dataclass(frozen=True)
class Endpoint:
    """An address and a method. ``pointer``: where in the body a problem is (JSON Pointer, RFC 6901).

    ``keyed``: it needs an Idempotency-Key; the other changes have the same effect however often they are sent.
    """

    method: str
    path: str
    name: str
    does: str
    view: Callable[[Call], Awaitable[Any]]
    answer: Any
    body: type | None = None
    keyed: bool = False
    paged: bool = False
    pointer: Callable[[Problem], str] = lambda problem: ""

    @property
    def writes(self) -> bool:
        """Whether a token that only reads is not enough."""
        return self.method != "GET"


async def list_schools(call: Call) -> SchoolsPage:
    """Schools by id, from the one after ``after``."""
    limit, after = _limit(call), call.query.get("after", "")
    found = sorted(await call.ask(rpc.ListRegistrations(call.edition_id)), key=lambda one: one.school.id)
    rest = [one for one in found if one.school.id > after]
    more = urlencode({"limit": limit, "after": rest[limit - 1].school.id}) if len(rest) > limit else ""
    return SchoolsPage(tuple(map(RegisteredSchool.of, rest[:limit])), f"schools?{more}" if more else None)


async def get_school(call: Call) -> RegisteredSchool:
    """One school."""
    for one in await call.ask(rpc.ListRegistrations(call.edition_id)):
        if one.school.id == call.school_id:
            return RegisteredSchool.of(one)
    raise refused("unknown_school", school=call.school_id)


async def import_schools(call: Call) -> rpc.ImportReport:
    """Register schools and classes."""
    files: Files = call.body
    return await call.ask(rpc.ImportSchools(call.edition_id, files.schools, files.classes, files.preview))


async def close_school(call: Call) -> RegisteredSchool:
    """Close a school for some half-days."""
    question = rpc.CloseSchool(call.edition_id, call.school_id, call.body.half_days)
    return RegisteredSchool.of(await call.ask(question))


async def reopen_school(call: Call) -> RegisteredSchool:
    """Take closures back."""
    question = rpc.ReopenSchool(call.edition_id, call.school_id, call.body.half_days)
    return RegisteredSchool.of(await call.ask(question))


async def get_classes(call: Call) -> tuple[SchoolClass, ...]:
    """The classes of a school."""
    return (await get_school(call)).classes


async def put_classes(call: Call) -> tuple[SchoolClass, ...]:
    """Declare all classes of a school anew; the rest of its registration stays."""
    form = await call.ask(rpc.GetRegistrationForm(call.edition_id, call.school_id))
    if form.drafted_at is not None:
        raise refused("api_draft", school=form.school_name)
    classes: tuple[DeclaredClass, ...] = call.body.classes
    if wrong := list(_wrong_classes(classes, form.programmes)):
        raise Refused(*wrong)
    fields = {name: text for name, text in form.fields.items() if not name.startswith("class-")}
    for i, one in enumerate(classes):
        fields |= _class_fields(i, one)
    await call.ask(rpc.RegisterSchool(call.edition_id, call.school_id, fields, call.key))
    return await get_classes(call)


async def get_groups(call: Call) -> tuple[Group, ...]:
    """The groups of a school."""
    return (await get_school(call)).groups


async def settle_exception(call: Call) -> RegisteredSchool:
    """Decide about a class that the group rule cannot cut."""
    decision: Decision = call.body
    question = rpc.SettleException(call.edition_id, decision.class_id, decision.programme_id, decision.choice)
    return RegisteredSchool.of(await call.ask(question))


async def get_answers(call: Call) -> SchoolAnswers:
    """The sessions offered to a school."""
    return _answers(await call.ask(rpc.GetSchoolPage(call.edition_id, call.school_id)))


async def confirm(call: Call) -> SchoolAnswers:
    """Confirm sessions."""
    said: Confirmation = call.body
    where = (call.edition_id, call.school_id, said.release)
    return _answers(await call.ask(rpc.ConfirmSlots(*where, said.pupils, call.key, by="organiser")))


async def decline(call: Call) -> SchoolAnswers:
    """Decline a session."""
    said: Refusal = call.body
    where = (call.edition_id, call.school_id, said.release, said.session_id)
    return _answers(await call.ask(rpc.DeclineSlot(*where, said.reason, call.key, "organiser", said.no_names)))


async def undo(call: Call) -> SchoolAnswers:
    """Take an answer back."""
    said: TakenBack = call.body
    where = (call.edition_id, call.school_id, said.release, said.session_id)
    return _answers(await call.ask(rpc.UndoAnswer(*where, call.key, by="organiser")))


def _answers(page: rpc.SchoolPage) -> SchoolAnswers:
    return SchoolAnswers(page.release, page.deadline, page.offers)


def _limit(call: Call) -> int:
    text = call.query.get("limit", str(FIRST_ITEMS))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST_ITEMS):
        raise refused("api_limit", most=MOST_ITEMS)
    return int(text)


def _wrong_classes(classes: tuple[DeclaredClass, ...], programmes: Mapping[str, str]) -> list[Problem]:
    """Return what the school's form could not even say."""
    if len(classes) > MOST_CLASSES:
        return [Problem("api_many_classes", {"most": str(MOST_CLASSES)})]
    return [
        Problem("programme_unknown", {"programme": chosen, "known": ", ".join(programmes)}, column=f"class-{i}-in")
        for i, one in enumerate(classes)
        for chosen in one.programmes
        if chosen not in programmes
    ]


def _class_fields(i: int, one: DeclaredClass) -> dict[str, str]:
    """Return a class as the fields of the school's form."""
    parts = {"id": one.id, "name": one.name, "level": one.level, "pupils": str(one.pupils)}
    return {f"class-{i}-{part}": text for part, text in parts.items()} | {
        f"class-{i}-in-{programme}": "on" for programme in one.programmes
    }


def _in_classes(problem: Problem) -> str:
    kind, _, rest = problem.column.partition("-")
    number, _, part = rest.partition("-")
    if kind != "class":
        return ""
    return f"/classes/{number}/{'programmes' if part.split('-')[0] == 'in' else part}"


def _in_pupils(problem: Problem) -> str:
    return f"/pupils/{problem.facts['session']}" if "session" in problem.facts else ""


def _in_session(problem: Problem) -> str:
    if problem.code.startswith(("reason_", "looks_")):
        return "/reason"
    return "/session_id" if "session" in problem.facts else ""


SCHOOL = "/schools/{school}"

ENDPOINTS = (
    Endpoint("GET", "/schools", "list_schools", "Schools, page by page", list_schools, SchoolsPage, paged=True),
    Endpoint("POST", "/schools/import", "import_schools", "Import CSV files", import_schools, rpc.ImportReport, Files),
    Endpoint("GET", SCHOOL, "get_school", "One school", get_school, RegisteredSchool),
    Endpoint("POST", f"{SCHOOL}/closures", "close_school", "Close it", close_school, RegisteredSchool, HalfDays),
    Endpoint("POST", f"{SCHOOL}/reopenings", "reopen_school", "Reopen it", reopen_school, RegisteredSchool, HalfDays),
    Endpoint("GET", f"{SCHOOL}/classes", "get_classes", "Its classes", get_classes, tuple[SchoolClass, ...]),
    Endpoint(
        "PUT",
        f"{SCHOOL}/classes",
        "put_classes",
        "Declare its classes anew",
        put_classes,
        tuple[SchoolClass, ...],
        DeclaredClasses,
        keyed=True,
        pointer=_in_classes,
    ),
    Endpoint("GET", f"{SCHOOL}/groups", "get_groups", "Its groups", get_groups, tuple[Group, ...]),
    Endpoint("POST", "/decisions", "settle_exception", "Settle a class", settle_exception, RegisteredSchool, Decision),
    Endpoint("GET", f"{SCHOOL}/answers", "get_answers", "Its sessions and answers", get_answers, SchoolAnswers),
    Endpoint(
        "POST",
        f"{SCHOOL}/confirmations",
        "confirm",
        "Confirm sessions",
        confirm,
        SchoolAnswers,
        Confirmation,
        keyed=True,
        pointer=_in_pupils,
    ),
    Endpoint(
        "POST",
        f"{SCHOOL}/refusals",
        "decline",
        "Decline a session",
        decline,
        SchoolAnswers,
        Refusal,
        keyed=True,
        pointer=_in_session,
    ),
    Endpoint(
        "POST",
        f"{SCHOOL}/undone",
        "undo",
        "Take an answer back",
        undo,
        SchoolAnswers,
        TakenBack,
        keyed=True,
        pointer=_in_session,
    ),
)
