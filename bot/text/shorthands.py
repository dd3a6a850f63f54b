"""Expansion of shorthands that people type on a phone: « c koi », 'cb', 'pr', 'pls'."""

import re

from bot.text.accents import bare
from bot.text.word_lists import lines

# Not expanded for the encoder: as often something else ('A vs B', 'AC'), or good French.
_AS_IT_IS = frozenset(("ac", "num", "u", "vs", "quel le", "y a t il", "y a t"))

APART = str.maketrans({"-": " ", "'": " "})


def _folded(text: str) -> str:
    return bare(text).translate(APART)


_ROWS = (line.split(": ") for line in lines("shorthands"))
_FULL = {short: full for full, forms in _ROWS for short in forms.split(", ")}
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
