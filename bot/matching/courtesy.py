"""Greetings and thanks that ask nothing."""

from __future__ import annotations

from bot.matching.languages import STOP_WORDS
from bot.matching.text import LONGEST, fold, tokens

_POLITE = STOP_WORDS | frozenset(
    "accord beaucoup bien bientot bof bonne bonnes bravo clair continuation cool coucou desole excellent genial gentil "
    "grand hey impeccable interessant journee mille nickel nuit ok okay parfait plaisir precieux re reponse rien "
    "salutations soiree super top utile vite weekend yes "
    "bye cheers day evening good great helpful lot morning much nice perfect welcome".split()
)
_SHORT = 3  # words of a question that may still be courtesy: 'ça va ?'


def asks_nothing(text: str) -> bool:
    """Whether a message is nothing but courtesy, emojis or blanks: 'merci beaucoup, c'est parfait'."""
    said = tokens(fold(text[:LONGEST]))
    return all(token in _POLITE for token in said) and ("?" not in text or len(said) <= _SHORT)
