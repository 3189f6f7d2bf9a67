"""What can be wrong with what a person, a file or a message gave, as values; the sentences are French.

A ``Problem`` says what, where and, by its sentence, how to mend it; it is put into words at the border.
``Refused`` carries all problems of a request at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``facts`` fill the braces of the sentence that SENTENCES keeps for ``code``.

    ``file``, ``line`` (1 is the first), ``column`` and ``value`` place it in an imported file or a form.
    """

    code: str
    facts: dict[str, str] = field(default_factory=dict)
    file: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""


class Refused(Exception):
    """A request that was not carried out; nothing was changed."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems


class Unavailable(Exception):
    """A service that did not answer: absent, too slow or cut off. Trying again later may succeed."""


def refused(code: str, **facts: object) -> Refused:
    """Return a Refused with one problem, its facts as text."""
    return Refused(Problem(code, {name: str(fact) for name, fact in facts.items()}))


SENTENCES: dict[str, str] = {
    # any service
    "malformed_request": "La demande n’a pas la forme attendue : {detail}.",
    "unknown_dead_letter": "Ce message en échec n’existe plus : il a déjà été rejoué ou écarté.",
    # editions
    "unknown_edition": "L’édition « {edition} » n’existe pas. Choisissez-en une dans la liste des éditions.",
    # planner
    "malformed_rotation": "Ce fichier n’a pas la forme rotation-1 : {detail}.",
    "rotation_unsayable": "La forme rotation-1 ne peut pas dire ce problème : {what}.",
    # links
    "unknown_link": "Ce lien n’est plus valable. Demandez-en un nouveau à l’organisateur.",
}
"""Code of a problem -> French sentence (the msgid of the catalogues)."""
