"""Tables of French and English, in folded form: stop words, inclusive spelling, endings."""

from __future__ import annotations

import re

from bot.text.word_lists import words

STOP_WORDS = words("stop_words")

_DOT = "[·•‧⋅∙.]"
_ENDS = (
    "rices|rice|trices|trice|ices|ice|euses|euse|eres|ere|ères|ère|nes|ne|les|le|elles|elle|tes|te|ves|ve|fes|fe|es|e"
)
INCLUSIVE = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (rf"(?<=\w\w)s?{_DOT}(?:{_ENDS})(?:{_DOT}?([sx]))?(?!\w)", r"\1"),  # étudiant·e·s, facilitateur.rice, tou.te.s
        (rf"(?<=\w\w){_DOT}([sx])(?!\w)", r"\1"),  # lieu·x
        (rf"(?<=\w\w)\((?:{_ENDS}|s|x|es)\)", ""),  # salarié(e)
        (rf"(?<=\w\w\w)/(?:{_ENDS})(?!\w)", ""),  # animateur/trice
        (r"(?<=\w\w)-e-s(?!\w)|(?<=\w\w)-(?:trice|rice|euse)s?(?!\w)", ""),
        (r"(?<=teur)r?ices?(?!\w)", ""),  # facilitateurices
        (r"\bun·?e\b", "un"),
    )
)

CAPITALS = {"DU": "diplome universitaire", "DE": "diplome d etat"}  # degrees; in lower case they are stop words

_WITH_PLURAL = (  # ending, its replacement, least letters before it; each counts with an s as well
    ("atrice", "ateur", 3),
    ("trice", "teur", 3),
    ("euse", "eur", 3),
    ("iere", "i", 3),
    ("elle", "el", 3),
    ("ienne", "ien", 3),
    ("ive", "if", 3),
    ("ale", "al", 3),
    ("ee", "", 3),
    ("ere", "", 4),
)
STEMS = (  # the first match counts
    *((ending + plural, instead, least) for ending, instead, least in _WITH_PLURAL for plural in ("s", "")),
    ("eaux", "eau", 3),
    ("aux", "al", 3),
    ("ations", "ation", 2),
    ("ers", "", 4),
    ("er", "", 3),
    ("ez", "", 3),
    ("ies", "i", 3),
    ("ing", "", 3),
    ("ed", "", 4),
    ("es", "", 3),
    ("s", "", 3),
    ("x", "", 3),
    ("e", "", 4),
    ("y", "i", 4),
)
