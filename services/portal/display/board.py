"""The board: days of teams, or schools, with what teams do between sessions; no more of it than a page can hold."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.contracts.order import alphabetical
from services.contracts.rpc import Cell, Job, Pin, Plan, PlannedSession, Stretch
from services.contracts.values import PARIS, Edition, HalfDay, Team
from services.portal.display.agenda import by_day, day_of, in_time
from services.portal.web.labels import RULES
from services.portal.web.words import Words

MOST = 80
"""Sessions on one page; a single day or school is shown whole, however many it has."""

LEAVING = 50_000
"""Points a plan costs more only where it leaves out a session that the other one places."""


@dataclass(frozen=True)
class Bar:
    """A session on the board. ``place``: the classes of the style sheet that put it where its hours are.

    ``state``: the key of its word and shape; ``pin``: why it is fixed there, None when it is free.
    """

    planned: PlannedSession
    place: str
    state: str
    pin: Pin | None = None


@dataclass(frozen=True)
class Strip:
    """A road, a set-up or a packing, placed as a bar is."""

    stretch: Stretch
    place: str


@dataclass(frozen=True)
class Row:
    """A team's day on the board, in the order of time. ``nth``: position of its provider, which gives it its mark."""

    provider: str
    team: Team
    nth: int
    items: tuple[Bar | Strip, ...]


@dataclass(frozen=True)
class SchoolRow:
    """A school on the board: its sessions by day."""

    id: str
    name: str
    held: Mapping[dt.date, list[Bar]]


@dataclass(frozen=True)
class Board:
    """As much of a plan as a page holds. ``every``: where else a page may begin, with the words for it.

    ``days``: each with its teams; ``schools``: instead of teams, when schools were asked for. ``hours``: the whole
    hours of the axis.
    """

    days: tuple[tuple[dt.date, tuple[Row, ...]], ...]
    schools: tuple[SchoolRow, ...]
    hours: tuple[int, ...]
    every: tuple[dt.date, ...]

    @property
    def shown(self) -> tuple[dt.date, ...]:
        """The days on this page."""
        return tuple(day for day, _ in self.days)


def days_of(edition: Edition, sessions: Iterable[PlannedSession]) -> tuple[dt.date, ...]:
    """Return every day the board has: the action days, and others on which a session is."""
    return tuple(sorted({*edition.action_days, *(day_of(planned) for planned in sessions)}))


def page_of(every: Sequence[dt.date], sessions: Iterable[PlannedSession], first: str) -> tuple[dt.date, ...]:
    """Return the days from ``first`` on (ISO form; else from the beginning) whose sessions fit on a page."""
    held, total = Counter(day_of(planned) for planned in sessions), 0
    shown: list[dt.date] = []
    for day in [day for day in every if day.isoformat() >= first] or every:
        total += held[day]
        if shown and total > MOST:
            break
        shown.append(day)
    return tuple(shown)


def board_of(
    edition: Edition,
    plan: Plan,
    days: Sequence[dt.date],
    stretches: Sequence[Stretch] = (),
    pins: Sequence[Pin] = (),
) -> Board:
    """Arrange some days of a plan by team; teams at rest keep their empty row."""
    held = [planned for planned in plan.sessions if day_of(planned) in set(days)]
    first, last = _hours([(p.session.start, p.session.end) for p in held] + [(s.start, s.end) for s in stretches])
    exceptions = exceptions_in(plan)
    bars = [_bar(planned, first, pins, exceptions) for planned in in_time(held)]
    strips = [Strip(stretch, _place(stretch.start, stretch.end, first)) for stretch in stretches]
    return Board(
        days=tuple((day, tuple(_rows(edition, day, bars, strips))) for day in days),
        schools=tuple(_schools(bars)),
        hours=tuple(range(first, last + 1)),
        every=days_of(edition, plan.sessions),
    )


def _rows(edition: Edition, day: dt.date, bars: Sequence[Bar], strips: Sequence[Strip]) -> Iterable[Row]:
    here = [bar for bar in bars if day_of(bar.planned) == day]
    between = [strip for strip in strips if strip.stretch.start.astimezone(PARIS).date() == day]
    for nth, provider in enumerate(edition.providers):
        for team in provider.teams:
            own = [bar for bar in here if bar.planned.session.team_id == team.id]
            around = [strip for strip in between if strip.stretch.team_id == team.id]
            items: list[Bar | Strip] = sorted([*around, *own], key=_starts)
            yield Row(provider.name, team, nth % 6, tuple(items))


def _starts(item: Bar | Strip) -> dt.datetime:
    return item.stretch.start if isinstance(item, Strip) else item.planned.session.start


def _schools(bars: Sequence[Bar]) -> Iterable[SchoolRow]:
    names = {bar.planned.session.school_id: bar.planned.school_name for bar in bars}
    for id_, name in sorted(names.items(), key=lambda item: (alphabetical(item[1]), item[0])):
        own = by_day(bar.planned for bar in bars if bar.planned.session.school_id == id_)
        of = {bar.planned.session.id: bar for bar in bars}
        yield SchoolRow(id_, name, {day: [of[planned.session.id] for planned in held] for day, held in own})


def _bar(planned: PlannedSession, first_hour: int, pins: Sequence[Pin], exceptions: Container[str]) -> Bar:
    session = planned.session
    here = (session.id, session.team_id, session.start)
    pin = next((pin for pin in pins if (pin.session_id, pin.team_id, pin.start) == here), None)
    return Bar(planned, _place(session.start, session.end, first_hour), state_of(planned, exceptions), pin)


def exceptions_in(plan: Plan) -> frozenset[str]:
    """Return the ids of sessions that break a rule as things are now, such as those of a group undecided again."""
    return frozenset(id_ for violation in plan.violations for id_ in violation.session_ids)


def state_of(planned: PlannedSession, exceptions: Container[str] = ()) -> str:
    """Return how far a session is: what became of it, else whether it breaks a rule, else what its school said."""
    if planned.outcome:
        return "cancelled" if planned.outcome.state == "cancelled" else "held"
    if planned.session.id in exceptions:
        return "exception"
    return planned.school_answer or "proposed"


def _hours(stretches: Sequence[tuple[dt.datetime, dt.datetime]]) -> tuple[int, int]:
    starts = [start.astimezone(PARIS).hour for start, _ in stretches]
    ends = [-(-_minutes(end) // 60) for _, end in stretches]
    return min([8, *starts]), max([17, *ends])


def _place(start: dt.datetime, end: dt.datetime, first_hour: int) -> str:
    """Return the classes for a start and a length, both to the nearest five minutes."""
    after = round((_minutes(start) - first_hour * 60) / 5) * 5
    length = max(5, round((_minutes(end) - first_hour * 60) / 5) * 5 - after)
    return f"at-h{after // 60} at-m{after % 60} for-h{length // 60} for-m{length % 60}"


def _minutes(instant: dt.datetime) -> int:
    local = instant.astimezone(PARIS)
    return local.hour * 60 + local.minute


# Cells --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A cell as it is told. ``kind``: ``ok``, ``warn`` or ``no`` (a plan with it cannot be released).

    ``job``: the solve that looks for its exact price, if one was started.
    """

    cell: Cell
    kind: str
    price: str
    broken: str
    why: tuple[str, ...]
    job: Job | None = None

    @property
    def key(self) -> str:
        """What a form sends for this cell."""
        return f"{self.cell.half_day.day}|{self.cell.half_day.half}|{self.cell.team_id}"


def read_key(key: str) -> tuple[HalfDay, str] | None:
    """Return the half-day and the team of a cell, None when nobody could have sent this."""
    day, _, rest = key.partition("|")
    half, _, team = rest.partition("|")
    try:
        return HalfDay(dt.date.fromisoformat(day), "pm" if half == "pm" else "am"), team
    except ValueError:
        return None


def offer_of(cell: Cell, _: Words, jobs: Iterable[Job] = ()) -> Offer:
    """Return what a cell would cost, in words."""
    broken = ", ".join(dict.fromkeys(_.label(RULES, violation.rule) for violation in cell.broken))
    levels = {violation.level for violation in cell.broken}
    kind = "no" if levels & {"block", "release"} else "warn" if levels else "ok"
    here = (cell.team_id, cell.half_day)
    job = next((j for j in jobs if j.tried and (j.tried.team_id, j.tried.half_day) == here), None)
    why = tuple(_.violation(violation) for violation in cell.broken)
    return Offer(cell, kind, _price(cell, _), broken, why, job)


def exact_price(job: Job, _: Words) -> str:
    """Return what a solve that holds a session at a place says of its price; empty for any other solve."""
    if job.tried is None:
        return ""
    if job.value is None:
        return _("pas encore connu") if job.state in ("queued", "running") else _("pas de plan trouvé")
    most = round(job.value) - job.tried.points
    least = most if job.bound is None else math.ceil(job.bound) - job.tried.points
    if most >= LEAVING:
        left = job.sessions - (job.placed or 0)
        told = _.plural("{n} séance resterait sans place", "{n} séances resteraient sans place", left)
    elif job.bound is None:
        told = _("{points} au plus", points=_signed(most))
    elif least < most:
        told = _("de {least} à {points}", least=_signed(least), points=_signed(most))
    else:
        told = _("{points}, prouvé", points=_signed(most))
    moved = _.plural("{n} séance dérangée", "{n} séances dérangées", job.moved) if job.moved else ""
    return " · ".join(filter(None, [_.hour(job.tried.start), told, moved]))


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−")


def _price(cell: Cell, _: Words) -> str:
    road = _("{minutes} min de route", minutes=_signed(cell.minutes)) if cell.minutes else _("même route")
    parts = [_.hour(cell.starts_at), road, _("{n} à prévenir", n=cell.told)]
    if cell.exchange:
        parts.append(_("échange avec {group}", group=cell.exchange))
    elif cell.shifted:
        parts.append(_.plural("{n} autre séance décalée", "{n} autres séances décalées", cell.shifted))
    return " · ".join(parts)


def least_trouble(offers: Iterable[Offer]) -> list[Offer]:
    """Return what breaks nothing first, then by people told and by road."""
    order = {"ok": 0, "warn": 1, "no": 2}
    return sorted(offers, key=lambda o: (order[o.kind], len(o.cell.broken), o.cell.told, o.cell.minutes, o.key))
