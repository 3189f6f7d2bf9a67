"""A school in an edition: what it registered, what the organiser decided since, and the groups that follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from services.contracts.errors import Problem, Refused, refused
from services.contracts.values import Edition, Group, HalfDay, School, SchoolClass
from services.registration.domain.declaration import Declaration
from services.registration.domain.groups import Choice, Decision, Question, form_groups, joinable, question, questions
from services.registration.domain.permissions import Given


@dataclass(frozen=True)
class Enrolment:
    """``imported``, ``imported_classes``: the school as its file says; ``declared``: as it says itself, which prevails.

    ``closed``, ``reopened``: the organiser's word on closures, above both.
    """

    edition_id: str
    imported: School
    imported_classes: tuple[SchoolClass, ...]
    closed: tuple[HalfDay, ...] = ()
    reopened: tuple[HalfDay, ...] = ()
    decisions: tuple[Decision, ...] = ()
    groups: tuple[Group, ...] = ()
    declared: Declaration | None = None
    permissions: tuple[Given, ...] = ()

    @cached_property
    def school(self) -> School:
        """The school with the closures that hold now."""
        closed = (set(self.own_word.closed) | set(self.closed)) - set(self.reopened)
        return replace(self.own_word, closed=tuple(sorted(closed)))

    @cached_property
    def own_word(self) -> School:
        """The school as it says itself, or else as its file says."""
        said = vars(self.declared) if self.declared else {}
        return replace(self.imported, **{name: value for name, value in said.items() if name != "classes"})

    @property
    def classes(self) -> tuple[SchoolClass, ...]:
        """The classes that take part."""
        return self.declared.classes if self.declared else self.imported_classes

    def update(self, school: School, classes: tuple[SchoolClass, ...] | None) -> Enrolment:
        """Take what a file now says of the school; its own word and the organiser's stay, and classes no file says."""
        return replace(self, imported=school, imported_classes=self.imported_classes if classes is None else classes)

    def declare(self, declared: Declaration) -> Enrolment:
        """Take what the school says of itself; a half-day it newly closes is closed, whatever was decided before."""
        newly = set(declared.closed) - set(self.own_word.closed)
        return replace(self, declared=declared, reopened=_sorted(set(self.reopened) - newly))

    def close(self, half_days: Iterable[HalfDay]) -> Enrolment:
        """Close the school on ``half_days``."""
        half_days = set(half_days)
        closed = half_days - set(self.own_word.closed) | set(self.closed)
        return replace(self, closed=_sorted(closed), reopened=_sorted(set(self.reopened) - half_days))

    def reopen(self, half_days: Iterable[HalfDay]) -> Enrolment:
        """Take back closures, whoever made them."""
        half_days = set(half_days)
        reopened = half_days & set(self.own_word.closed) | set(self.reopened)
        return replace(self, closed=_sorted(set(self.closed) - half_days), reopened=_sorted(reopened))

    def settle(
        self, class_id: str, programme_id: str, choice: Choice, edition: Edition, before: str | None = None
    ) -> Enrolment:
        """Record the organiser's decision. Raises Refused when nothing is to decide, or for a choice not on offer.

        ``before``: what the organiser saw as decided, empty for nothing; refused when something else has been since.
        """
        asked = self._question(class_id, programme_id, edition)
        if asked is None:
            raise refused("nothing_to_settle", name=class_id)
        now = {q.class_id: q.chosen for q in self.questions(edition) if q.programme_id == programme_id}.get(class_id)
        if before is not None and now not in (before, choice):
            raise refused("settled_meanwhile", name=next(c.name for c in self.classes if c.id == class_id))
        if choice not in asked.choices:
            raise refused("choice_not_offered", choice=choice, choices=", ".join(asked.choices))
        others = tuple(d for d in self.decisions if (d.class_id, d.programme_id) != (class_id, programme_id))
        return replace(self, decisions=(*others, Decision(class_id, programme_id, asked.pupils, choice)))

    def form_groups(self, edition: Edition, offered: Collection[str] = ()) -> Enrolment:
        """Form the groups for what is known now, as little changed as can be; those that had no place have none yet.

        ``offered``: ids of the groups that have sessions.
        """
        said = (self.own_word, self.classes)
        formed = (form_groups(*said, p, self.decisions, self.groups, offered) for p in edition.programmes)
        waiting = {group.id for group in self.groups if group.without_place}
        return replace(
            self, groups=tuple(replace(g, without_place=g.id in waiting) for groups in formed for g in groups)
        )

    def questions(self, edition: Edition) -> tuple[Question, ...]:
        """What the organiser has to decide, and has decided."""
        return questions(self.groups, self.classes, edition.programmes, self.decisions)

    def open_questions(self, edition: Edition) -> tuple[Question, ...]:
        """What the organiser has to decide still."""
        return tuple(asked for asked in self.questions(edition) if not asked.chosen)

    def same_facts(self, other: Enrolment) -> bool:
        """Whether both say the same to the other services."""
        mine, others = ((one.school, one.classes, one.groups, one.declared is not None) for one in (self, other))
        return mine == others

    def _question(self, class_id: str, programme_id: str, edition: Edition) -> Question | None:
        classes = [c for c in self.classes if c.id == class_id and programme_id in c.programmes]
        programmes = [p for p in edition.programmes if p.id == programme_id]
        known = (self.groups, self.classes, self.decisions)
        return next(
            (found for c in classes for p in programmes if (found := question(c, p, joinable(c, p, *known)))), None
        )


def check_half_days(half_days: Iterable[HalfDay], edition: Edition) -> None:
    """Raise Refused, naming every half-day outside the edition's dates."""
    outside = [h for h in sorted(half_days) if not edition.first_day <= h.day <= edition.last_day]
    if outside:
        dates = {"first": edition.first_day.isoformat(), "last": edition.last_day.isoformat()}
        raise Refused(*(Problem("edition_day_outside", dates, value=h.day.isoformat()) for h in outside))


def _sorted(half_days: set[HalfDay]) -> tuple[HalfDay, ...]:
    return tuple(sorted(half_days))
