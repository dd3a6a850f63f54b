"""Courtesy, recognised without the encoder."""

from __future__ import annotations

from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.text.folding import clean

_ACTS = ("ack", "agree", "greet", "leave", "thanks")


def is_courtesy(text: str) -> bool:
    """Whether a text is only thanks, a greeting or an assent, or has nothing but emojis or blanks."""
    return not any(map(str.isalnum, clean(text))) or Reader(shipped_model(), None).read(text, "answer").act in _ACTS


def undressed(text: str) -> str:
    """Return the text without its clothes: see `Reader.undress`."""
    return Reader(shipped_model(), None).undress(text)
