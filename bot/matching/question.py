"""Is this a question for us at all, or chat, a story, an announcement? A small model over features one can read.

Each feature is a pattern on the folded text of a message (see `FEATURES`); the weights are learned on messages that
were written for this project (`tools/messages.jsonl`) and stand in `table.json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from bot.matching.text import clean, fold, sentences

_ASKING = r"qui|que|quoi|quel(?:le)?s?|combien|comment|pourquoi|quand|ou|est ce qu|qu est ce|what|who|which|where|when|why|how"
_MONTHS = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|april|"
    "june|july|august|september|october|november|december"
)
_DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday"

FEATURES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "mark": r"\?",
        "mark_last": r"\?\W*(?:merci.{0,60}|thanks?.{0,60}|bien cordialement.{0,40}|cordialement.{0,40})?$",
        "asks_first": rf"^(?:{_ASKING}|c est (?:quoi|qui|ou|quand|combien)|y a t|il y a (?:un|une|des) \S+.*\?|peut on|puis je|"
        r"faut il|doit on|can|could|do|does|did|is|are|may|should|will|would)\b",
        "asks": rf"\b(?:{_ASKING})\b",
        "explains": r"c est quoi|qu est ce qu|what s an?\b|what is|what are|what does|definition|difference|signifie",
        "can_one": r"\b(?:peut (?:on|il|elle|t on)|puis je|pouvons nous|je peux|on peut|doit on|faut il|dois je|a t on (?:le )?droit|"
        r"est il|est elle|est ce (?:qu|possible)|y a t il|existe t il|can (?:i|we|you)|do (?:i|we)|is there|are there|should)\b",
        "inverted": r"\b\w+ (?:vous|t il|t elle|t on|ils|elles|on)\b.*\?",
        "seeks": r"\b(?:je (?:re)?cherche|nous (?:re)?cherchons|on (?:re)?cherche|a la recherche|je (?:voudrais|souhaite\w*|"
        r"aimerais|suis desireu\w+)|nous (?:voudrions|souhait\w+|aimerions)|on (?:voudrait|aimerait|souhaite)|j aurais besoin|"
        r"besoin d|looking for|i (?:want|need|d like|would like)|we need)\b",
        "seeks_someone": r"\b(?:cherch\w+|recherch\w+|besoin de?|looking for|need) (?:un|une|des|son|sa|notre|a|an|some)?\s*"
        r"(?:ou (?:sa|une) )?(?:nouve\w+ |futur\w* )?(?:benevole|volontaire|stagiaire|tresorier|president|intervenant|candidat|"
        r"volunteer|developer|personnes?|correspondant|colocataire|logement|partenaire|remplac)",
        "someone_knows": r"\b(?:quelqu un|qui|vous|avez vous|auriez vous|des gens|certains|anyone|anybody|someone|does any\w+)"
        r" (?:parmi vous )?(?:aurait|auriez|a|avez|connai\w+|sait|savez|saurait|peut|pourrait|pourriez|utilise\w*|know|knows|have|has|got)\b"
        r"|\b(?:connaissez|sauriez|savez|auriez|avez|pourriez|pouvez) vous\b",
        "asks_documents": r"\b(?:exemples?|modeles?|fiches?|liens?|infos?|informations?|ressources?|retours?|documents?|docs?|"
        r"conseils?|pistes?|reperes?|guides?|annuaire|example|sample|template|link|advice)\b",
        "thanks_ahead": r"merci (?:d avance|par avance|de votre|pour (?:votre|vos)|a (?:ceux|celles|vous))|thanks in advance",
        "thanks": r"\b(?:merci|thanks|thank you|thx)\b",
        "cheers": r"\b(?:bravo|felicitations|congrat\w*|super|genial\w*|top|chapeau|bienvenue|welcome|joyeux|bon (?:week end|courage|"
        r"appetit|anniversaire)|bonne (?:journee|soiree|annee|idee|rentree|lecture)|a bientot|a demain|hate|adore|contente?s?|"
        r"ravie?s?|great|awesome|cool|nice)\b",
        "agrees": r"^(?:ok|oui|non|ah|oh|d accord|je suis d accord|merci|yes|no|yep|pas de souci|c est note|lol|mdr|haha|"
        r"desole|ca marche|parfait|exact|je valide|same|sure)\b",
        "told": r"\b(?:j (?:ai|avais|etais)|nous (?:avons|avions|etions)|on (?:a|avait|etait)|i (?:was|had|did|got|ve)|we (?:had|were|did|ve)|"
        r"\w+ (?:a|ont|est|sont) (?:ete |enfin |bien )?\w+(?:e|i|u|is)s?)\b",
        "told_first": r"^(?:(?:j|nous|on|notre|nos|mon|ma|mes|le|la|les|l|il|elle|i|we|our|the|ca)\b)(?!.*\?)",
        "opinion": r"\b(?:je (?:crois|pense|trouve|prefere)|a mon avis|mon avis|selon moi|i (?:think|believe|guess)|dommage|tant pis|"
        r"heureusement|malheureusement|beau mais|soulagement)\b",
        "hour": r"\b(?:\d{1,2} ?h(?: ?\d\d)?|\d{1,2}:\d\d|midi|\d ?(?:am|pm))\b",
        "soon": r"\b(?:demain|ce (?:soir|matin|midi|week end)|cet apres midi|tout a l heure|aujourd hui|hier|tomorrow|tonight|today|"
        r"this (?:morning|evening|week)|yesterday|cette semaine|la semaine prochaine|avant hier)\b",
        "day": rf"\b(?:{_DAYS})\b",
        "date": rf"\b(?:le|du|au|avant le|en|jusqu au|debut|fin) (?:\d{{1,2}}(?:er)?|{_MONTHS})\b|\b\d{{1,2}} (?:et \d+ )?(?:{_MONTHS})\b",
        "invites": r"\b(?:venez|rejoignez|postulez|inscrivez|inscriptions?|candidatures?|places (?:limitees|disponibles)|"
        r"reste \d+ places|portes ouvertes|save the date|webinaire|a vos agendas|apply|join us|register|portons a votre|"
        r"envie de|vous revez|nouvelle session|appel a|rendez vous|premier episode|c est gratuit)\b",
        "hires": r"\b(?:recrut(?:e|ons|ent)|embauch(?:e|ons)|offre d emploi|poste (?:a pourvoir|base)|(?:nous|on) propos(?:ons|e)|"
        r"ouvre un poste|cv|hiring|we re looking|cherche (?:son|sa|un|une) \w+ (?:a mi temps|pour (?:septembre|janvier|la rentree)))\b",
        "passes_on": r"\b(?:merci de (?:relayer|faire tourner|partager|voter|diffuser)|faites tourner|a diffuser|lien (?:dans|en)|"
        r"je vous (?:mets|partage|transmets|envoie)|voici|ci joint|piece jointe|pour info|fyi|please share)\b",
        "money": r"€|\beuros?\b|\bbrut\b",
        "you_singular": r"\b(?:tu|t as|t es|ton|ta|tes|toi)\b",
        "together": r"\b(?:on se (?:voit|retrouve|gare|repartit|cale)|qui (?:amene|apporte|vient|s en charge|veut|est|a|anime|peut)|"
        r"ca vous va|vous venez|vous y allez|vous etes|on mange|dites moi|commencez sans)\b",
        "asks_of_people": r"\b(?:vos |votre |chez vous|parmi vous|vous (?:utilisez|feriez|participez|pensez|facturez|aviez)|et vous|"
        r"utilisez vous|de vous|des nouvelles|on en est|avez vous recu|as recu)\b",
        "local_thing": r"\b(?:ne (?:marche|fonctionne|repond) p(?:as|lus)|marche p(?:as|lus)|en panne|le code|mot de passe|mdp|wifi|les cles|"
        r"visio|reunion|compte rendu|sondage|covoitur\w+|drive|parking|badge|deja \?)",
        "exclaims": r"!",
        "link": r"https?://|www\.",
        "long": r"(?:\S+\s+){40}",
        "short": r"^(?:\S+\s*){1,5}$",
        "one_word": r"^\S+$",
        "negated": r"\bn (?:est|a|ai|ont|y) (?:pas|plus|jamais)\b|\b(?:ne|n)\b.*\b(?:pas|plus|rien|jamais)\b",
    }.items()
}


def features(text: str) -> dict[str, float]:
    """Which of the patterns the text shows: 1 or 0."""
    link = FEATURES["link"].search(text) is not None
    plain = fold(clean(text))
    return {name: float(bool(pattern.search(plain)) or (name == "link" and link)) for name, pattern in FEATURES.items()}


def likeness(text: str, weights: Mapping[str, float]) -> float:
    """The probability that somebody who writes this wants an answer of the kind we could give."""
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features(text).items())
    return float(1 / (1 + np.exp(-total)))


def asking(text: str, weights: Mapping[str, float]) -> list[str]:
    """The sentences of a message that ask something, in their order; none when none does."""
    return [sentence for sentence in sentences(clean(text)) if likeness(sentence, weights) >= 0.5]
