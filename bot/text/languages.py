"""Tables of French and English, in folded form: stop words, inclusive spelling, endings."""

from __future__ import annotations

import re

STOP_WORDS = frozenset(
    # French
    "a ai ait alors as au aucun aussi autre aux avais avait avant avec avez avoir avons c ca car ce cela celle celui "
    "ces cet cette ceux chez ci comme d dans de des deja dit dois doit donc dont du elle elles elleux en encore entre "
    "es est et etait etes etre eu eux fait faut fois ici iel iels il ils j je jusqu l la le les leur leurs lors lui m "
    "ma mais me meme mes moi moins mon n ne ni nos notre nous on ont ou par parce pas peu peut peuvent peux plus "
    "plusieurs pour pouvons pouvez qu que quel quelle quelles quels quelque quelques quelqu qui quoi s sa sans se "
    "sera serait ses si sinon son sont sous suis sur t ta te tes toi ton tous tout toute toutes tres tu un une va "
    "vais vers veut veux dire voila vont vos votre vous vu y etais soit aurait auriez avions avaient ayant donnez "
    "merci bonjour bonsoir salut svp stp cordialement oui non comment combien pourquoi quand savez sais sait "
    "connaissez connait quelquun personne existe existent trouver trouve cherche cherchons voudrais voudrait aimerais "
    "aimerait souhaite savoir "
    # English
    "about am an and any are at be been but by can could did do does doing for from get got had has have how i if in "
    "into is it its just me my myself no not of off or our out please she so some than thanks that the their them "
    "then there these they this those to too us was we were what when where which who why will with would you your "
    "tell know want need d ll m re s t ve hi hello".split()
)

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
