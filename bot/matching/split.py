"""A message taken apart: greetings, thanks and stories set aside, each question with what was said around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.languages import STOP_WORDS
from bot.matching.question import likeness
from bot.matching.text import LONGEST, fold, sentences, tokens

MOST = 4  # questions of one message that are answered
_STORY = 120  # words around a question that are read
_ALONE = 2  # words of the knowledge's vocabulary without which a question does not stand alone
_COURTESY = re.compile(
    r"^(?:(?:re)?bonjour|bonsoir|salut|coucou|hello|hi|hey|(?:un grand |mille )?mercis?|thanks|thank you|"
    r"en vous remerciant|"
    r"(?:bien )?cordialement|bonne (?:journee|soiree|continuation)|bien a vous|best regards|cheers|a bientot)\b"
)
_GREETING = re.compile(
    r"^(?:re)?(?:bonjour|bonsoir|salut|coucou|hello|hi|hey)\b"
    r"(?:\s+(?:(?:à|a)\s+)?(?:toutes|tous|tout|le monde|la communauté|les ami\w+|et|all|there|everyone|everybody)\b)*"
    r"\s*[,!.:]*\s*",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"(?<!\s)(?:\s*+[,;])?\s++(?:et|and|ou alors|sinon|et puis|et sinon|et aussi)\s++"
    r"(?=(?:à |de |pour |d['’])?(?:comment|quel(?:le)?s?|où|combien|pourquoi|quand|qui|c['’]est quoi|est-ce|qu['’]est|"
    r"peut-on|puis-je|faut-il|y a-t-il|how|what|where|when|who|why|can|is|do|does)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """What is asked, and the rest of the message, which may say what it is about."""

    asked: str
    around: str = ""


@dataclass(frozen=True, slots=True)
class SplitMessage:
    """A message as one question, and as several where it may be so."""

    whole: SubQuestion
    questions: tuple[SubQuestion, ...] = ()


def split_message(text: str, weights: Mapping[str, float], weight: Callable[[str], float]) -> SplitMessage:
    """A clean text taken apart. `weight`: how many words of the knowledge's vocabulary a text holds."""
    pieces = [_GREETING.sub("", s) or s for s in sentences(text)]
    pieces = [s for s in pieces if not _courteous(s)] or pieces
    asked = _asked(pieces, weights)
    around = " ".join(s for s in pieces if s not in asked)
    whole = SubQuestion(" ".join(asked), _short(around)) if asked else SubQuestion(_short(around))
    halves = [half for question in asked if "?" in question for half in _JOINED.split(question)]
    alone = [half for half in halves if weight(half) >= _ALONE][:MOST]
    if len(alone) < 2:
        return SplitMessage(whole)
    story = _short(" ".join([around, *(half for half in halves if half not in alone)]))
    return SplitMessage(whole, tuple(SubQuestion(half, story) for half in alone))


def _asked(pieces: Sequence[str], weights: Mapping[str, float]) -> list[str]:
    marked = [s for s in pieces if "?" in s]
    return marked or [s for s in pieces if len(pieces) > 1 and likeness(s, weights) >= 0.6]


def _courteous(sentence: str) -> bool:
    folded = fold(sentence)
    return bool(_COURTESY.match(folded)) and len(folded.split()) < 12 and "?" not in sentence


def _short(text: str) -> str:
    return " ".join(text.split()[:_STORY])


_POLITE = STOP_WORDS | frozenset(
    "accord beaucoup bien bientot bof bonne bonnes bravo clair continuation cool coucou desole excellent genial gentil "
    "grand hey impeccable interessant journee mille nickel nuit ok okay parfait plaisir precieux re reponse rien "
    "salutations soiree super top utile vite weekend yes "
    "bye cheers day evening good great helpful lot morning much nice perfect welcome".split()
)
_SHORT_COURTESY = 3  # words of a question that may still be courtesy: 'ça va ?'


def is_courtesy(text: str) -> bool:
    """Whether a message is nothing but courtesy, emojis or blanks: 'merci beaucoup, c'est parfait'."""
    said = tokens(fold(text[:LONGEST]))
    return all(token in _POLITE for token in said) and ("?" not in text or len(said) <= _SHORT_COURTESY)
