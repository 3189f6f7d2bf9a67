"""The words around what a mail tells: subject, introduction, closing and signature, ours or the organiser's own.

Both the text and the HTML of a mail are made from them. Braces hold names from a fixed list and nothing else. They are
kept and filled by one set of names; people read and write them as words of the mail's language (``spelling``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from services.contracts.errors import Problem

WordingKind = Literal[
    "invitation", "change", "reassigned", "cancellation", "first_digest", "digest", "confirmed", "declined",
    "refusal", "place", "wishes", "welcome", "unanswered", "unregistered", "notice",
]  # fmt: skip
LONGEST = {"subject": 150, "introduction": 2000, "closing": 2000, "signature": 500}
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """The words of one kind of mail in one language. ``introduction`` and ``closing`` may have several paragraphs."""

    subject: str
    introduction: str
    closing: str = ""
    signature: str = "{contact}"


@dataclass(frozen=True)
class Kind:
    """A kind of mail: its usual words in French, the names its braces may hold, those that must be there by field.

    What must be there is told nowhere else in the mail.
    """

    usual: Wording
    names: tuple[str, ...]
    needed: tuple[tuple[str, str], ...] = ()


_IN_FRENCH = {
    "edition": "édition",
    "organiser": "organisateur",
    "contact": "contact",
    "what": "quoi",
    "begins": "début",
    "when": "quand",
    "where": "où",
    "school": "école",
    "release": "version",
    "reason": "raison",
    "programme": "parcours",
    "group": "groupe",
    "moment": "limite",
    "first": "premier_jour",
    "last": "dernier_jour",
    "deadline": "date_limite",
    "n": "nombre",
}


def spelling(kind: WordingKind, language: str) -> dict[str, str]:
    """Return how people write the names of a kind of mail in a language."""
    return {name: _IN_FRENCH[name] if language == "fr" else name for name in KINDS[kind].names}


def renamed(wording: Wording, names: Mapping[str, str]) -> Wording:
    """Return the words with these names in place of others; those without another stay."""

    def each(text: str) -> str:
        return _NAME.sub(lambda found: f"{{{names.get(found[1], found[1])}}}", text)

    return replace(wording, **{f.name: each(getattr(wording, f.name)) for f in fields(wording)})


def faults(kind: WordingKind, wording: Wording, language: str) -> tuple[Problem, ...]:
    """Return what keeps words as people wrote them from being used: unknown names, stray braces, missing, too long."""
    return tuple(_faults(KINDS[kind], wording, spelling(kind, language)))


def _faults(kind: Kind, wording: Wording, spelt: Mapping[str, str]) -> Iterator[Problem]:
    for field in fields(wording):
        yield from _faults_of(field.name, getattr(wording, field.name), tuple(spelt.values()))
    for field_name, name in kind.needed:
        if f"{{{spelt[name]}}}" not in getattr(wording, field_name):
            yield Problem("wording_missing", {"field": field_name, "name": spelt[name]})


def _faults_of(field: str, text: str, known: tuple[str, ...]) -> Iterator[Problem]:
    if len(text) > LONGEST[field]:
        yield Problem("wording_long", {"field": field, "most": str(LONGEST[field])})
    if not text.strip() and field != "closing":
        yield Problem("wording_empty", {"field": field})
    for name in _NAME.findall(text):
        if name not in known:
            yield Problem("wording_unknown", {"field": field, "name": name, "known": ", ".join(known)})
    if re.search(r"[{}]", _NAME.sub("", text)):
        yield Problem("wording_braces", {"field": field})


def filled(wording: Wording, values: Mapping[str, str]) -> Wording:
    """Return the words with every name replaced; a line that only held names without a value is left out.

    A value is never read again: braces in it stay as they are.
    """
    return Wording(
        subject=re.sub(r"\s*\n\s*", " ", _fill(wording.subject, values)),
        introduction=_fill(wording.introduction, values),
        closing=_fill(wording.closing, values),
        signature=_fill(wording.signature, values),
    )


def translated(wording: Wording, gettext: Callable[[str], str]) -> Wording:
    """Return the usual words in another language, line by line."""
    lines = {f.name: getattr(wording, f.name).split("\n") for f in fields(wording)}
    said = {name: "\n".join(gettext(line) if line else "" for line in these) for name, these in lines.items()}
    return replace(wording, **said)


def _fill(text: str, values: Mapping[str, str]) -> str:
    lines = []
    for line in text.strip().splitlines():
        said = _NAME.sub(lambda found: values[found[1]], line)
        if said.strip() or not line.strip():
            lines.append(said.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def N_(text: str) -> str:
    """Mark a sentence of the catalogue."""
    return text


def _words(*lines: str) -> str:
    return "\n".join(lines)


_EVERYWHERE = ("edition", "organiser", "contact")
_SESSION = (*_EVERYWHERE, "what", "begins", "when", "where")
_SCHOOL = (*_EVERYWHERE, "school")
_HELLO = N_("Bonjour,")
_ANSWER = _words(
    N_("Pour répondre, acceptez ou refusez l’invitation jointe dans votre agenda."),
    N_("Sans agenda, répondez simplement à ce courriel en quelques mots."),
)
_WHAT = (("subject", "what"),)

KINDS: dict[WordingKind, Kind] = {
    "invitation": Kind(
        Wording(
            N_("Invitation : {what}, {begins}"),
            _words(_HELLO, "", N_("{organiser} vous invite à cette séance ({edition}) :")),
            _ANSWER,
        ),
        _SESSION,
        _WHAT,
    ),
    "change": Kind(
        Wording(
            N_("Changement : {what}, {begins}"), _words(_HELLO, "", N_("Cette séance change ({edition}) :")), _ANSWER
        ),
        _SESSION,
        _WHAT,
    ),
    "reassigned": Kind(
        Wording(
            N_("Changement : {what}, {begins}"),
            _words(_HELLO, "", N_("L’équipe de cette séance change ; l’heure et le lieu restent ({edition}) :")),
            N_("Votre réponse reste valable : rien à faire de plus."),
        ),
        _SESSION,
        _WHAT,
    ),
    "cancellation": Kind(
        Wording(
            N_("Annulation : {what}, {begins}"),
            _words(_HELLO, "", N_("Cette séance est annulée pour vous ({edition}) :")),
            N_("Votre agenda retire la séance quand vous ouvrez la pièce jointe."),
        ),
        _SESSION,
        _WHAT,
    ),
    "first_digest": Kind(
        Wording(
            N_("{edition} : vos séances à confirmer"),
            _words(_HELLO, "", N_("{school} : vos séances dans la version {release} du planning.")),
        ),
        (*_SCHOOL, "release"),
    ),
    "digest": Kind(
        Wording(
            N_("{edition} : vos séances changent"),
            _words(_HELLO, "", N_("{school} : vos séances dans la version {release} du planning.")),
        ),
        (*_SCHOOL, "release"),
    ),
    "confirmed": Kind(
        Wording(
            N_("{edition} : votre confirmation est enregistrée"),
            _words(_HELLO, "", N_("{school} a confirmé ces séances :")),
        ),
        _SCHOOL,
    ),
    "declined": Kind(
        Wording(
            N_("{edition} : votre refus est enregistré"),
            _words(
                _HELLO,
                "",
                N_("{school} a refusé cette séance : « {reason} ». L’organisateur cherche un autre créneau."),
            ),
        ),
        (*_SCHOOL, "reason"),
    ),
    "refusal": Kind(
        Wording(
            N_("Votre proposition ne peut pas être retenue : {what}, {begins}"),
            _words(
                _HELLO,
                "",
                N_(
                    "Merci d’avoir proposé un autre horaire. Il ne peut pas être retenu ; "
                    "la séance reste comme prévu ({edition}) :"
                ),
            ),
            N_("Si vous ne pouvez pas venir, refusez l’invitation dans votre agenda ou répondez à ce courriel."),
        ),
        _SESSION,
        _WHAT,
    ),
    "place": Kind(
        Wording(
            N_("{edition} : une place est libre pour {group}"),
            _words(
                _HELLO,
                "",
                N_("Une place s’est libérée dans le parcours « {programme} » pour {group}, qui attendait."),
                N_("Répondez avant {moment} : ensuite, la place est proposée au groupe suivant."),
            ),
        ),
        (*_SCHOOL, "programme", "group", "moment"),
        (("introduction", "programme"), ("introduction", "group"), ("introduction", "moment")),
    ),
    "wishes": Kind(
        Wording(
            N_("{edition} : vos demandes d’autre créneau"),
            _words(_HELLO, "", N_("{school} : l’organisateur a répondu à vos demandes d’autre créneau.")),
        ),
        _SCHOOL,
    ),
    "welcome": Kind(
        Wording(
            N_("{edition} : inscrivez votre école"),
            _words(
                _HELLO,
                "",
                N_("{school} est invitée à la {edition}, du {first} au {last}."),
                N_(
                    "Dites-nous vos classes, vos horaires et les demi-journées qui vous conviennent : "
                    "dix minutes suffisent, sans mot de passe."
                ),
                "{deadline}",
            ),
        ),
        (*_SCHOOL, "first", "last", "deadline"),
        (("introduction", "deadline"),),
    ),
    "unanswered": Kind(
        Wording(
            N_("{edition} : vos séances attendent votre réponse"),
            _words(
                _HELLO,
                "",
                N_("{school} : séances sans réponse, {n}."),
                N_("Confirmez, refusez ou demandez un autre créneau : chaque réponse tient en une minute."),
                "{deadline}",
            ),
        ),
        (*_SCHOOL, "n", "deadline"),
        (("introduction", "deadline"),),
    ),
    "unregistered": Kind(
        Wording(
            N_("{edition} : il reste à inscrire votre école"),
            _words(
                _HELLO,
                "",
                N_("{school} ne s’est pas encore inscrite. Dix minutes suffisent, sans mot de passe."),
                "{deadline}",
            ),
        ),
        (*_SCHOOL, "deadline"),
        (("introduction", "deadline"),),
    ),
    "notice": Kind(
        Wording(
            N_("{school} refuse une séance : {what}, {begins}"),
            _words(_HELLO, "", N_("{school} ne peut pas accueillir cette séance ({edition}) :")),
        ),
        (*_SESSION, "school", "reason"),
        _WHAT,
    ),
}

SIGN_IN = Wording(
    N_("Votre lien de connexion à Quinzaine"),
    _words(
        N_("Bonjour {name},"), "", N_("Ce lien vous connecte. Il sert une seule fois, avant cette heure : {moment}.")
    ),
    N_("Vous n’avez rien demandé ? Ne faites rien : sans ce lien, personne n’entre."),
    "{house}",
)
INVITED = Wording(
    N_("Un compte vous est ouvert sur Quinzaine"),
    _words(
        N_("Bonjour {name},"),
        "",
        N_("On vous invite à organiser la Quinzaine du Numérique. Ce lien sert une seule fois, avant : {moment}."),
    ),
    N_("Ensuite, demandez un nouveau lien sur la page de connexion, ou choisissez un mot de passe."),
    "{house}",
)
"""Words of mails to the people who organise, which nobody changes."""
