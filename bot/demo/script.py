"""The script of the demo, in French like the network that it shows."""

import re

from bot.store import DISLIKED, LIKED, Outcome

MEMBER, OTHER, BOT, MODERATOR = "camille", "noa", "concierge", "sacha"
PEOPLE = (MEMBER, OTHER, BOT, MODERATOR)
ROOM, MODERATION, PRIVATE = "fabmanagers", "moderation", "en privé"


LINES = (
    ("Bonjour à toutes et tous, ravie d’être ici !", False),
    ("Connaissez vous d’autres formations où on peut trouver ce type de profil pour nos lieux ?", True),
    ("Quel sera la fiche de poste ?", True),
    ("notre atelier découpe laser d’hier a fait salle comble, merci aux bénévoles", False),
    ("Est-il possible de généraliser ces emplois dans les autres académies ou existent-t-ils déjà ?", True),
)
"""Three questions of a forum topic, and two messages that are no questions, each with whether it calls the bot."""

UNKNOWN = "Quel filament prendre pour l’imprimante 3D ?"
ANSWER = """\
Du PLA pour commencer : il est facile à imprimer, et ne sent presque rien.
La fiche : https://exemple.org/filaments"""
AGAIN = "imprimante 3D : on met quoi comme filament ?"
"""A question that is new, a moderator's answer to it, and the same question in other words."""

NOTE, RELAYED, DRAFT, KEPT = "Nouvelle question", "voici la réponse", "Brouillon", "C’est gardé"  # as the bot words it
THEME = "Créer et faire vivre un lieu"
"""Where the moderator puts the answer: no entry is near enough to tell."""
WEEK = "Semaine du"
PUBLISHES = "n’attend pas lundi matin et publie la semaine : « concierge digest --publish »"
DIFFERENCE = "Ce qui a changé dans les fichiers de réponses (une copie, pour la démonstration) :"

STEPS = (
    "Un serveur Matrix démarre sur cette machine…",
    "Un salon s’ouvre, {member} y entre…",
    "Concierge lit ses réponses et arrive…",
)
JOIN = """\
Vous pouvez aussi entrer avec un client Matrix (Element, par exemple) sur cette machine :
  serveur {url} · compte {member} · mot de passe {password} · salon {room}"""
PAGES = """\
Les réponses se lisent aussi dans un navigateur, sur cette machine : {pages}
Le bureau de la modération y est aussi : « !page », dit au concierge en privé (ici : /prive !page), donne un lien."""
YOURS = f"""\
À vous, comme {MEMBER} : chaque ligne s’adresse à Concierge. Ou bien :
  /salon …              parler au salon, sans l’appeler
  👍 👎 1 2 3 ✅ ❌ ➕    réagir à son dernier message (ou /bien /bof /oui /non)
  /moderation …         {MODERATOR}, de la modération, parle dans son salon : /moderation !questions
  /repondre …           {MODERATOR} y répond au dernier message de Concierge, par exemple à une question
  /prive …              {MODERATOR} parle à Concierge en privé : /prive !page
Ctrl-D pour finir, /aide pour relire ces lignes."""
UNKNOWN_WORD = "« {word} » n’existe pas ici ; /aide dit ce qu’il y a"
MARKS_MESSAGE = "met {key} sous ce message"
REACTS = "met {key} sous son dernier message"
NO_ANSWER = "Concierge n’a rien fait de cette ligne."
NO_POST = "il n’y a encore rien sous quoi réagir"
ALL_WELL = "Tout est là : {answered} réponses, {silent} silences, une réponse apprise et la semaine racontée."
NOT_WELL = "Il manque une réponse ou un silence."
NOT_LEARNT = "La réponse n’a pas été apprise comme il faut."
NOT_TOLD = "La semaine n’a pas été racontée comme il faut."
NOTHING_CAME = "Rien n’est venu en {seconds} secondes."
GONE = "Concierge s’est arrêté, plus personne ne répond{reason}."
BYE = "Au revoir ! Le serveur et ses données disparaissent."

REASONS = {
    "a person may reply first": "répond dans 20 secondes, si personne ne le fait avant",
    "answered here within the hour": "déjà répondu ici dans l’heure",
    "said to somebody else": "dit à quelqu’un d’autre",
    "enough overheard answers this hour": "assez de réponses spontanées pour cette heure",
    "nothing alike": "rien qui ressemble",
    "a person replied": "quelqu’un a répondu",
}
EFFECTS = {
    LIKED: "👍 compté",
    DISLIKED: "👎 compté",
    "removed by a moderator": "le message est retiré",
    "a reaction that means nothing to us": "ici, ce signe ne veut rien dire",
    "a reaction to something else": "ici, ce signe ne veut rien dire",
    "no such suggestion": "ce choix n’est pas proposé",
    "nothing more to show": "il n’y a rien de plus à montrer",
    "already chosen": "c’est déjà choisi",
    "nothing to agree to": "il n’y a rien à confirmer",
    "set aside": "la question est écartée",
    "no question to set aside": "cette question n’est plus ouverte",
    "no draft": "ce brouillon n’est plus ouvert",
    "decided already": "ce brouillon n’est plus ouvert",
    "nobody's answer to keep": "il n’y a rien à garder ici",
    "no answer to an open question": "il n’y a rien à garder ici",
}
"""Of reactions."""


def reason(outcome: Outcome) -> str:
    """Why the bot keeps silent, or waits: 'silence : 0,71 < 0,90'."""
    if outcome.reason in EFFECTS:
        return EFFECTS[outcome.reason]
    text = REASONS.get(outcome.reason) or re.sub(r"(\d)\.(\d)", r"\1,\2", outcome.reason)
    if text == outcome.reason and not re.search(r"\d", text):
        return "silence"
    return text if outcome.posts or outcome.retry_at else f"silence : {text}"
