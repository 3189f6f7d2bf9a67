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
    "text_unstorable": "Un texte contient un caractère invisible que rien ne peut garder (NUL). Retapez ce texte.",
    "malformed_request": "La demande n’a pas la forme attendue : {detail}.",
    "unknown_dead_letter": "Ce message en échec n’existe plus : il a déjà été rejoué ou écarté.",
    # editions
    "unknown_edition": "L’édition « {edition} » n’existe pas. Choisissez-en une dans la liste des éditions.",
    # planner
    "json_too_long": "Ce fichier est trop long : {size} octets, {limit} au plus.",
    "json_too_much": "Ce fichier a trop de valeurs : {count}, {limit} au plus. Planifiez moins d’écoles à la fois.",
    "json_encoding": "Ce fichier n’est pas un texte en UTF-8. Enregistrez-le de nouveau en UTF-8.",
    "json_malformed": "Ce n’est pas du JSON, au caractère {at} : {detail}.",
    "json_too_deep": "Ce fichier JSON est imbriqué trop profondément pour être lu.",
    "json_more_faults": "La suite n’a pas été lue : corrigez d’abord ces fautes.",
    "json_too_many": "{where} : cette liste est trop longue ; {most} valeurs au plus.",
    "json_missing": "{where} manque.",
    "json_empty": "{where} : il faut au moins une valeur.",
    "json_object": "{where} : il faut ici un objet entre accolades, et non {found}.",
    "json_list": "{where} : il faut ici une liste entre crochets, et non {found}.",
    "json_pair": "{where} : il faut ici une liste de deux nombres, et non {found}.",
    "json_whole": "{where} : il faut ici un nombre entier de {low} à {high}, et non {found}.",
    "json_number": "{where} : il faut ici un nombre de {low} à {high}, et non {found}.",
    "json_text": "{where} : il faut ici un texte de {longest} caractères au plus, et non {found}.",
    "json_day": '{where} : il faut ici un jour tel que "2020-11-02", et non {found}.',
    "json_choice": "{where} : {found} n’existe pas. Valeurs possibles : {known}.",
    "rotation_format": 'Ce fichier ne dit pas "format": "rotation-1" (trouvé : « {found} »).',
    "rotation_days": "{where} : il faut de 1 à {most} jours.",
    "rotation_day_order": (
        "{where} : le {day_found} doit venir après le {day_before} ; chaque jour figure une fois, dans l’ordre."
    ),
    "rotation_rank": (
        "{where} : il faut ici {rank}, le rang dans la liste à partir de 0, et non {found} ; aucun id "
        "ne sert deux fois."
    ),
    "rotation_day_key": '{where} : cette clé doit être le rang d’un jour, de "0" à "{last}".',
    "rotation_half_day": '{where} : cette clé doit être une demi-journée, de "0:0" à "{last}:1".',
    "rotation_reversed": "{where} : {found} finit avant d’avoir commencé. Mettez le début, puis la fin.",
    "rotation_twice_in_chain": (
        "{where} : « {found} » figure déjà dans cette chaîne ; un groupe vit chaque activité une fois."
    ),
    "rotation_pin_twice": "{where} : « {activity} » du groupe {group} est déjà fixée ailleurs.",
    "rotation_pin_team": "{where} : l’équipe {team} donne « {given} », et non « {activity} ».",
    "rotation_pin_away": "{where} : l’équipe {team} n’est pas là le jour {rank}.",
    "rotation_pin_hours": "{where} : aucune ouverture du site {site} le jour {rank} ne contient cette séance.",
    "rotation_unsayable": "La forme rotation-1 ne peut pas dire ce problème : {what}.",
    # commands
    "command_number": "{option} : il faut ici un nombre de {low} à {high}, et non « {value} ».",
    "command_session": "--session : « {value} » n’existe pas. Écrivez groupe/activité, par exemple 4/video.",
    "command_place": (
        "--at : « {value} » n’existe pas. Écrivez jour/am ou jour/pm, et l’équipe si vous voulez : 3/am, "
        "2020-11-05/pm/1."
    ),
    # explanations
    "explain_nobody": (
        "Aucune équipe ne donne « {activity} » (séances sans place : {sessions}). Ajoutez une équipe de ce type."
    ),
    "explain_no_opening": (
        "{site} : aucune ouverture ne contient une séance « {activity} » de {minutes} minutes un jour où une "
        "équipe est là (séances sans place : {sessions})."
    ),
    "explain_chain": (
        "{site} : « {activity} » ne peut jamais venir après « {before} » avec le délai demandé. "
        "Demi-journées possibles : {half_days} ({count} en tout)."
    ),
    "explain_site": (
        "{site} : {places} places au plus dans ses heures et ses salles, {sessions} séances, il en manque {missing}."
    ),
    "explain_short": "{providers} : {places} places au plus, {sessions} séances, il en manque {missing}.",
    "explain_slack": "{providers} : {places} places au plus pour {sessions} séances.",
    "explain_missing": (
        "« {activity} », quel que soit le plan : places manquantes, {missing} au moins (heures d’accueil, "
        "salles et ordre des ateliers comptés)."
    ),
    "explain_least": "Pour tout placer, il faut au moins ceci (la route n’est pas encore comptée) :",
    "explain_enough": "Ceci suffit, un plan complet l’a vérifié :",
    "explain_enough_and_least": (
        "Ceci suffit, un plan complet l’a vérifié, et rien de moins cher à demander ne suffit :"
    ),
    "explain_no_way": (
        "Aucune demi-journée de plus d’une école ou d’une équipe ne suffit à tout placer : réduisez le "
        "nombre de séances."
    ),
    "explain_way_reopen": "– rouvrir {site} : {half_days}",
    "explain_way_team": "– faire venir « {team} » : {half_days}",
    "explain_way_session": "– demander à « {team} » une séance de plus : {days}",
    "explain_conflict": "Ces faits ne peuvent pas tenir tous ensemble :",
    "explain_fact_lot": "– à recevoir à {site} : « {activity} », séances : {sessions}",
    "explain_fact_lots": "– {sites} lieux ont ensemble {sessions} séances « {activity} » à recevoir",
    "explain_fact_open": "– {site} n’est possible que : {half_days}",
    "explain_fact_open_count": "– {site} n’est possible que {count} demi-journées",
    "explain_fact_away": "– « {team} » n’est pas là : {days}",
    "explain_fact_days": "– « {team} » n’est là que {count} jours, à ses heures",
    "explain_fact_most": "– « {team} » donne {most} séances par jour au plus",
    "explain_fact_order": "– « {activity} » vient après « {before} », avec le délai demandé",
    "explain_room": (
        "Sans refaire le plan, ceci donne une place à {count} séance(s) de plus, les règles l’ont vérifié :"
    ),
    "explain_optimal": "Aucun plan ne coûte moins que celui-ci, {points} points : c’est prouvé.",
    "explain_within": (
        "Ce plan coûte {points} points, et aucun ne peut coûter moins de {bound} : il est à {percent} % au plus du "
        "meilleur."
    ),
    "explain_no_bound": "Ce plan coûte {points} points ; de combien un autre ferait mieux n’est pas prouvé.",
    "explain_left_proved": (
        "Avec ces jours, ces équipes et ces heures, aucun plan ne laisse moins de {count} séance(s) sans place : c’est "
        "prouvé."
    ),
    "explain_left_open": ("Séances sans place : {count}. Qu’un autre plan en place davantage n’est pas exclu."),
    "explain_load": ("{team} – séances : {sessions} ; jours de sortie : {used} sur {days}, dont complets : {full}."),
    "explain_serves_team": (
        "Une demi-journée de plus de « {team} », {half_days}, donnerait une place à {count} séance(s), le reste "
        "du plan ne bougeant pas : {groups}."
    ),
    "explain_serves_session": (
        "Une séance de plus de « {team} », {days}, donnerait une place à {count} séance(s), le reste du plan ne "
        "bougeant pas : {groups}."
    ),
    "explain_serves_reopen": (
        "Rouvrir {site}, {half_days}, donnerait une place à {count} séance(s), le reste du plan ne bougeant pas : "
        "{groups}."
    ),
    "explain_smallest_team": "Il suffirait que « {team} » vienne {half_days}.",
    "explain_smallest_session": "Il suffirait que « {team} » donne une séance de plus, {days}.",
    "explain_smallest_reopen": "Il suffirait que {site} rouvre, {half_days}.",
    "explain_smallest_none": "Aucune demi-journée de plus d’une école ou d’une équipe ne suffit à elle seule.",
    "explain_group_waits": (
        "{group}, {pupils} élèves : aucune règle ne peut en faire des groupes ; décidez de l’exception sur la page des "
        "inscriptions."
    ),
    "explain_pinned": "{group}, « {activity} » : la place est fixée par l’organisateur.",
    "explain_past": "{group}, « {activity} » : la séance appartient au passé, qui ne change plus.",
    "explain_kept": (
        "{group}, « {activity} » : la séance reste à la demi-journée déjà publiée, {here}, pour ne déranger personne."
    ),
    "explain_together": (
        "{group}, « {activity} », {here} : « {team} » est de toute façon à {site} ce jour-là (autres "
        "séances : {count})."
    ),
    "explain_on_the_way": (
        "{group}, « {activity} », {here} : « {team} » est de toute façon en route ce jour-là (autres "
        "séances : {count})."
    ),
    "explain_only_place": (
        "{group}, « {activity} » : aucune autre demi-journée n’est possible sans déplacer plusieurs séances."
    ),
    "explain_next_best": (
        "{group}, « {activity} » : la meilleure autre place connue, {half_day} avec « {best_team} », "
        "coûterait {points} point(s) de plus (estimation vérifiée)."
    ),
    "explain_next_best_less": (
        "{group}, « {activity} » : une autre place, {half_day} avec « {best_team} », coûterait {points} "
        "point(s) de moins (estimation vérifiée) : le plan peut encore s’améliorer."
    ),
    "explain_there": (
        "{group}, « {activity} » : {half_day} à {start} avec « {team} » est possible, pour {points} "
        "point(s) de plus (estimation vérifiée)."
    ),
    "explain_there_less": (
        "{group}, « {activity} » : {half_day} à {start} avec « {team} » est possible, pour {points} "
        "point(s) de moins (estimation vérifiée)."
    ),
    "explain_exchange": (
        "{group}, « {activity} » : {half_day} à {start} avec « {team} » est possible en échange avec "
        "{other}, pour {points} point(s) de plus (estimation vérifiée)."
    ),
    "explain_exchange_less": (
        "{group}, « {activity} » : {half_day} à {start} avec « {team} » est possible en échange avec "
        "{other}, pour {points} point(s) de moins (estimation vérifiée)."
    ),
    "explain_not_there": (
        "{group}, « {activity} » : {half_day} avec « {team} » n’est pas possible, les autres séances restant en place :"
    ),
    "explain_nobody_there": "{group}, « {activity} » : aucune autre équipe n’est là {half_day}.",
    "explain_left_before": "{group}, « {activity} » : « {before} », qui vient avant, n’a pas de place.",
    "explain_left_shut": (
        "{group}, « {activity} » : {site} n’a aucune ouverture qui contienne cette séance un jour où une équipe est là."
    ),
    "explain_left_free": (
        "{group}, « {activity} » : une place reste libre, {half_day} avec « {team} » ; relancez le "
        "calcul plus longtemps."
    ),
    "explain_left_after_others": (
        "{group}, « {activity} » : aucune place libre ne respecte les règles, et l’ordre des priorités de l’édition en "
        "sert d’autres d’abord."
    ),
    "explain_left_refused": (
        "{group}, « {activity} » : il ne reste de place que sur une demi-journée refusée pour cette séance : "
        "{half_days}."
    ),
    "explain_left_short": (
        "{group}, « {activity} » : {providers} n’a que {places} places au plus pour {sessions} séances."
    ),
    "explain_left_unfound": "{group}, « {activity} » : aucune place n’a été trouvée dans le temps donné.",
    "explain_left_full": (
        "{group}, « {activity} » : aucune place libre ne respecte les règles, ni directement ni en déplaçant "
        "l’horaire d’une équipe."
    ),
    # scheduling
    "edition_not_toml": (
        "Ce fichier TOML ne se lit pas à cet endroit : « {text} ». Une clé donnée deux fois, une date qui n’existe "
        "pas, un guillemet ou un crochet oublié ?"
    ),
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
    "edition_busy": 'Il faut ici un jour et une plage horaire entre guillemets, tels que "2020-11-02 10:00-11:00".',
    "edition_hour": 'Il faut ici une heure entre guillemets, telle que "08:30".',
    "edition_window": 'Il faut ici une plage horaire entre guillemets, telle que "09:00-12:00".',
    "edition_choice": "Il faut ici l’une de ces valeurs : {options}.",
    "edition_yes_or_no": "Il faut ici true (oui) ou false (non), sans guillemets.",
    "edition_list": "Il faut ici une liste entre crochets avec au moins une valeur.",
    "edition_table": "Il faut ici une table [{table}].",
    "edition_tables": "Il faut ici au moins une table [[{table}]].",
    "edition_twice": "Cet identifiant sert déjà plus haut. Donnez-en un autre.",
    "edition_at_least": "Il faut ici au moins {low}.",
    "edition_later": "Cette heure doit venir après {start}.",
    "edition_last_before_first": "Le dernier jour doit venir après le premier, le {first}.",
    "edition_lasts_too_long": "Une édition dure {days} jours au plus.",
    "edition_day_outside": "Ce jour doit être compris entre le {first} et le {last}.",
    "edition_nobody_gives": "Aucun prestataire n’est de ce type. Types que donnent les prestataires : {known}.",
    "edition_kind_unused": "Aucune activité ne demande ce type de prestataire. Types demandés : {known}.",
    "edition_rule_fixed": (
        "Cette règle tient à la nature des choses et vaut toujours : retirez cette ligne de [rules]."
    ),
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
    "half_day_gone": "Cette demi-journée n’est plus possible pour cette séance. Choisissez-en une autre.",
    "time_gone": "Cet horaire n’est plus possible pour cette séance. Choisissez une autre demi-journée, ou refusez-le.",
    "unknown_session": "Cette séance n’existe pas dans ce plan. Choisissez-en une de la liste.",
    "pin_alone": (
        "{group}, « {activity} », ne peut pas être fixée le {day} à {start} avec « {team} » : cette place ne"
        " respecte pas une règle ({rules}). Placez-la ailleurs dans le tableau, puis fixez-la."
    ),
    "pins_order": (
        "{group}, « {activity} » le {day} à {start} et {other}, « {other_activity} » le {other_day} à {other_start}"
        " ne peuvent pas être fixées toutes deux : l’ordre des ateliers ou le délai entre eux n’est pas respecté."
        " Laissez l’une des deux changer de place."
    ),
    "pins_team": (
        "{group}, « {activity} » le {day} à {start} et {other}, « {other_activity} » à {other_start} ne peuvent pas"
        " être fixées toutes deux : « {team} » n’a pas le temps d’aller de l’une à l’autre. Laissez l’une des"
        " deux changer de place."
    ),
    "pins_pupils": (
        "{group}, « {activity} » le {day} à {start} et {other}, « {other_activity} » à {other_start} ne peuvent pas"
        " être fixées toutes deux : des élèves devraient être aux deux. Laissez l’une des deux changer de place."
    ),
    "pins_many": (
        "Trop de séances sont fixées ensemble le {day}, de {group}, « {activity} » à {start}, à {other},"
        " « {other_activity} » à {other_start} : les salles ou l’équipe n’y suffisent pas. Laissez-en une changer de"
        " place."
    ),
    "job_seconds": "La durée du calcul doit être de 1 à {limit} secondes.",
    "job_seed": "Le germe du calcul doit être un nombre entier de 0 à {limit}.",
    "job_steps": "Le calcul peut faire de 1 à {limit} pas.",
    "job_running": "Un calcul est déjà en cours pour cette édition. Attendez sa fin ou arrêtez-le.",
    "unknown_job": "Ce calcul n’existe pas. Choisissez-en un dans la liste des calculs.",
    "job_over": "Ce calcul est déjà terminé : il n’y a rien à arrêter.",
    "job_without_plan": (
        "Ce calcul n’a pas encore trouvé de plan : il n’y a rien à garder. Attendez le premier plan, ou abandonnez."
    ),
    "job_outdated": (
        "Quelque chose a changé pendant le calcul ({what}) : son plan ne convient plus. Lancez un nouveau calcul."
    ),
    "job_given_up": (
        "Ce calcul a été repris {starts} fois sans aller au bout. Lancez-en un nouveau avec moins de temps ; si cela "
        "se répète, prévenez la personne qui entretient le service."
    ),
    "job_frozen_day": "Le premier jour qui peut changer doit être compris entre le {first} et le {last}.",
    "solver_at_odds": (
        "Les séances fixées par l’organisateur ou déjà passées s’opposent entre elles ou aux règles : {rules}."
    ),
    "solver_crashed": "Le calcul s’est interrompu de lui-même ({detail}). Le service, lui, continue.",
    "solver_out_of_memory": (
        "Le calcul a manqué de mémoire et s’est interrompu. Le service, lui, continue. Donnez au calcul plus de "
        "mémoire, ou planifiez moins d’écoles à la fois."
    ),
    "solver_overtime": "Le calcul n’a trouvé aucun plan dans le temps donné. Donnez-lui plus de temps.",
    "steps_many_sites": (
        "Au-delà de {most} écoles et lieux, un plan qui ne part d’aucun autre dépend du temps donné : il ne peut pas "
        "être limité en pas de calcul. Limitez-le en secondes."
    ),
    "solver_stopped": "Le calcul a été arrêté.",
    "unknown_incident": "Cet imprévu n’existe pas. Choisissez-en un dans la liste des imprévus.",
    "incident_school": "L’école « {school} » n’est pas inscrite à cette édition. Choisissez-en une dans la liste.",
    "incident_provider": "L’édition n’a pas de prestataire « {provider} ». Choisissez-en un dans la liste.",
    "incident_team": "L’édition n’a pas d’équipe « {team} ». Choisissez-en une dans la liste.",
    "incident_no_half_day": "Choisissez au moins une demi-journée.",
    "incident_not_action_day": "Le {day} n’est pas un jour d’action de cette édition. Choisissez-en un de la liste.",
    "incident_order": "La fin doit venir après le début, le {day}.",
    "incident_no_new_day": "Il n’y a aucun jour d’action du {first} au {last} : choisissez une période de classe.",
    "incident_cleaning": "Le temps de nettoyage doit être de 0 à {limit} minutes.",
    "incident_largest": "La taille des groupes doit être de 1 à {limit} élèves. Laissez vide si elle ne compte pas.",
    "incident_no_rule": "Choisissez au moins une règle : temps de nettoyage, taille des groupes ou ateliers à l’école.",
    "incident_why": "Cette explication est trop longue : {limit} caractères au plus.",
    "plan_breaks_rules": "Le plan trouvé ne respecte pas toutes les règles ({rules}). Il n’a pas été enregistré.",
    "unknown_proposal": "Cette proposition de plan n’existe pas. Choisissez-en une autre ou lancez un nouveau calcul.",
    "unknown_release": "La version {release} du plan n’existe pas. Choisissez-en une dans la liste des versions.",
    "no_release": "Aucun plan n’a encore été publié pour cette édition. Proposez un plan, puis publiez-le.",
    "proposal_outdated": (
        "Cette proposition est dépassée : depuis, quelque chose a changé ({what}). Lancez un nouveau calcul."
    ),
    "release_lacks_permission": (
        "Ce plan ne peut pas encore être publié : « {permission} » manque pour {schools}. Cochez-le à la page "
        "« Autorisations » quand c’est fait, ou choisissez-y de seulement le signaler."
    ),
    "proposal_superseded": (
        "Un calcul ou une publication plus récents ont remplacé cette proposition. Publiez la plus récente, ou "
        "reprenez celle-ci dans un brouillon."
    ),
    "proposal_released": "Cette proposition est publiée : elle ne peut plus être écartée.",
    "changed_edition": "{name} : les dates, les durées ou les règles de l’édition ont changé.",
    "changed_team": "{name} : les jours ou les horaires de l’équipe ont changé.",
    "changed_hours": "{name} : les horaires, les fermetures ou les salles ont changé.",
    "changed_groups": "{name} : les classes, les groupes ou les effectifs ont changé.",
    "proposal_breaks_rules": "Ce plan ne respecte pas toutes les règles ({rules}). Lancez un nouveau calcul.",
    "release_in_between": (
        "La version {current} a été publiée entre-temps. Comparez-la avec cette proposition avant de publier."
    ),
    # what became of the sessions
    "outcome_moved": "L’heure de cette séance a changé depuis. Rechargez la page, puis recommencez.",
    "outcome_early": (
        "Cette séance n’a pas encore eu lieu : revenez le jour même. Pour la changer, prévenez l’organisateur."
    ),
    "outcome_settled": "L’organisateur a déjà noté le bilan de cette séance. Demandez-lui de le corriger.",
    "outcome_cancelled_by": "Dites qui a annulé la séance : l’école, le prestataire ou l’organisateur.",
    "outcome_pupils": "Comptez les élèves venus, de 1 à {most}. Si personne n’est venu, la séance est annulée.",
    "outcome_minutes": "Dites combien de minutes la séance écourtée a duré, de 1 à {most}.",
    # how an edition is shown
    "unknown_programme": "Ce programme n’est pas public. Demandez à l’organisateur.",
    "bad_colour": (
        "« {colour} » n’est pas une couleur. Écrivez un # et six chiffres ou lettres de a à f, comme #0f5c63."
    ),
    "large_logo": "Cette image est trop lourde : {size} ko, {limit} ko au plus. Enregistrez-la plus petite.",
    "unknown_logo": "Ce fichier n’est pas une image PNG, JPEG ou WebP. Enregistrez votre logo sous une de ces formes.",
    "contours_too_long": "Ce fichier est trop long : {size} caractères, {limit} au plus. Simplifiez ses contours.",
    "contours_not_geojson": (
        "Ce n’est pas du GeoJSON (RFC 7946) lisible : il faut des lignes ou des polygones en degrés (WGS84)."
    ),
    "contours_empty": "Ce fichier n’a ni ligne ni polygone : il n’y a rien à dessiner.",
    "contours_too_many": "Ce fichier a trop de points : {limit} au plus. Simplifiez ses contours.",
    "contours_outside": (
        "Des points sortent du globe : enregistrez le fichier en degrés (WGS84), la longitude avant la latitude."
    ),
    # software let in, and the API
    "access_name": "Donnez un nom à ce logiciel, de {longest} caractères au plus.",
    "access_granted": (
        "L’accès « {name} » existe déjà et son jeton n’est montré qu’une fois. Révoquez-le, puis créez-en un autre."
    ),
    "webhook_url": (
        "Donnez une adresse publique en https, sans mot de passe, de {longest} caractères au plus, par exemple "
        "https://ent.example/quinzaine."
    ),
    "webhook_many": "Une édition prévient {most} adresses au plus. Retirez-en une.",
    "unknown_webhook": "Cette adresse n’est plus prévenue. Choisissez-en une dans la liste.",
    "unknown_delivery": "Cet envoi n’existe plus. Choisissez-en un dans la liste.",
    "unknown_access": "Cet accès n’existe pas. Choisissez-en un dans la liste.",
    "unknown_token": (
        "Il faut l’en-tête « Authorization: Bearer », avec un jeton en vigueur. L’organisateur en crée un sur la page "
        "« Logiciels » de l’édition."
    ),
    "api_read_only": "Ce jeton permet de lire, non de changer. Demandez à l’organisateur un jeton d’écriture.",
    "api_no_such_address": "Cette adresse n’existe pas. Celles qui existent sont dans {openapi}.",
    "api_method": "Cette adresse n’accepte pas la méthode {method}. Méthodes acceptées : {allowed}.",
    "api_too_large": "Le corps de la demande est trop long : {longest} octets au plus.",
    "api_not_json": "Le corps de la demande doit être du JSON : {detail}.",
    "api_limit": "« limit » doit être un nombre de 1 à {most}.",
    "api_idempotency_key": (
        "Il faut l’en-tête « Idempotency-Key », de 1 à {longest} caractères, propre à cette demande : envoyée deux "
        "fois avec la même clé, elle n’a d’effet qu’une fois."
    ),
    "api_draft": (
        "L’école {school} a commencé à corriger son inscription sans l’envoyer encore. Attendez qu’elle l’envoie."
    ),
    "api_many_classes": "Une école inscrit {most} classes au plus.",
    "api_failed": "L’erreur est de notre côté et elle est notée sous la référence {trace}. Réessayez plus tard.",
    "api_unavailable": "Un service ne répond pas pour l’instant. Rien n’est perdu : réessayez dans une demi-minute.",
    # registration
    "csv_unreadable": (
        "Ce n’est pas un fichier CSV lisible : des guillemets ne sont pas refermés, ou une cellule est trop longue. "
        "Enregistrez-le de nouveau au format CSV depuis le tableur."
    ),
    "csv_column_unnamed": (
        "La colonne n° {number} n’a pas d’en-tête au-dessus de « {value} ». Donnez-lui un nom, ou videz-la ; dans un "
        "tableur, séparez les cellules fusionnées de cette ligne."
    ),
    "csv_empty": "Le fichier est vide. Une ligne d’en-têtes est attendue, avec les colonnes : {expected}.",
    "csv_column_missing": "La colonne « {name} » manque. Colonnes attendues : {expected}.",
    "csv_column_unknown": "Cette colonne n’est pas connue. Colonnes attendues : {expected}.",
    "csv_column_twice": "Cette colonne figure deux fois. Gardez-en une.",
    "csv_cells": (
        "Cette ligne a {cells} cellules pour {columns} colonnes. Mettez entre guillemets les textes qui "
        "contiennent le séparateur."
    ),
    "value_missing": "Il faut ici une valeur.",
    "text_malformed": "Il faut ici un texte lisible de {longest} caractères au plus.",
    "number_malformed": "Il faut ici un nombre entier de {low} à {high}.",
    "degrees_malformed": "Il faut ici des degrés décimaux de -{limit} à {limit}, tels que 49.38167.",
    "yes_no_malformed": "Il faut ici « oui » ou « non ».",
    "email_malformed": "Il faut ici une adresse de courriel, telle que direction@ecole.example.",
    "hours_malformed": (
        "Il faut ici des horaires tels que « 09:00-12:00 13:30-16:30 », ou rien si l’école est fermée ce jour-là."
    ),
    "hours_order": "Chaque plage horaire doit finir après son début et avant la plage suivante.",
    "school_without_hours": (
        "L’école n’a aucun horaire. Donnez au moins ceux d’un jour, tels que « 09:00-12:00 13:30-16:30 »."
    ),
    "half_days_malformed": "Il faut ici des demi-journées telles que « 2020-11-05 matin, 2020-11-06 après-midi ».",
    "uai_malformed": (
        "Un code UAI est fait de sept chiffres et d’une lettre, comme 0951099D. Laissez vide s’il n’est pas connu."
    ),
    "uai_key": "D’après ses chiffres, ce code UAI devrait finir par {letter}. Vérifiez chaque chiffre et la lettre.",
    "uai_differs": (
        "Une école de ce nom et de cette commune est déjà inscrite avec le code UAI {uai}. Corrigez le code ou le nom."
    ),
    "school_twice": "Cette école figure déjà à la ligne {first}. Gardez une seule ligne par école.",
    "class_twice": "Cette classe figure déjà à la ligne {first}. Gardez une seule ligne par classe.",
    "class_without_school": (
        "Le fichier {file} n’a pas d’école de ce nom dans cette commune. Écrivez le nom et la commune comme dans "
        "ce fichier."
    ),
    "no_class": "Inscrivez au moins une classe : son nom et son effectif.",
    "no_programme": "Cochez au moins un programme pour cette classe, ou effacez sa ligne.",
    "class_named_twice": "Une autre classe porte déjà ce nom. Distinguez-les, par exemple « CM1 A » et « CM1 B ».",
    "looks_like_names": (
        "Ce texte ressemble à une liste de noms. Les élèves sont comptés, jamais nommés : effacez les noms, ou "
        "cochez la case qui dit qu’aucun élève n’est nommé."
    ),
    "programme_unknown": "L’édition n’a pas de programme « {programme} ». Programmes possibles : {known}.",
    "edition_not_arrived": (
        "Le service des inscriptions ne connaît pas l’édition « {edition} ». Si elle vient d’être ouverte, "
        "recommencez dans quelques secondes ; sinon, ouvrez-la d’abord."
    ),
    "unknown_school": (
        "L’école « {school} » n’est pas inscrite à cette édition. Choisissez-en une dans la liste des inscriptions."
    ),
    "nothing_to_settle": (
        "Il n’y a rien à décider pour la classe « {name} » : elle n’existe pas ou ses groupes se forment sans "
        "exception."
    ),
    "registered_meanwhile": (
        "Quelqu’un d’autre a changé cette inscription entre-temps. Rien n’est enregistré, et votre saisie est gardée "
        "ci-dessous : ouvrez ce formulaire dans un autre onglet pour comparer, puis envoyez de nouveau."
    ),
    "settled_meanwhile": (
        "Quelqu’un d’autre a décidé entre-temps pour la classe « {name} » : rien n’est changé. Relisez la page de "
        "l’école."
    ),
    "choice_not_offered": "Le choix « {choice} » n’est pas possible pour cette classe. Choix possibles : {choices}.",
    "deadline_over": "Le {day} est déjà passé : choisissez aujourd’hui ou un jour à venir.",
    "undo_after_release": (
        "Une nouvelle version du planning a compté sur votre réponse : elle ne peut plus être annulée. "
        "Répondez autrement, ou appelez l’organisateur."
    ),
    "undo_too_late": (
        "Cette réponse date de plus de 72 heures : elle ne peut plus être annulée. Répondez autrement, ou appelez "
        "l’organisateur."
    ),
    "unknown_wish": "Cette demande d’un autre créneau n’existe plus.",
    "wish_settled": "Cette demande d’un autre créneau a déjà reçu une réponse.",
    "wish_without_words": "Dites à l’école en une phrase pourquoi ce n’est pas possible.",
    "permission_director": "Pour confirmer « {activity} », il faut l’accord de la direction : cochez-le d’abord.",
    "permission_inspector": (
        "Pour confirmer « {activity} », il faut que l’inspection (IEN) soit informée : l’organisateur s’en charge, "
        "appelez-le."
    ),
    "permission_erun": (
        "Pour confirmer « {activity} », il faut que l’ERUN soit informé : l’organisateur s’en charge, appelez-le."
    ),
    "permission_convention": (
        "Pour confirmer « {activity} », il faut la convention avec le prestataire : l’organisateur s’en charge, "
        "appelez-le."
    ),
    "permission_not_yours": "Seul l’organisateur peut cocher cette autorisation.",
    "programme_not_taken": "Cette école ne participe pas à ce parcours. Relisez la page.",
    "nothing_to_confirm": "Aucune séance n’est choisie. Cochez au moins une séance à confirmer.",
    "pupils_out_of_range": "Le nombre d’élèves attendus doit être de {low} à {high}.",
    "slot_withdrawn": "Cette séance n’est plus proposée à l’école. Relisez la page : le plan a changé.",
    "slot_moved": (
        "La séance « {activity} » de {group} a été déplacée : {day} à {hour}, {place}. Relisez la page, puis répondez."
    ),
    "confirmed_meanwhile": (
        "Quelqu’un d’autre vient de confirmer la séance « {activity} » de {group} pour {pupils} élèves. Rien n’est "
        "enregistré : relisez la page, puis répondez."
    ),
    "declined_meanwhile": (
        "Quelqu’un d’autre vient de refuser la séance « {activity} » de {group} : « {reason} ». Rien n’est enregistré "
        ": relisez la page, puis répondez."
    ),
    "reason_missing": "Dites en quelques mots pourquoi l’école ne peut pas accueillir cette séance.",
    "reason_too_long": "Cette raison est trop longue : {longest} caractères au plus.",
    "places_below_taken": (
        "Ces places sont déjà données ou proposées à des groupes : {taken}. Indiquez au moins ce nombre, ou attendez "
        "que des écoles en rendent."
    ),
    "no_place_to_answer": "Pour « {group} », il n’y a pas de place à accepter ni à rendre. Relisez la page.",
    "pupils_differ": (
        "Pour répondre, recopiez l’effectif inscrit de {group} : {pupils} élèves. S’il a changé, corrigez d’abord "
        "l’inscription."
    ),
    "place_not_offered": (
        "Aucune place n’est proposée en ce moment à {group} : l’offre a pris fin, ou la page est ancienne. Relisez-la."
    ),
    "key_reused": "Cette page a déjà envoyé une autre réponse. Rechargez la page, puis répondez.",
    # notifications
    "unknown_provider": "L’édition n’a pas de prestataire « {provider} ». Choisissez-en un dans la liste.",
    "preview_too_early": (
        "Les courriels de ce plan ne peuvent pas encore être montrés : les dernières inscriptions arrivent. "
        "Réessayez dans un instant."
    ),
    "unknown_mail": "Ce courriel n’existe pas. Choisissez-en un dans la liste des courriels.",
    "unknown_wording": "Ce courriel n’a pas de texte à changer. Choisissez-en un dans la liste.",
    "wording_unknown": "« {{{name}}} » n’existe pas dans ce courriel. Employez seulement : {known}.",
    "wording_missing": "Il manque « {{{name}}} » : rien d’autre ne le dit dans ce courriel. Ajoutez-le.",
    "wording_braces": "Une accolade reste seule ou entoure autre chose qu’un nom. Écrivez par exemple {{edition}}.",
    "wording_empty": "Écrivez ici au moins un mot.",
    "wording_long": "Ce texte est trop long : {most} caractères au plus.",
    "wording_without_session": "Il n’y a pas encore de séance à montrer : diffusez d’abord un plan.",
    "wording_without_school": "Il n’y a pas encore d’école à montrer : inscrivez-en une d’abord.",
    "unknown_party": "L’édition ne connaît ni école ni prestataire « {party} ». Choisissez dans la liste.",
    "letters_for_schools": "Seule une école peut recevoir des lettres : gardez le courriel pour un prestataire.",
    "no_texts_here": "Ici, aucun SMS ne peut partir : l’administrateur du serveur n’a pas indiqué de passerelle.",
    "phone_for_texts": (
        "Ce numéro n’est pas celui d’un téléphone portable. Tapez-le en entier, par exemple 06 12 34 56 78, ou avec"
        " l’indicatif du pays : +32 470 12 34 56."
    ),
    "mail_settled": "Ce courriel a déjà été traité : il n’y a plus rien à décider.",
    "mail_without_answer": "Ce courriel n’apporte pas de réponse à confirmer. Lisez-le, puis classez-le.",
    "nothing_to_refuse": "Ce courriel ne propose pas d’autre horaire : il n’y a rien à refuser.",
    "answer_outdated": "Cette réponse ne correspond plus à l’invitation actuelle : demandez-en une nouvelle.",
    # calendars that are read
    "busy_url": (
        "Cette adresse ne peut pas être lue : donnez l’adresse publique de votre agenda, en https:// ou webcal://, "
        "{longest} caractères au plus."
    ),
    "busy_inside": "Cette adresse mène à un réseau privé : elle n’est pas lue. Donnez une adresse publique.",
    "busy_redirects": "Cette adresse renvoie trop de fois vers une autre : donnez l’adresse finale de l’agenda.",
    "busy_status": "Le serveur de l’agenda répond « {status} » : vérifiez l’adresse, ou demandez-en une nouvelle.",
    "busy_silent": "Le serveur de l’agenda n’a pas répondu à temps, ou la ligne s’est coupée. Un nouvel essai suivra.",
    "busy_large": "Cet agenda dépasse {limit} Mio : donnez-en un plus petit, par exemple sans les années passées.",
    "busy_unreadable": "Cette adresse ne donne pas un agenda au format iCalendar (.ics). Vérifiez l’adresse.",
    "busy_heavy": "Cet agenda contient trop de répétitions pour être lu. Donnez-en un plus simple.",
    # people who organise
    "signed_out": "Vous n’êtes plus connecté. Connectez-vous de nouveau.",
    "sign_in_link_over": "Ce lien a déjà servi, ou son délai est passé. Demandez-en un nouveau.",
    "unknown_account": "Ce compte n’existe plus. Rechargez la page.",
    "account_known": "« {email} » a déjà un compte. Changez plutôt son rôle.",
    "account_name": "Indiquez un nom de 1 à {longest} caractères.",
    "address_wrong": "« {email} » n’est pas une adresse de courriel entière, telle que nom@exemple.fr.",
    "last_administrator": (
        "{name} est la dernière personne à pouvoir administrer. Donnez d’abord ce rôle à quelqu’un d’autre."
    ),
    "password_short": "Choisissez un mot de passe d’au moins {shortest} caractères : une phrase convient très bien.",
    "password_long": "Choisissez un mot de passe d’au plus {longest} caractères.",
    "password_common": (
        "Ce mot de passe est de ceux qu’on essaie en premier : suite de touches, mot répété, votre nom. "
        "Choisissez quelques mots sans lien entre eux."
    ),
    "code_wrong": "Ce code n’est pas celui de l’instant. Vérifiez l’heure du téléphone et recommencez.",
    # links
    "link_expired": "Ce lien a expiré le {day}. Demandez-en un nouveau à l’organisateur.",
    "unknown_link": (
        "Ce lien n’est plus valable, ou n’est pas entier. Recopiez-le en entier depuis le courriel, ou demandez-en un "
        "nouveau à l’organisateur."
    ),
}
"""Code of a problem -> French sentence (the msgid of the catalogues)."""
