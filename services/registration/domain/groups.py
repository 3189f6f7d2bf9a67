"""How classes become the groups that live the workshops together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from services.contracts.values import Activity, Group, GroupException, GroupRule, Programme, School, SchoolClass
from services.registration.domain.names import LONGEST_GROUP, bounded

Choice = Literal["one_group", "two_groups", "join", "leave_out"]


@dataclass(frozen=True)
class Decision:
    """What the organiser chose for a class the rule cannot cut.

    It holds while the class is too large, or too small, as it was with the head count it was taken on.
    """

    class_id: str
    programme_id: str
    pupils: int
    choice: Choice


@dataclass(frozen=True)
class Question:
    """A class the rule cannot cut, for the organiser to decide: each choice with the sizes of its groups.

    ``mates``: names of the classes it could join. ``low``, ``high``: pupils of a group by the rule.
    ``chosen``: what was decided; empty while it waits.
    """

    class_id: str
    programme_id: str
    pupils: int
    reason: GroupException
    choices: dict[str, tuple[int, ...]]
    mates: tuple[str, ...]
    low: int
    high: int
    chosen: Choice | Literal[""] = ""


def even(pupils: int, parts: int) -> tuple[int, ...]:
    """Return ``parts`` sizes that sum to ``pupils`` and differ by one at most, larger first."""
    size, larger = divmod(pupils, parts)
    return (size + 1,) * larger + (size,) * (parts - larger)


def cut(pupils: int, rule: GroupRule, offered: int = 0) -> tuple[int, ...] | None:
    """Return the sizes of the groups the rule makes of ``pupils``, as few as it can; None when it cannot.

    Split by 10 to 15 cannot cut 1 to 9 and 16 to 19. ``offered``: groups that have sessions; no fewer while they fit.
    """
    if rule.kind == "whole":
        return (pupils,)
    if rule.kind == "half":
        return even(pupils, min(2, pupils))
    parts = -(-pupils // rule.max_size)
    if offered > parts and pupils // offered >= rule.min_size:
        parts = offered
    return even(pupils, parts) if pupils // parts >= rule.min_size else None


def question(school_class: SchoolClass, programme: Programme, classes: Iterable[SchoolClass] = ()) -> Question | None:
    """Return what the organiser has to decide about a class in a programme; None when every rule can cut it.

    ``classes``: those of its school, which it may join unless the programme forbids it.
    """
    pupils, trouble = school_class.pupils, _trouble(school_class.pupils, programme)
    if trouble is None:
        return None
    rule, reason = trouble
    choices, mates = _choices(pupils, reason), _mates(school_class, _others(school_class, programme, classes), rule)
    if mates:
        choices["join"] = cut(pupils + sum(mate.pupils for mate in mates), rule) or ()
    facts = (tuple(mate.name for mate in mates), rule.min_size, rule.max_size)
    return Question(school_class.id, programme.id, pupils, reason, choices, *facts)


def _trouble(pupils: int, programme: Programme) -> tuple[GroupRule, GroupException] | None:
    """Return the first rule that cannot cut so many pupils, and why."""
    for rule in _rules(programme):
        if cut(pupils, rule) is None:
            return rule, "too_small" if pupils < rule.min_size else "too_large"
    return None


def _choices(pupils: int, reason: GroupException) -> dict[str, tuple[int, ...]]:
    two: dict[str, tuple[int, ...]] = {"two_groups": even(pupils, 2)} if reason == "too_large" else {}
    return {"one_group": (pupils,), **two, "leave_out": ()}


def _others(school_class: SchoolClass, programme: Programme, classes: Iterable[SchoolClass]) -> list[SchoolClass]:
    if programme.mix_classes == "forbid":
        return []
    return [c for c in classes if programme.id in c.programmes and c.id != school_class.id]


def form_groups(
    school: School,
    classes: tuple[SchoolClass, ...],
    programme: Programme,
    decisions: Iterable[Decision],
    before: Iterable[Group] = (),
    offered: Collection[str] = (),
) -> tuple[Group, ...]:
    """Return the groups a school brings to a programme, in the order of its classes.

    Classes stay apart, unless school and programme let them mix or the organiser decides so: then a class that cannot
    be cut alone joins another, and classes that were together ``before`` stay together while they can.
    What still cannot be cut is one group with an open exception, or what the organiser decided.
    ``offered``: ids of the groups whose sessions a release offers; they stay while the rule allows.
    """
    before = [group for group in before if group.programme_id == programme.id]
    enrolled = tuple(c for c in classes if programme.id in c.programmes)
    settled = _choices_made(classes, programme, decisions)
    kept = tuple(c for c in enrolled if settled.get(c.id) != "leave_out")
    rules = _rules(programme)
    together = {group.class_ids for group in before if len(group.class_ids) > 1}
    known = Counter((group.class_ids, group.activities) for group in before if group.id in offered)
    mixing = _Mixing(school, programme, settled, sorted(together))
    return tuple(
        group
        for rule in rules
        for batch in mixing.batches(kept, rule)
        for group in _groups(school, batch, programme, rule, settled, known, alone=len(rules) == 1)
    )


def questions(
    groups: Collection[Group],
    classes: tuple[SchoolClass, ...],
    programmes: Iterable[Programme],
    decisions: Collection[Decision] = (),
) -> tuple[Question, ...]:
    """Return what is to be decided and what was: each class and programme with an open exception or a decision."""
    known = (groups, classes, decisions)
    return tuple(asked for p in programmes for c in classes if (asked := _asked(c, p, *known)))


def _asked(
    school_class: SchoolClass,
    programme: Programme,
    groups: Collection[Group],
    classes: tuple[SchoolClass, ...],
    decisions: Collection[Decision],
) -> Question | None:
    alone = ((school_class.id,), programme.id)
    waits = any(group.undecided and (group.class_ids, group.programme_id) == alone for group in groups)
    chosen = _choices_made(classes, programme, decisions).get(school_class.id)
    if not waits and chosen is None:
        return None
    asked = question(school_class, programme, joinable(school_class, programme, groups, classes, decisions))
    return replace(asked, chosen=chosen) if asked and chosen and not waits else asked


def joinable(
    school_class: SchoolClass,
    programme: Programme,
    groups: Iterable[Group],
    classes: tuple[SchoolClass, ...],
    decisions: Iterable[Decision],
) -> list[SchoolClass]:
    """Return the classes that one may join: not joined to others already, nor decided to stay apart."""
    together = [g.class_ids for g in groups if g.programme_id == programme.id and len(g.class_ids) > 1]
    taken = {id_ for ids in together if school_class.id not in ids for id_ in ids}
    apart = {id_ for id_, choice in _choices_made(classes, programme, decisions).items() if choice != "join"}
    return [c for c in classes if c.id not in taken | apart]


def _choices_made(
    classes: tuple[SchoolClass, ...], programme: Programme, decisions: Iterable[Decision]
) -> dict[str, Choice]:
    """Return the decisions that hold, by class."""
    enrolled = tuple(c for c in classes if programme.id in c.programmes)
    return {
        d.class_id: d.choice for d in decisions if d.programme_id == programme.id and _holds(d, enrolled, programme)
    }


def _holds(decision: Decision, classes: tuple[SchoolClass, ...], programme: Programme) -> bool:
    then = _trouble(decision.pupils, programme)
    return then is not None and any(
        c.id == decision.class_id and _trouble(c.pupils, programme) == then for c in classes
    )


def _rules(programme: Programme) -> tuple[GroupRule, ...]:
    """The programme's different rules, in the order of its activities."""
    return tuple(dict.fromkeys(activity.group for activity in programme.activities))


# Classes that are cut together ----------------------------------------------------------------------------

Batch = tuple[SchoolClass, ...]


@dataclass(frozen=True)
class _Mixing:
    """Who is cut together with whom. ``together``: ids of the classes that were, before."""

    school: School
    programme: Programme
    settled: dict[str, Choice]
    together: list[tuple[str, ...]]

    def batches(self, classes: Batch, rule: GroupRule) -> Iterator[Batch]:
        """Yield the classes, each alone or joined with those it is cut with."""
        joined = self._joined(tuple(c for c in classes if self.settled.get(c.id, "join") == "join"), rule)
        for school_class in classes:
            batch = joined.get(school_class.id, (school_class,))
            if batch[0] == school_class:
                yield batch

    def _joined(self, free: Batch, rule: GroupRule) -> dict[str, Batch]:
        """Keep together who was; then join each class that cannot be cut alone with as few others as possible."""
        joined: dict[str, Batch] = {}
        for ids in self.together:
            batch = tuple(c for c in free if c.id in ids and c.id not in joined)
            if len(batch) == len(ids) and any(map(self._wants, batch)) and _cut_together(batch, rule):
                joined.update({c.id: batch for c in batch})
        for school_class in free:
            if cut(school_class.pupils, rule) is None and school_class.id not in joined and self._wants(school_class):
                others = [c for c in free if c.id not in joined and c != school_class]
                chosen = (school_class, *_mates(school_class, others, rule))
                batch = tuple(c for c in free if c in chosen)
                joined.update({c.id: batch for c in batch})
        return joined

    def _wants(self, school_class: SchoolClass) -> bool:
        allowed = self.programme.mix_classes != "forbid"
        return allowed and (self.school.mix_classes or school_class.id in self.settled)


def _mates(school_class: SchoolClass, others: list[SchoolClass], rule: GroupRule) -> Batch:
    """Return the fewest of the others with whom a class can be cut, first those that cannot be cut alone either."""
    others = sorted(others, key=lambda c: cut(c.pupils, rule) is not None)
    for count in (1, 2, 3):
        for mates in combinations(others, count):
            if _cut_together((school_class, *mates), rule):
                return mates
    return ()


def _cut_together(batch: Batch, rule: GroupRule) -> bool:
    return cut(sum(c.pupils for c in batch), rule) is not None


# Groups of a batch ----------------------------------------------------------------------------------------


def _groups(
    school: School,
    batch: Batch,
    programme: Programme,
    rule: GroupRule,
    settled: dict[str, Choice],
    known: Counter[tuple[tuple[str, ...], tuple[str, ...]]],
    *,
    alone: bool,
) -> Iterator[Group]:
    pupils, class_ids = sum(c.pupils for c in batch), tuple(c.id for c in batch)
    activities = tuple(a for a in programme.activities if a.group == rule)
    activity_ids = tuple(a.id for a in activities)
    sizes = cut(pupils, rule, known[class_ids, activity_ids])
    exception: GroupException | None = None
    accepted = False
    if sizes is None:
        choice = settled.get(batch[0].id, "")
        exception = "too_small" if pupils < rule.min_size else "too_large"
        choices = _choices(pupils, exception)
        accepted = choice in choices
        sizes = choices.get(choice, (pupils,))
    for number, size in enumerate(sizes, start=1):
        yield Group(
            id=_group_id(school, batch, programme, activities[0], number, alone=alone),
            school_id=school.id,
            programme_id=programme.id,
            class_ids=class_ids,
            name=_group_name(batch, rule, number, len(sizes)),
            pupils=size,
            activities=activity_ids,
            exception=exception,
            accepted=accepted,
        )


def _group_id(school: School, batch: Batch, programme: Programme, first: Activity, number: int, *, alone: bool) -> str:
    """``acy/cm1-cm2/quinzaine/1``, whatever the head count; with the first activity where rules differ."""
    classes = "+".join(c.id.rpartition("/")[2] for c in batch)
    id_ = "/".join([school.id, classes, programme.id, *([] if alone else [first.id]), str(number)])
    return bounded(id_, LONGEST_GROUP)


def _group_name(batch: Batch, rule: GroupRule, number: int, of: int) -> str:
    name = " + ".join(c.name for c in batch)
    if of == 1:
        return name
    return f"{name} demi-groupe {number}" if rule.kind == "half" else f"{name} groupe {number}"
