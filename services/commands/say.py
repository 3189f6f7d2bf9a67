"""What the planning commands say: findings, violations and figures of a plan in one language, names in place of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from services.contracts.errors import Problem as Finding
from services.contracts.values import Violation
from services.kit.i18n import N_, sentence, translations, violation_in_words
from services.scheduling.domain.explain.labels import labels_of_problem
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.score import moved

MOST_TOLD = 50
"""Sentences of one kind printed; the others are counted."""

VALID = N_("Le plan respecte toutes les règles : {placed} séances sur {sessions}.")
INVALID = N_("Le plan ne respecte pas les règles : {count} fautes.")
MOVED = N_("Par rapport au plan publié : {confirmed} séances confirmées déplacées, {offered} proposées déplacées.")
MORE = N_("… et {count} autres.")


class Say:
    """Says things about one problem."""

    def __init__(self, language: str, problem: Problem) -> None:
        self._language, self._problem = language, problem
        self._labels = labels_of_problem(problem)
        self._gettext = translations(language).gettext

    def text(self, french: str, **facts: object) -> str:
        """Return a sentence, its braces filled."""
        return self._gettext(french).format(**facts)

    def of(self, said: Finding | Violation) -> str:
        """Return a finding or a violation in words."""
        if isinstance(said, Violation):
            return violation_in_words(self._labels.named(said), self._language)
        return sentence(self._labels.named(said), self._language)

    def all(self, said: Sequence[Finding | Violation]) -> Iterator[str]:
        """Yield the sentences, at most MOST_TOLD of them."""
        yield from (self.of(one) for one in said[:MOST_TOLD])
        if len(said) > MOST_TOLD:
            yield self.text(MORE, count=len(said) - MOST_TOLD)

    def verdict(self, placements: Sequence[Placement], broken: Sequence[Violation]) -> Iterator[str]:
        """Yield whether a plan keeps the rules, and what it breaks."""
        if broken:
            yield self.text(INVALID, count=len(broken))
            yield from self.all(broken)
        else:
            yield self.text(VALID, placed=len(placements), sessions=len(self._problem.demands))

    def moved(self, placements: Sequence[Placement]) -> Iterator[str]:
        """Yield what a plan moves of the released one, when there is one."""
        if self._problem.baseline is not None:
            changes = moved(self._problem, placements)
            yield self.text(MOVED, confirmed=len(changes["confirmed"]), offered=len(changes["offered"]))


def put(stream: TextIO, lines: Iterable[str]) -> None:
    """Write lines at once."""
    for line in lines:
        stream.write(f"{line}\n")
    stream.flush()
