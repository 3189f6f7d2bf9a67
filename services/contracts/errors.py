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
    # scheduling
    "edition_not_toml": "Ce fichier TOML ne se lit pas à cet endroit : {detail}.",
    "edition_too_long": "Ce fichier est trop long : {size} caractères, {limit} au plus.",
    "edition_key_near": "Cette clé n’existe pas ici. Vouliez-vous écrire « {near} » ?",
    "edition_key_unknown": "Cette clé n’existe pas ici. Clés possibles : {known}.",
    "edition_text": "Il faut ici un texte d’une ligne entre guillemets, de 1 à {limit} caractères.",
    "edition_notes": "Il faut ici un texte entre guillemets, de {limit} caractères au plus.",
    "edition_id": (
        "Il faut ici un identifiant entre guillemets : minuscules sans accent, chiffres et tirets, {limit} "
        "caractères au plus."
    ),
    "edition_email": 'Il faut ici une adresse de courriel entre guillemets, telle que "agenda@mairie.example".',
    "edition_whole": "Il faut ici un nombre entier de {low} à {high}, sans guillemets.",
    "edition_minutes": "Il faut ici un nombre entier de minutes, de {low} à {high}, sans guillemets.",
    "edition_number": "Il faut ici un nombre de {low} à {high}, sans guillemets.",
    "edition_day": "Il faut ici un jour sans guillemets, tel que 2020-11-02.",
    "edition_half_day": (
        'Il faut ici une demi-journée entre guillemets, telle que "2020-11-02 am" (matin) ou "2020-11-02 pm" '
        "(après-midi)."
    ),
    "edition_hour": 'Il faut ici une heure entre guillemets, telle que "08:30".',
    "edition_window": 'Il faut ici une plage horaire entre guillemets, telle que "09:00-12:00".',
    "edition_choice": "Il faut ici l’une de ces valeurs : {options}.",
    "edition_list": "Il faut ici une liste entre crochets avec au moins une valeur.",
    "edition_table": "Il faut ici une table [{table}].",
    "edition_tables": "Il faut ici au moins une table [[{table}]].",
    "edition_twice": "Cet identifiant sert déjà plus haut. Donnez-en un autre.",
    "edition_at_least": "Il faut ici au moins {low}.",
    "edition_later": "Cette heure doit venir après {start}.",
    "edition_last_before_first": "Le dernier jour doit venir après le premier, le {first}.",
    "edition_lasts_too_long": "Une édition dure {days} jours au plus.",
    "edition_day_outside": "Ce jour doit être compris entre le {first} et le {last}.",
    "edition_nobody_gives": "Aucun intervenant n’est de ce type. Types que donnent les intervenants : {known}.",
    "edition_kind_unused": "Aucune activité ne demande ce type d’intervenant. Types demandés : {known}.",
    "edition_no_venue": (
        "Cette activité se tient dans un lieu commun, et le fichier n’en décrit aucun : ajoutez une table [[venues]]."
    ),
    "edition_no_action_day": (
        "Il ne reste aucun jour d’action du {first} au {last} : tout est fin de semaine, férié, en vacances ou fermé."
    ),
    "school_calendar_unknown": (
        "Les vacances scolaires de la zone {zone} sont connues du {first} au {last} seulement. Choisissez des"
        " jours de cette période."
    ),
    "nothing_to_plan": (
        "Il n’y a aucune séance à placer : inscrivez d’abord des écoles et réglez les exceptions de groupes."
    ),
    "job_seconds": "La durée du calcul doit être de 1 à {limit} secondes.",
    "job_running": "Un calcul est déjà en cours pour cette édition. Attendez sa fin ou arrêtez-le.",
    "unknown_job": "Ce calcul n’existe pas. Choisissez-en un dans la liste des calculs.",
    "job_over": "Ce calcul est déjà terminé : il n’y a rien à arrêter.",
    "plan_breaks_rules": "Le plan trouvé ne respecte pas toutes les règles ({rules}). Il n’a pas été enregistré.",
    "unknown_proposal": "Cette proposition de plan n’existe pas. Choisissez-en une autre ou lancez un nouveau calcul.",
    "unknown_release": "La version {release} du plan n’existe pas. Choisissez-en une dans la liste des versions.",
    "no_release": "Aucun plan n’a encore été publié pour cette édition. Proposez un plan, puis publiez-le.",
    "proposal_outdated": (
        "Cette proposition est dépassée : depuis, quelque chose a changé ({what}). Lancez un nouveau calcul."
    ),
    "proposal_breaks_rules": "Ce plan ne respecte pas toutes les règles ({rules}). Lancez un nouveau calcul.",
    "release_in_between": (
        "La version {current} a été publiée entre-temps. Comparez-la avec cette proposition avant de publier."
    ),
    # links
    "unknown_link": "Ce lien n’est plus valable. Demandez-en un nouveau à l’organisateur.",
}
"""Code of a problem -> French sentence (the msgid of the catalogues)."""
