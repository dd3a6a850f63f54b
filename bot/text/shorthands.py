"""Expansion of shorthands that people type on a phone: « c koi », 'cb', 'pr', 'pls'."""

from __future__ import annotations

import re

from bot.text.accents import bare

_FORMS = {  # in full: as typed, folded
    "c'est quoi": ("c koi", "c quoi", "cest quoi", "kesako", "ces quoi", "se quoi", "ce koi"),
    "quoi": ("koi",),
    "qui": ("ki",),
    "que": ("ke",),
    "quel": ("kel", "quel le"),
    "quels": ("kels",),
    "quelle": ("kelle",),
    "quelles": ("kelles",),
    "quand": ("qd", "kan", "kand"),
    "comment": ("cmt", "komen", "koment", "coment"),
    "combien": ("cb", "cmb", "combi1"),
    "pourquoi": ("pk", "pq", "pkoi", "pourkoi", "prquoi"),
    "qu'est-ce que": ("keske", "kesk", "qu es ce que", "quesque"),
    "est-ce que": ("esk", "eske", "esque", "es ce que"),
    "est-ce qu": ("es ce qu",),
    "parce que": ("pcq", "psk", "parske"),
    "quelqu'un": ("qqun", "qqn", "qq un", "qq1", "kelkun"),
    "quelque chose": ("qqch", "qq chose", "qqchose"),
    "quelque part": ("qq part", "qqpart"),
    "quelques": ("qq", "qqs", "qques"),
    "tout le monde": ("tlm", "tt le monde"),
    "pour": ("pr",),
    "dans": ("ds",),
    "avec": ("ac",),
    "il y a": ("ya", "y a t il", "y a t"),
    "y a-t-il": ("ya t il",),
    "c'est": ("cest",),
    "j'ai": ("jai",),
    "je suis": ("jsuis", "chui", "chuis"),
    "je peux": ("jpeux", "jpeu"),
    "je veux": ("jveux", "jveu"),
    "je voudrais": ("jvoudrais", "jvoudrai"),
    "je cherche": ("jcherche",),
    "temps": ("tps",),
    "problème": ("pb",),
    "problèmes": ("pbs",),
    "rendez-vous": ("rdv",),
    "nombre": ("nb",),
    "beaucoup": ("bcp",),
    "vraiment": ("vrmt",),
    "toujours": ("tjs", "tjrs"),
    "jamais": ("jms",),
    "donc": ("dc",),
    "maintenant": ("mtn",),
    "aujourd'hui": ("auj", "ajd"),
    "vous": ("vs",),
    "nous": ("ns",),
    "information": ("info",),
    "informations": ("infos",),
    "numérique": ("num",),
    "certification": ("certif",),
    "le diplôme universitaire": ("le du",),
    "association": ("asso",),
    "associations": ("assos",),
    "professeur": ("prof",),
    "professeurs": ("profs",),
    "différence": ("diff",),
    "comptabilité": ("compta",),
    "subvention": ("subv",),
    "travail": ("taf",),
    "gratuit": ("gratos",),
    "ordinateur": ("ordi",),
    "ordinateurs": ("ordis",),
    "please": ("pls", "plz", "plse"),
    "you": ("u",),
    "your": ("ur",),
    "how": ("hw",),
    "what": ("wat", "wht"),
    "when": ("wen",),
    "because": ("bcz", "bcoz", "coz", "cuz"),
    "before": ("b4",),
    "don't know": ("dunno",),
    "want to": ("wanna",),
    "going to": ("gonna",),
    "thanks": ("thx", "thnx", "thanx"),
    "message": ("msg",),
    "tomorrow": ("tmrw", "tmr"),
    "account": ("acct",),
}
_AS_IT_IS = frozenset(  # not expanded for the encoder: as often something else ('A vs B', 'AC'), or good French
    ("ac", "num", "u", "vs", "quel le", "y a t il", "y a t")
)

APART = str.maketrans({"-": " ", "'": " "})


def _folded(text: str) -> str:
    return bare(text).translate(APART)


_FULL = {short: full for full, forms in _FORMS.items() for short in forms}
SHORTHANDS = {short: _folded(_FULL.get(_folded(full), full)) for short, full in _FULL.items()}
"""The full forms by shorthand, both folded; 'y a-t-il' is itself a shorthand there."""


def _any_of(forms: frozenset[str], blank: str) -> str:
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return rf"\b(?:{'|'.join(longest_first)})\b".replace(" ", blank)


_IN_FOLDED = re.compile(_any_of(frozenset(SHORTHANDS), " "))
_AS_TYPED = re.compile(  # not « la diff », « payer par cb », nor capitals
    r"(?<!\bla )(?<!\bma )(?<!\bpar )(?<!\ben )(?<!\bune )(?-i:(?![A-Z]{2}))"
    + _any_of(frozenset(SHORTHANDS) - _AS_IT_IS, "[ '-]"),
    re.IGNORECASE,
)


def expand_folded(text: str) -> str:
    """Expand all shorthands of a folded text."""
    return _IN_FOLDED.sub(lambda match: SHORTHANDS[match[0]], text)


def expand(text: str) -> str:
    """Expand the unambiguous shorthands of a clean text, as the encoder reads it best."""
    return _AS_TYPED.sub(lambda match: _FULL.get(match[0].lower().translate(APART), match[0]), text)  # « ı » is no i
