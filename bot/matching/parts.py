"""A message taken apart: greetings, thanks and stories set aside, each question with what was said around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.question import likeness
from bot.matching.text import fold, sentences

MOST = 4  # questions of one message that are answered
_CONTEXT = 60  # words of the story around a question that are read
_COURTESY = re.compile(
    r"^(?:(?:re)?bonjour|bonsoir|salut|coucou|hello|hi|hey|merci|thanks|thank you|(?:bien )?cordialement|bonne journee|"
    r"bonne soiree|bien a vous|un grand merci|best regards|cheers|a bientot|bonne continuation)\b"
)
_GREETING = re.compile(
    r"^(?:re)?(?:bonjour|bonsoir|salut|coucou|hello|hi|hey)\b(?:\s+(?:à|a)?\s*(?:toutes|tous|tout|le monde|la communauté|les ami\w+|et"
    r"|all|there|everyone|everybody)\b)*\s*[,!.:]*\s*",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"(?:\s*,)?\s+(?:et|and|ou alors|sinon|et puis|et sinon|et aussi)\s+(?=(?:à |de |pour |d['’])?(?:comment|quel(?:le)?s?|où|combien|"
    r"pourquoi|quand|qui|c['’]est quoi|est-ce|peut-on|puis-je|faut-il|y a-t-il|how|what|where|when|who|why|can|is|do|does)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message, and the rest of the message that may say what it is about."""

    asked: str
    around: str = ""


def take_apart(text: str, weights: Mapping[str, float], weight: Callable[[str], float]) -> list[Part]:
    """The questions of a clean text; the whole text when no sentence stands out. `weight`: how much a text says."""
    pieces = [_GREETING.sub("", s) or s for s in sentences(text)]
    pieces = [s for s in pieces if not _courteous(s)] or pieces
    if not pieces:
        return []
    asked = [i for i, s in enumerate(pieces) if "?" in s or (len(pieces) > 1 and likeness(s, weights) >= 0.6)]
    if not asked:
        return [Part(" ".join(pieces))]
    questions = _substantial([pieces[i] for i in asked], weight)
    around = " ".join(s for i, s in enumerate(pieces) if i not in asked)
    return [Part(question, _short(around)) for question in questions[:MOST]]


def _courteous(sentence: str) -> bool:
    folded = fold(sentence)
    return bool(_COURTESY.match(folded)) and len(folded.split()) < 12 and "?" not in sentence


def _substantial(asked: Sequence[str], weight: Callable[[str], float]) -> list[str]:
    """Questions that say enough to stand alone; the others ('et combien ?') are read with the one before."""
    halves = [half for question in asked for half in _halves(question, weight)]
    found = [halves[0]]
    for half in halves[1:]:
        if weight(half) < _ALONE or weight(found[-1]) < _ALONE:
            found[-1] = f"{found[-1]} {half}"
        else:
            found.append(half)
    return found


def _halves(question: str, weight: Callable[[str], float]) -> list[str]:
    halves = _JOINED.split(question)
    return halves if len(halves) > 1 and all(weight(half) >= _ALONE for half in halves) else [question]


_ALONE = 2.0  # words of the knowledge's own vocabulary, about


def _short(text: str) -> str:
    return " ".join(text.split()[-_CONTEXT:])
