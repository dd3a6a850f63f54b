"""Splitting a message into its questions and their context, without greetings and thanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.languages import STOP_WORDS
from bot.matching.question import question_probability
from bot.matching.text import LONGEST, fold, sentences, tokens

MAX_QUESTIONS = 4  # of one message
_CONTEXT = 120  # words
_MIN_KNOWN = 2  # words of the knowledge that a question of its own contains
_QUESTION = 0.6  # probability from which on a sentence without a question mark is a question
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
    """A question, and the rest of the message as its context."""

    text: str
    context_text: str = ""


@dataclass(frozen=True, slots=True)
class SplitMessage:
    """A message as one question, and as several if it may be so."""

    whole: SubQuestion
    questions: tuple[SubQuestion, ...] = ()


def split_message(text: str, weights: Mapping[str, float], count_known: Callable[[str], float]) -> SplitMessage:
    """Of a clean text. `weights`: of the question model; `count_known`: number of a text's words in the knowledge."""
    pieces = [_GREETING.sub("", s) or s for s in sentences(text)]
    pieces = [s for s in pieces if not _is_courteous(s)] or pieces
    questions = _questions(pieces, weights)
    rest = " ".join(s for s in pieces if s not in questions)
    whole = SubQuestion(" ".join(questions), _clip(rest)) if questions else SubQuestion(_clip(rest))
    clauses = [clause for question in questions if "?" in question for clause in _JOINED.split(question)]
    complete = [clause for clause in clauses if count_known(clause) >= _MIN_KNOWN][:MAX_QUESTIONS]
    if len(complete) < 2:
        return SplitMessage(whole)
    context = _clip(" ".join([rest, *(clause for clause in clauses if clause not in complete)]))
    return SplitMessage(whole, tuple(SubQuestion(clause, context) for clause in complete))


def _questions(pieces: Sequence[str], weights: Mapping[str, float]) -> list[str]:
    marked = [s for s in pieces if "?" in s]
    return marked or [s for s in pieces if len(pieces) > 1 and question_probability(s, weights) >= _QUESTION]


def _is_courteous(sentence: str) -> bool:
    folded = fold(sentence)
    return bool(_COURTESY.match(folded)) and len(folded.split()) < 12 and "?" not in sentence


def _clip(text: str) -> str:
    return " ".join(text.split()[:_CONTEXT])


_POLITE = STOP_WORDS | frozenset(
    "accord beaucoup bien bientot bof bonne bonnes bravo clair continuation cool coucou desole excellent genial gentil "
    "grand hey impeccable interessant journee mille nickel nuit ok okay parfait plaisir precieux re reponse rien "
    "salutations soiree super top utile vite weekend yes "
    "bye cheers day evening good great helpful lot morning much nice perfect welcome".split()
)
_SHORT_COURTESY = 3  # words of a question that is courtesy: 'ça va ?'


def is_courtesy(text: str) -> bool:
    """Whether a message is nothing but courtesy, emojis or blanks: 'merci beaucoup, c'est parfait'."""
    folded = tokens(fold(text[:LONGEST]))
    return all(token in _POLITE for token in folded) and ("?" not in text or len(folded) <= _SHORT_COURTESY)
