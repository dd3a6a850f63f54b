"""Tables of French and English, in folded form: stop words, inclusive spelling, endings."""

import re

from bot.text.word_lists import lines, words

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

_ENDINGS = map(str.split, lines("endings"))
STEMS = tuple((ending, instead.strip("-"), int(least)) for ending, instead, least in _ENDINGS)
"""Endings, their replacements, and the least letters before them; the first match counts."""
