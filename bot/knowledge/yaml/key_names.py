"""Which key somebody meant: the one that is written nearly so, or the one it translates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_LIKE = 65  # per cent; below it, a guess helps nobody

_ACCENTS = re.compile("[\u0300-\u036f]+")
_FRENCH = {
    "titre": "title",
    "nom": "title name",
    "intitule": "title",
    "identifiant": "id",
    "reponse": "answer",
    "texte": "answer",
    "question": "questions",
    "formulations": "questions",
    "phrases": "questions",
    "pas questions": "not_questions",
    "mots cles": "keywords",
    "mots": "keywords",
    "lien": "links url",
    "liens": "links",
    "ressources": "links",
    "adresse": "url",
    "contacts": "contacts",
    "personnes": "contacts",
    "voir": "see_also",
    "voir aussi": "see_also",
    "maj": "updated",
    "mis a jour": "updated",
    "mise a jour": "updated",
    "a revoir": "review_by",
    "a verifier": "review_by",
    "revoir le": "review_by",
    "theme": "theme",
    "categorie": "theme",
    "entrees": "entries",
    "fiches": "entries",
    "reponses": "entries answer",
    "synonymes": "synonyms",
    "langue": "language",
    "fuseau": "timezone",
    "fuseau horaire": "timezone",
    "prefixe": "prefix",
    "connaissances": "knowledge",
    "base": "store",
    "serveur": "homeserver url",
    "utilisateur": "user username",
    "salon": "rooms",
    "salons": "rooms",
    "ecoute": "listen",
    "moderation": "moderators_room moderators",
    "moderateurs": "moderators moderators_group",
    "ignorer": "ignore",
    "chiffrement": "encryption",
    "forum": "discourse",
    "jour": "day",
    "heure": "at",
    "hote": "host",
}


def near(key: str, names: Iterable[str], like: int = _LIKE) -> str | None:
    """The likely one of the names, or None. `like`: how alike they must be, in per cent."""
    known = list(names)
    translated = _FRENCH.get(_fold(key), "").split()
    if meant := [name for name in translated if name in known]:
        return meant[0]
    found = process.extractOne(_fold(key), known, scorer=fuzz.ratio, processor=_fold, score_cutoff=like)
    return found[0] if found else None


def bare(text: str) -> str:
    """The letters without their accents."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text))


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", bare(text)).strip().casefold()
