"""Courtesy, without the encoder: whether a text is nothing else, and what is left of it without."""

from __future__ import annotations

from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.text.folding import clean

_ACTS = ("ack", "agree", "greet", "leave", "thanks")


def is_courtesy(text: str) -> bool:
    """Thanks, a greeting, an assent; emojis or blanks alone. Without the encoder."""
    return not any(map(str.isalnum, clean(text))) or Reader(shipped_model(), None).read(text, "answer").act in _ACTS


def undressed(text: str) -> str:
    """As `Reader.undress`."""
    return Reader(shipped_model(), None).undress(text)
