"""How classes become the groups that live the workshops together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from services.contracts.values import Activity, Group, GroupException, GroupRule, Programme, School, SchoolClass

Choice = Literal["one_group", "two_groups", "leave_out"]


@dataclass(frozen=True)
class Decision:
    """What the organiser chose for a class the rule cannot cut. It holds for the head count it was taken on."""

    class_id: str
    programme_id: str
    pupils: int
    choice: Choice


@dataclass(frozen=True)
class Question:
    """A class the rule cannot cut, for the organiser to decide: each choice with the sizes of its groups."""

    class_id: str
    programme_id: str
    pupils: int
    reason: GroupException
    choices: dict[str, tuple[int, ...]]


def even(pupils: int, parts: int) -> tuple[int, ...]:
    """Return ``parts`` sizes that sum to ``pupils`` and differ by one at most, larger first."""
    size, larger = divmod(pupils, parts)
    return (size + 1,) * larger + (size,) * (parts - larger)


def cut(pupils: int, rule: GroupRule) -> tuple[int, ...] | None:
    """Return the sizes of the groups the rule makes of ``pupils``; None when it cannot.

    Split by 10 to 15 cannot cut 1 to 9 and 16 to 19.
    """
    if rule.kind == "whole":
        return (pupils,)
    if rule.kind == "half":
        return even(pupils, min(2, pupils))
    parts = -(-pupils // rule.max_size)
    return even(pupils, parts) if pupils // parts >= rule.min_size else None


def question(school_class: SchoolClass, programme: Programme) -> Question | None:
    """Return what the organiser has to decide about a class in a programme; None when every rule can cut it."""
    pupils = school_class.pupils
    for rule in _rules(programme):
        if cut(pupils, rule) is None:
            reason: GroupException = "too_small" if pupils < rule.min_size else "too_large"
            return Question(school_class.id, programme.id, pupils, reason, _choices(pupils, reason))
    return None


def _choices(pupils: int, reason: GroupException) -> dict[str, tuple[int, ...]]:
    two: dict[str, tuple[int, ...]] = {"two_groups": even(pupils, 2)} if reason == "too_large" else {}
    return {"one_group": (pupils,), **two, "leave_out": ()}


def form_groups(
    school: School, classes: tuple[SchoolClass, ...], programme: Programme, decisions: Iterable[Decision]
) -> tuple[Group, ...]:
    """Return the groups a school brings to a programme, in the order of its classes.

    Classes stay apart, unless school and programme let them mix: then a class that cannot be cut alone joins another.
    What still cannot be cut is one group with an open exception, or what the organiser decided.
    """
    enrolled = tuple(c for c in classes if programme.id in c.programmes)
    settled = {d.class_id: d.choice for d in decisions if d.programme_id == programme.id and _holds(d, enrolled)}
    kept = tuple(c for c in enrolled if settled.get(c.id) != "leave_out")
    rules = _rules(programme)
    return tuple(
        group
        for rule in rules
        for batch in _batches(school, kept, programme, rule, settled)
        for group in _groups(school, batch, programme, rule, settled, alone=len(rules) == 1)
    )


def open_questions(
    groups: Iterable[Group], classes: Iterable[SchoolClass], programmes: Iterable[Programme]
) -> tuple[Question, ...]:
    """Return what is still to be decided: one question for each class and programme with an open exception."""
    waiting = {(g.class_ids, g.programme_id) for g in groups if g.undecided}
    asked = (question(c, p) for p in programmes for c in classes if ((c.id,), p.id) in waiting)
    return tuple(q for q in asked if q)


def _holds(decision: Decision, classes: tuple[SchoolClass, ...]) -> bool:
    return any(c.id == decision.class_id and c.pupils == decision.pupils for c in classes)


def _rules(programme: Programme) -> tuple[GroupRule, ...]:
    """The programme's different rules, in the order of its activities."""
    return tuple(dict.fromkeys(activity.group for activity in programme.activities))


# Classes that are cut together ----------------------------------------------------------------------------

Batch = tuple[SchoolClass, ...]


def _batches(
    school: School, classes: Batch, programme: Programme, rule: GroupRule, settled: dict[str, Choice]
) -> Iterator[Batch]:
    """Yield the classes, each alone or joined with those it is cut with."""
    mixing = school.mix_classes and programme.mix_classes != "forbid" and rule.kind == "split"
    joined = _joined(tuple(c for c in classes if c.id not in settled), rule) if mixing else {}
    for school_class in classes:
        batch = joined.get(school_class.id, (school_class,))
        if batch[0] == school_class:
            yield batch


def _joined(classes: Batch, rule: GroupRule) -> dict[str, Batch]:
    """Join each class that cannot be cut alone with as few others as possible, first with those in the same case."""
    joined: dict[str, Batch] = {}
    stuck = [c for c in classes if cut(c.pupils, rule) is None]
    fine = [c for c in classes if cut(c.pupils, rule) is not None]
    for school_class in stuck:
        free = [c for c in (*stuck, *fine) if c.id not in joined and c != school_class]
        if school_class.id not in joined:
            chosen = {school_class.id, *(c.id for c in _mates(school_class, free, rule))}
            batch = tuple(c for c in classes if c.id in chosen)
            joined.update({c.id: batch for c in batch})
    return joined


def _mates(school_class: SchoolClass, free: list[SchoolClass], rule: GroupRule) -> Batch:
    for count in (1, 2, 3):
        for mates in combinations(free, count):
            if cut(school_class.pupils + sum(c.pupils for c in mates), rule) is not None:
                return mates
    return ()


# Groups of a batch ----------------------------------------------------------------------------------------


def _groups(
    school: School, batch: Batch, programme: Programme, rule: GroupRule, settled: dict[str, Choice], *, alone: bool
) -> Iterator[Group]:
    pupils = sum(c.pupils for c in batch)
    sizes = cut(pupils, rule)
    exception: GroupException | None = None
    accepted = False
    if sizes is None:
        choice = settled.get(batch[0].id)
        accepted = choice is not None
        exception = "too_small" if pupils < rule.min_size else "too_large"
        sizes = _choices(pupils, exception).get(choice or "one_group", (pupils,))
    activities = tuple(a for a in programme.activities if a.group == rule)
    for number, size in enumerate(sizes, start=1):
        yield Group(
            id=_group_id(school, batch, programme, activities[0], number, alone=alone),
            school_id=school.id,
            programme_id=programme.id,
            class_ids=tuple(c.id for c in batch),
            name=_group_name(batch, rule, number, len(sizes)),
            pupils=size,
            activities=tuple(a.id for a in activities),
            exception=exception,
            accepted=accepted,
        )


def _group_id(school: School, batch: Batch, programme: Programme, first: Activity, number: int, *, alone: bool) -> str:
    """``acy/cm1-cm2/quinzaine/1``, whatever the head count; with the first activity where rules differ."""
    classes = "+".join(c.id.rpartition("/")[2] for c in batch)
    return "/".join([school.id, classes, programme.id, *([] if alone else [first.id]), str(number)])


def _group_name(batch: Batch, rule: GroupRule, number: int, of: int) -> str:
    name = " + ".join(c.name for c in batch)
    if of == 1:
        return name
    return f"{name} demi-groupe {number}" if rule.kind == "half" else f"{name} groupe {number}"
