"""The question model: how likely a message asks for an answer, rather than being chat, a story or an announcement.

Logistic regression over patterns on the folded text. Its weights are learned on messages written for this project
(`messages.jsonl`) and are in `table.json` under the names of the patterns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from bot.text.folding import clean, fold

# Probabilities of a question below which a message without a question mark
HARDLY_ASKS = 0.2  # loses some of its confidence;
ASKS_NOTHING = 0.12  # and is no question for the moderators, if nothing answers it.


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _before(pattern: str, later: str) -> re.Pattern[str]:
    """The first match of `pattern`, then `later` anywhere behind it, in linear time.

    A plain `pattern.*later` looks for `later` behind every match of `pattern`; a lookahead is not backtracked into.
    """
    return re.compile(rf"\A(?=(.*?(?:{pattern})))\1.*(?:{later})")


_MONTHS = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|january|february|march|"
    "april|may|june|july|august|september|october|november|december"
)
_DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_ASKING = (
    "qui|que|quoi|quel(?:le)?s?|combien|comment|pourquoi|quand|ou|est ce qu|qu est ce|"
    "what|who|which|whom|where|when|why|how"
)
_PEOPLE = (
    "benevoles?|volontaires?|stagiaires?|tresorier|president|intervenante?s?|candidate?s?|volunteers?|developer|"
    "personnes?|quelqu un|correspondant|colocataire|logement|partenaires?|remplac\\w+|temoins?|journaliste|flatmate"
)

FEATURES: Mapping[str, re.Pattern[str]] = {
    # the form of a question
    "mark": _any(r"\?"),
    "mark_last": _any(r"\?[^\w?]*+(?:(?:merci|thanks?|bien cordialement|cordialement)\b.{0,60})?$"),
    "asks_first": _any(
        rf"^(?:{_ASKING})\b",
        r"^(?:c est (?:quoi|qui|combien)|y a t|peut on|puis je|faut il|doit on|a quoi|a qui|vers (?:qui|quel))\b",
        r"^(?:can|could|do|does|did|is|are|may|should|will|would) (?!you\b)\w+",
    ),
    "asks": _any(rf"\b(?:{_ASKING})\b"),
    "explains": _any(
        r"\b(?:c est quoi|qu est ce qu|what s an?|what is|what are|what does|definition|difference|signifie|"
        r"ca sert a)\b",
        r"\b(?:avantages|correspond)\b",
    ),
    "can_one": _any(
        r"\b(?:peut (?:on|il|elle|t on)|puis je|pouvons nous|on peut|doit on|faut il|dois je|devons nous)\b",
        r"\b(?:a t on (?:le )?droit|ai je|est il|est elle|est ce (?:qu|possible)|y a t il|existe t il)\b",
        r"\b(?:can (?:i|we|one)|do (?:i|we|they)|is there|are there|should (?:i|we))\b",
        r"\b(?:j (?:ai|vais)|c est|je \w+|il y a|y a|doit|peut|va|est) tu\b",  # Québec: j'ai-tu le droit
    ),
    "may": _before(
        r"\b(?:peu(?:t|vent)|peux|pourrais?|doi(?:s|t|vent)|droit|possible|obligatoire|autorise|interdit|normal|"
        r"legal)\b",
        r"\?",
    ),
    "exists": _any(r"\bexist\w+\b|\by a (?:t il )?(?:un|une|des|du|eu)\b|\bthere (?:is|are) an?\b"),
    "inverted": _before(r"\b\w+ (?:vous|t il|t elle|t on|ils|elles|iels|on)\b", r"\?"),
    "seeks": _any(
        r"\b(?:je|nous|on) (?:re)?cherch\w+|\brecherche\b|\ba la recherche\b|\bbesoin d",
        r"\bje (?:voudrais|souhait\w+|aimerais|veux|suis desireu\w+|me demande|ne sais pas)\b|\bj aimerais\b|"
        r"\bil me faudrait\b",
        r"\b(?:nous (?:voudrions|souhait\w+|aimerions)|on (?:voudrait|aimerait|souhaite|hesite))\b",
        r"\b(?:looking for|i (?:want|need|d like|would like)|we (?:need|want|d like))\b",
    ),
    "seeks_someone": _any(
        rf"\b(?:cherch\w+|recherch\w+|besoin de?|looking for|need) (?:\w+ ){{0,3}}(?:{_PEOPLE})\b",
    ),
    "someone_knows": _any(
        r"\b(?:quelqu un|qui|vous|des gens|anyone|anybody|someone|does any\w+) (?:parmi vous )?(?:aurait|auriez|"
        r"connai\w+|sait|"
        r"savez|saurait|pourrait|pourriez|know|knows|have|has)\b",
        r"\b(?:connaissez|sauriez|savez|auriez|avez|pourriez|pouvez) vous\b",
    ),
    "asks_documents": _any(
        r"\b(?:exemples?|modeles?|fiches?|liens?|informations?|ressources?|retours?|documents?|conseils?|conseillez)\b",
        r"\b(?:pistes?|reperes?|guides?|annuaire|listes?|etudes?|chiffres|example|sample|template|advice)\b",
    ),
    "thanks_ahead": _any(
        r"\bmerci (?:d avance|par avance|de votre|pour (?:votre|vos)|a ceux|a celles)|thanks in advance"
    ),
    "my_problem": _before(
        r"\b(?:my|i|mon|ma|mes|je|j)\b",
        r"\b(?:lost|declined|denied|failed|broken|stolen|wrong|mistake|blocked|stuck|"
        r"missing|"
        r"cancelled|reverted|pending|not|t|cannot|perdu|vole|refuse\w*|bloque|erreur|pas recu|n arrive pas)\b",
    ),
    "command": _any(
        r"^(?:please |ok |hey )?(?:set|book|tell|show|give|make|add|remove|cancel|find|play|turn|send|change|"
        r"remind|convert|order|"
        r"put|let|call|check|read|schedule|help|explain|update|start|stop|donne|montre|explique|dis moi|indique|"
        r"trouve)\b",
    ),
    "bare": _any(
        r"^(?!.*\b(?:je|j|tu|il|elle|on|nous|vous|ils|elles|c|ca|est|sont|a|ont|ai|suis|i|we|you|he|she|it|is|are|"
        r"was|have|has)\b)"
        r"(?!.*!)(?=.*\w \w)"
    ),
    "short": _any(r"^(?:\S++\s*+){1,5}$"),
    "one_word": _any(r"^\S+$"),
    "long": _any(r"^\s*+(?:\S++\s++){40}"),
    # chat
    "thanks": _any(r"\b(?:merci|thanks|thank you|thx)\b"),
    "cheers": _any(
        r"\b(?:bravo|felicitations|congrat\w*|super|genial\w*|top|chapeau|bienvenue|welcome|joyeu\w+|"
        r"bon (?:week end|courage))\b",
        r"\b(?:bonne (?:journee|soiree|annee|idee|rentree|lecture)|a bientot|a demain|hate|adore|contente?s?|"
        r"ravie?s?|youpi)\b",
        r"\b(?:great|awesome|cool|nice|quelle (?:belle|galere|histoire))\b",
    ),
    "agrees": _any(
        r"^(?:ok|oui|non|ah|oh|d accord|je suis d accord|merci|yes|no|yep|pas de souci|c est note|lol|mdr|haha|"
        r"desolee?)\b",
        r"^(?:ca marche|parfait|exact|je valide|same|sure|\+1|pas faux|ca va)(?:\b|$)",
    ),
    # stories and opinions
    "told": _any(
        r"\b(?:j (?:ai|avais|etais)|nous (?:avons|avions|etions)|on (?:a|avait|etait)|i (?:was|had|got|ve)|"
        r"we (?:had|were|got|ve))\b",
        r"\b(?:a|ont|est|sont) (?:ete |enfin |bien |encore )*\w+(?:e|i|u|is)e?s?\b",
    ),
    "told_first": _any(r"^(?:j|nous|on|notre|nos|mon|ma|mes|le|la|les|l|il|elle|i|we|our|the|ca)\b(?!.*\?)"),
    "opinion": _any(
        r"\b(?:je (?:crois|pense|trouve|prefere)|mon avis|selon moi|dommage|tant pis|heureusement|malheureusement|"
        r"soulagement)\b",
        r"\b(?:i (?:believe|guess|think)|oh well)\b",
    ),
    "negated": _before(r"\b(?:ne|n)\b", r"\b(?:pas|plus|rien|jamais)\b"),
    # days and places, for announcements and logistics
    "hour": _any(r"\b(?:\d{1,2} ?h(?: ?\d\d)?|\d{1,2}:\d\d|midi|\d ?(?:am|pm))\b"),
    "soon": _any(
        r"\b(?:demain|ce (?:soir|matin|midi|week end)|cet apres midi|tout a l heure|aujourd hui|hier|cette semaine)\b",
        r"\b(?:la semaine prochaine|tomorrow|tonight|today|this (?:morning|evening|week)|yesterday)\b",
    ),
    "day": _any(rf"\b(?:{_DAYS})\b"),
    "date": _any(
        rf"\b(?:le|du|au|avant le|en|jusqu au|debut|fin|les) (?:\d{{1,2}}(?:er)?|{_MONTHS})\b",
        rf"\b\d{{1,2}} (?:et \d+ )?(?:{_MONTHS})\b",
    ),
    "invites": _any(
        r"\b(?:venez|rejoignez|postulez|inscrivez|inscriptions?|candidatures?|places (?:limitees|disponibles)|"
        r"portes ouvertes)\b",
        r"\b(?:reste \d+ places|save the date|webinaire|conference|apply|join us|register|envie d|vous (?:revez|"
        r"aimez))\b",
        r"\b(?:nouvelle session|appel a|entree libre|premier episode|c est gratuit|a louer|organis(?:e|ons))\b",
    ),
    "hires": _any(
        r"\b(?:recrut(?:e|ons|ent)|embauch(?:e|ons)|offre d|poste (?:a pourvoir|base)|(?:nous|on) propos(?:ons|e)|"
        r"cv|hiring)\b",
        r"\bcherche (?:son|sa|un|une) (?:ou \w+ )?\w+ (?:a mi temps|pour)\b",
    ),
    "passes_on": _any(
        r"\bmerci de (?:relayer|faire tourner|partager|voter|diffuser|repondre)|\bfaites tourner|\blien (?:dans|"
        r"en)\b|\bci joint",
        r"\bje vous (?:mets|partage|transmets|envoie|confirme)|\bvoici\b|\bpiece jointe|\bpour info\b|\bfyi\b|"
        r"\bnumero\b",
    ),
    "money": _any(r"€|\beuros?\b|\bbrut\b"),
    # among people who know each other
    "you_singular": _any(
        r"(?<!ai )(?<!est )(?<!suis )(?<!dois )(?<!vais )(?<!a )(?<!doit )(?<!je peux )\btu\b"
        r"(?! (?:sais|saurais|connais|crois|penses|(?:peux|pourrais) (?:me |m |nous )?(?:dire|expliquer|indiquer|"
        r"chercher|trouver|retrouver|envoyer|regarder))\b)",  # to whoever knows: 'tu connais …'
        r"\b(?:t as (?!(?:deja )?entendu)|t es|ton|ta|tes|toi)\b",
    ),
    "together": _any(
        r"\b(?:on se (?:voit|retrouve|gare|repartit|cale)|on (?:mange|garde|commence)|dites moi|commencez sans)\b",
        r"\b(?:qui (?:amene|apporte|vient|s en charge|s occupe|veut|est|etait|a|anime|peut)|who (?:is|has|s)|"
        r"ca vous va)\b",
        r"\b(?:vous (?:venez|y allez|etes|etiez|arrivez|fermez|votez|preferez))\b",
    ),
    "asks_of_people": _any(
        r"\b(?:chez vous|parmi vous|vous (?:utilisez|feriez|participez|pensez|facturez|aviez)|et vous|utilisez vous)\b",
        r"\b(?:des nouvelles|on en est|avez vous recu|as recu|any news|did you|cinq minutes|five minutes|"
        r"questionnaire)\b",
    ),
    "this_place": _any(
        r"\b(?:marche p(?:as|lus)|fonctionne p(?:as|lus)|en panne|le code|mot de passe|mdp|wifi|les cles|the keys|"
        r"salle|camion)\b",
        r"\b(?:visio|reunion|meeting|compte rendu|sondage|covoitur\w+|drive|parking|badge|deja \?|planning|printer|"
        r"imprimante)\b",
    ),
    "exclaims": _any(r"!"),
    "link": _any(r"https?://|www\."),
}


_MAX_LOGIT = 4.5  # the examples are too few for more
TONE = "tone"  # name of the weight of `VectorSpace.question_score`, beside the patterns


@dataclass(frozen=True, slots=True)
class Example:
    """A line of `messages.jsonl`."""

    text: str
    asks: bool


@cache
def examples() -> tuple[Example, ...]:
    """Messages written for this project: questions, and what else people write in a room."""
    lines = files("bot.matching").joinpath("messages.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Example(**json.loads(line)) for line in lines)


def features(text: str) -> dict[str, float]:
    """1 for each pattern that matches, else 0."""
    has_link = FEATURES["link"].search(text) is not None
    folded = fold(clean(text))
    return {name: float(bool(p.search(folded)) or (name == "link" and has_link)) for name, p in FEATURES.items()}


def has_question_mark(text: str) -> bool:
    """Outside its links."""
    return "?" in clean(text)


def question_probability(text: str, weights: Mapping[str, float], score: float = 0.0) -> float:
    """`score`: `VectorSpace.question_score`, 0 without the encoder."""
    values = features(text) | {TONE: score}
    logit = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in values.items())
    return bounded_probability(logit)


def bounded_probability(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -_MAX_LOGIT, _MAX_LOGIT))))
