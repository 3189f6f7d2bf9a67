"""What values of the contracts are called on pages: French in the code, other languages from the catalogue."""

from __future__ import annotations

from services.kit.i18n import N_

HEADINGS = (
    (N_("Aperçu"), (("edition", N_("Aperçu")),)),
    (N_("Préparer"), (("registrations", N_("Inscriptions")), ("places", N_("Places")))),
    (
        N_("Planifier"),
        (
            ("jobs", N_("Propositions")),
            ("plan", N_("Plan")),
            ("incidents", N_("Imprévus")),
            ("releases", N_("Versions")),
            ("journal", N_("Journal")),
        ),
    ),
    (N_("Communiquer"), (("mails", N_("Courriels")), ("parties", N_("Liens")))),
    (
        N_("Suivre"),
        (
            ("asking", N_("Réponses")),
            ("permissions", N_("Autorisations")),
            ("days", N_("Journées")),
            ("sessions", N_("Séances")),
            ("reach", N_("Bilan")),
        ),
    ),
    (N_("Réglages"), (("display", N_("Affichage")), ("software", N_("Logiciels")))),
)
"""The pages of an edition as its navigation and the site map show them: headings, each with routes and their names."""
ADMINISTRATION = (
    ("accounts", N_("Personnes")),
    ("people", N_("Droits des personnes")),
    ("look", N_("Apparence")),
)
"""The pages of administrators as their navigation shows them."""
SCHOOL_ANSWERS = {
    "offered": N_("à confirmer"),
    "confirmed": N_("confirmée"),
    "declined": N_("refusée"),
}
SESSION_STATES = {
    "proposed": N_("proposée"),
    "offered": N_("à confirmer"),
    "confirmed": N_("confirmée"),
    "declined": N_("refusée"),
    "held": N_("tenue"),
    "cancelled": N_("annulée"),
    "exception": N_("exception"),
}
DOINGS = {"road": N_("route"), "setup": N_("installation"), "packing": N_("rangement")}
PROVIDER_ANSWERS = {
    "pending": N_("sans réponse"),
    "accepted": N_("acceptée"),
    "declined": N_("refusée"),
    "tentative": N_("peut-être"),
}
JOB_STATES = {
    "queued": N_("en attente"),
    "running": N_("en cours"),
    "done": N_("terminé"),
    "failed": N_("en échec"),
    "cancelled": N_("arrêté"),
}
CHANGES = {
    "added": N_("ajoutée"),
    "moved": N_("déplacée"),
    "reassigned": N_("confiée à une autre équipe"),
    "dropped": N_("supprimée"),
    "updated": N_("précisée"),
}
ACTS = {
    "discard_dead_letter": N_("message en échec écarté"),
    "replay_dead_letter": N_("message en échec rejoué"),
    "add_webhook": N_("adresse d’un logiciel ajoutée"),
    "choose_style": N_("forme d’agenda choisie"),
    "set_texts": N_("numéro des SMS donné ou retiré"),
    "mark_printed": N_("lettres imprimées"),
    "prepare_reminders": N_("relances préparées"),
    "receive_mail": N_("courriel reçu"),
    "remove_webhook": N_("adresse d’un logiciel retirée"),
    "revoke_provider_link": N_("lien d’un prestataire fermé"),
    "rotate_feed": N_("adresse d’agenda changée"),
    "save_wording": N_("texte d’un courriel changé"),
    "send_again": N_("message à un logiciel renvoyé"),
    "send_now": N_("courriels envoyés sans attendre"),
    "set_busy_calendar": N_("agenda d’un prestataire à lire"),
    "settle_incoming": N_("courriel reçu traité"),
    "withhold_mails": N_("courriels retenus"),
    "answer_place": N_("réponse sur une place"),
    "ask_for_slot": N_("autre créneau demandé"),
    "ask_sign_in_link": N_("lien de connexion demandé"),
    "change_account": N_("compte changé"),
    "change_own_account": N_("son propre compte changé"),
    "close_school": N_("école fermée des demi-journées"),
    "confirm_slots": N_("séances confirmées"),
    "decline_slot": N_("séance refusée"),
    "end_sign_ins": N_("connexions fermées"),
    "erase_person": N_("personne effacée"),
    "grant_access": N_("accès d’un programme donné"),
    "import_schools": N_("écoles importées"),
    "invite_account": N_("compte ouvert"),
    "make_administrator": N_("administrateur désigné"),
    "mark_permission": N_("autorisation notée"),
    "register_school": N_("inscription d’une école"),
    "reopen_school": N_("école rouverte"),
    "revoke_access": N_("accès d’un programme retiré"),
    "revoke_school_link": N_("lien d’une école fermé"),
    "set_deadline": N_("date limite fixée"),
    "set_password": N_("mot de passe changé"),
    "set_permission_levels": N_("suivi des autorisations choisi"),
    "set_places": N_("nombre de places fixé"),
    "settle_exception": N_("exception réglée"),
    "settle_wish": N_("demande d’autre créneau traitée"),
    "give_code": N_("connexion avec un code"),
    "sign_in_by_link": N_("connexion par un lien"),
    "sign_in_by_password": N_("connexion par un mot de passe"),
    "start_codes": N_("double vérification activée"),
    "undo_answer": N_("réponse annulée"),
    "cancel_job": N_("calcul abandonné"),
    "discard_proposal": N_("proposition écartée"),
    "move_session": N_("séance déplacée dans un brouillon"),
    "move_to_time": N_("séance déplacée dans un brouillon"),
    "open_edition": N_("édition ouverte ou changée"),
    "pin_session": N_("séance fixée"),
    "price_exactly": N_("prix exact d’une place demandé"),
    "propose_plan": N_("calcul lancé"),
    "record_outcome": N_("bilan d’une séance noté"),
    "release_plan": N_("plan publié"),
    "report_incident": N_("imprévu enregistré"),
    "restore_release": N_("version reprise dans un brouillon"),
    "set_contours": N_("contours de la carte changés"),
    "set_priorities": N_("priorités des écoles changées"),
    "set_public": N_("programme public ouvert ou fermé"),
    "set_theme": N_("apparence changée"),
    "stop_job": N_("calcul arrêté en gardant le meilleur plan"),
    "take_up_proposal": N_("proposition reprise dans un brouillon"),
    "unpin_session": N_("séance libérée"),
    "withdraw_incident": N_("imprévu retiré"),
}
"""What someone did, by the method of the request; a test holds them complete."""
PROPOSAL_STATES = {
    "ready": N_("à publier ou à écarter"),
    "outdated": N_("dépassée"),
    "superseded": N_("remplacée par une plus récente"),
}
MAIL_STATES = {
    "waiting": N_("en attente"),
    "held": N_("retenu par l’organisateur"),
    "to_print": N_("lettre à imprimer"),
    "sent": N_("envoyé"),
    "superseded": N_("remplacé par un plus récent"),
    "failed": N_("en échec"),
}
MAIL_KINDS = {
    "invitation": N_("invitation"),
    "cancellation": N_("annulation"),
    "digest": N_("récapitulatif"),
    "receipt": N_("accusé de réception"),
    "refusal": N_("refus d’une proposition"),
    "place": N_("place proposée"),
    "wishes": N_("réponse sur un autre créneau"),
    "welcome": N_("invitation à s’inscrire"),
    "reminder": N_("relance"),
    "text": N_("SMS"),
}
RECEIVED = {
    "applied": N_("prise en compte"),
    "duplicate": N_("déjà reçue"),
    "stale": N_("dépassée"),
    "ignored": N_("sans effet"),
    "for_a_person": N_("à lire"),
    "to_confirm": N_("à confirmer"),
    "countered": N_("autre horaire proposé"),
    "resent": N_("invitation renvoyée"),
    "bounced": N_("courriel non remis"),
}
SETTLED = {
    "apply": N_("réponse comptée"),
    "refuse": N_("horaire refusé"),
    "accept": N_("horaire accepté"),
    "dismiss": N_("classé"),
}
OUTCOMES = {"held": N_("tenue"), "shortened": N_("écourtée"), "cancelled": N_("annulée")}
CANCELLED_BY = {"school": N_("l’école"), "provider": N_("le prestataire"), "organiser": N_("l’organisateur")}
PERMISSIONS = {
    "director": N_("accord de la direction"),
    "inspector": N_("inspection (IEN) informée"),
    "erun": N_("ERUN informé"),
    "convention": N_("convention avec le prestataire"),
}
PERMISSION_LEVELS = {
    "off": N_("ne pas suivre"),
    "warn": N_("signaler si elle manque"),
    "block": N_("exiger avant de publier et de confirmer"),
}
REMINDERS = {
    "welcome": N_("à inviter"),
    "register": N_("ne s’est pas inscrite"),
    "answer": N_("n’a pas répondu"),
}
REMINDER_REASONS = {
    "due": N_("peut partir"),
    "over": N_("l’édition est finie"),
    "no_address": N_("adresse manquante ou mal formée"),
    "nothing_to_ask": N_("rien à demander"),
    "in_review": N_("un courriel attend déjà de partir"),
    "three_already": N_("trois relances déjà envoyées"),
    "too_soon": N_("moins de sept jours depuis le dernier courriel"),
}
WISHES = {
    "open": N_("demande transmise"),
    "accepted": N_("demande acceptée, bientôt publiée"),
    "granted": N_("demande satisfaite"),
    "refused": N_("demande refusée"),
    "outdated": N_("demande dépassée"),
}
TOLD = {
    "registration_submitted": N_("inscription d’une école"),
    "outcome_recorded": N_("bilan d’une séance"),
    "slots_confirmed": N_("séances confirmées"),
    "slot_declined": N_("séance refusée"),
    "answer_undone": N_("réponse reprise"),
}
"""What software is told of."""
EXCEPTIONS = {
    "too_small": N_("trop peu d’élèves pour former un groupe"),
    "too_large": N_("trop d’élèves pour un groupe, trop peu pour deux"),
}
CHOICES = {
    "one_group": N_("Un seul groupe"),
    "two_groups": N_("Deux groupes"),
    "join": N_("La réunir avec une autre classe"),
    "leave_out": N_("Ne pas inscrire cette classe"),
}
PRIORITIES = {
    "never_served": N_("écoles jamais servies"),
    "rural": N_("écoles rurales"),
    "qpv": N_("quartiers prioritaires (QPV)"),
}
LANGUAGE_NAMES = {"fr": N_("en français"), "en": N_("en anglais")}
WORDINGS = {
    "invitation": N_("Invitation à une séance"),
    "change": N_("Séance qui change"),
    "reassigned": N_("Séance dont l’équipe change"),
    "cancellation": N_("Séance annulée"),
    "first_digest": N_("Premier récapitulatif d’une école"),
    "digest": N_("Récapitulatif suivant"),
    "confirmed": N_("Accusé d’une confirmation"),
    "declined": N_("Accusé d’un refus"),
    "refusal": N_("Horaire proposé et refusé"),
    "place": N_("Place qui se libère"),
    "wishes": N_("Réponse sur un autre créneau"),
    "welcome": N_("Invitation à s’inscrire"),
    "unanswered": N_("Relance : séances sans réponse"),
    "unregistered": N_("Relance : école à inscrire"),
    "notice": N_("Avis à l’organisateur : séance refusée"),
}
WORDING_NAMES = {
    "edition": N_("le nom de l’édition"),
    "organiser": N_("le nom de l’organisateur"),
    "contact": N_("nom, téléphone et adresse de l’organisateur"),
    "what": N_("la séance"),
    "begins": N_("le jour et l’heure du début"),
    "when": N_("le jour, l’heure du début et de la fin"),
    "where": N_("le lieu"),
    "school": N_("le nom de l’école"),
    "release": N_("le numéro de la version"),
    "reason": N_("la raison donnée"),
    "programme": N_("le parcours"),
    "group": N_("le groupe"),
    "moment": N_("le moment où l’offre prend fin"),
    "first": N_("le premier jour"),
    "last": N_("le dernier jour"),
    "deadline": N_("la phrase qui donne la date limite, s’il y en a une"),
    "n": N_("le nombre de séances sans réponse"),
}
OWN_FEEDS = {"edition": N_("Toutes les séances"), "public": N_("Programme public")}
STYLES = {
    "both": N_("une invitation pour chaque séance, et l’agenda auquel on s’abonne"),
    "invitations": N_("une invitation pour chaque séance"),
    "feed": N_("l’agenda auquel on s’abonne, sans invitations"),
}
PARTIES = {"provider": N_("prestataire"), "school": N_("école")}
PLAN_STATUSES = {"optimal": N_("optimal : aucun plan ne coûte moins"), "feasible": N_("valable, peut-être perfectible")}
COSTS = {
    "unplaced": N_("séances non placées"),
    "team_day": N_("journées d’équipe"),
    "visit": N_("arrêts"),
    "drive": N_("minutes de route"),
    "pref": N_("demi-journées peu souhaitées"),
    "gap": N_("écarts entre deux ateliers"),
    "fair": N_("équilibre entre équipes"),
    "end": N_("date de fin"),
    "again": N_("écoles déplacées de nouveau"),
}
PHASES = {
    "": N_("préparation"),
    "construct": N_("premier plan"),
    "improve": N_("amélioration"),
    "alternatives": N_("recherche d’autres choix"),
    "prove": N_("preuve"),
}
RULES = {
    "chain": N_("ordre des ateliers et délai entre eux"),
    "busy": N_("équipe prise ailleurs"),
    "class_travel": N_("trajet de la classe"),
    "excludes": N_("groupes qui partagent des élèves"),
    "hours": N_("heures d’accueil et fermetures"),
    "known": N_("séance impossible ainsi"),
    "once": N_("un atelier une seule fois"),
    "past": N_("le passé ne change plus"),
    "pins": N_("séances fixées"),
    "refused": N_("demi-journée refusée"),
    "right_team": N_("équipe qui convient"),
    "rooms": N_("nombre de salles"),
    "team_day": N_("journée d’une équipe : route, installation, repas"),
    "unplaced": N_("séances non placées"),
    "used_team_day": N_("journées d’équipe"),
    "visits": N_("arrêts"),
    "road": N_("minutes de route"),
    "disliked": N_("demi-journées peu souhaitées"),
    "same_day": N_("deux ateliers le même jour"),
    "late_gap": N_("écarts entre deux ateliers"),
    "fairness": N_("équilibre entre équipes"),
    "last_day": N_("date de fin"),
}
SERVICES = {
    "registration": N_("Inscriptions"),
    "scheduling": N_("Planification"),
    "notifications": N_("Courriels et agendas"),
}
ROLES = {"administrator": N_("administration"), "organiser": N_("organisation"), "reader": N_("lecture")}
WHAT_ROLES_DO = {
    "administrator": N_("tout, et en plus les personnes, l’effacement des données, les logiciels et l’apparence"),
    "organiser": N_("préparer, planifier, publier, écrire aux écoles et aux prestataires"),
    "reader": N_("tout lire, ne rien changer"),
}
KEPT = {"contacts": N_("contacts"), "mails": N_("courriels"), "history": N_("historique")}
PARTSTATS = {"ACCEPTED": N_("Accepter"), "TENTATIVE": N_("Peut-être"), "DECLINED": N_("Refuser")}
