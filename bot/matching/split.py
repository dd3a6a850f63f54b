"""Splitting a message into its questions and their context, without greetings and thanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.matching.question_model import question_probability
from bot.text.folding import LONGEST, fold, sentences, tokens
from bot.text.languages import STOP_WORDS

MAX_QUESTIONS = 4  # of one message
_LONG = 14  # words of a message that may tell a story around its question
_LEAST_LEFT = 2  # words of a question without what it excludes
_CONTEXT = 120  # words
_MIN_KNOWN = 2  # words of the knowledge that a question contains that stands for itself
_FEW_WORDS = 3  # of a question that may lack what it is about
_QUESTION = 0.6  # probability from which on a sentence without a question mark is a question
_COURTESY = re.compile(
    r"^(?:(?:re)?bonjour|bonsoir|salut|coucou|bjr|bsr|slt|hello|hi|hey|(?:un grand |mille )?mercis?|thanks|thank you|"
    r"en vous remerciant|"
    r"(?:bien )?cordialement|bonne (?:journee|soiree|continuation)|bien a vous|best regards|cheers|a bientot)\b"
)
_OPENING = re.compile(  # what a sentence begins with that is not its matter; something must follow
    r"^(?:(?:re)?(?:bonjour|bonsoir|salut|coucou|bjr|bsr|slt|hello|hi|hey)\b"
    r"(?:\s+(?:(?:à|a)\s+)?(?:toutes|tous|tout|le monde|la communauté|les ami\w+|et|all|there|everyone|everybody)\b)*"
    r"\s*[,!.:]*\s*)?"
    r"(?:(?:et sinon|sinon|(?:(?:et )?au fait|du coup)(?! d[eu'’])|euh+|dis(?:[- ]moi| donc)?|dites(?:[- ]moi)?|"
    r"by the way|(?:(?:non|pardon|désolée?|en fait|mais),? )*(?:je voulais dire|je parlais d(?:e la|es|u|e)|i meant)|"
    r"(?:j['’]ai )?(?:une )?petite question|(?:une )?(?:(?:dernière|derniere|autre) )?question(?=\s*[:,])|"
    r"ma question c['’]est|quick question|"
    r"(?:est[- ]ce que )?(?:tu|vous) (?:peux|pouvez|pourrais|pourriez|saurais|sauriez)(?: pas)? m(?:e |['’])"
    r"(?:dire|expliquer|indiquer))\b\s*[,!.:]*\s+(?=\w))*",
    re.IGNORECASE,
)
_ASKING = (  # how a question begins
    r"(?:à |de |pour |d['’]|par )?(?:comment|quel(?:le)?s?|où|combien|pourquoi|quand|qui|c['’ ]est quoi|c (?:quoi|koi)|"
    r"est[- ]ce|qu['’ ]est|peut[- ]on|puis[- ]je|faut[- ]il|(?:il )?y a|ya|how|what|where|when|who|why|can|is|do|"
    r"does)\b"
)
_AND = r"(?:et|and|ou alors|sinon|et puis|et sinon|et aussi)"
_JOINED = re.compile(rf"(?<!\s)(?:\s*+[,;])?\s++{_AND}\s++(?={_ASKING})", re.IGNORECASE)
_ASKS_ON = re.compile(rf"^{_AND}\s++{_ASKING}", re.IGNORECASE)
_ASKS = re.compile(rf"^{_ASKING}", re.IGNORECASE)


_EXCLUDING = re.compile(
    r"\b(?:(?:mis )?(?:à|a) part(?! enti)|en dehors (?:des?|du|d['’])|hormis|except for|excepté?e?s?|"
    r"sauf(?! (?:erreur|si|qu))|autres? que|other than|apart from|aside from|besides|"
    r"(?:autres?|other) (?=\w+ (?:que|qu|than)\b)(\w+) (?:que|qu['’]|than))\b\s*",
    re.IGNORECASE,
)
_EXCLUDED = re.compile(  # up to a sign, or the word that begins the question
    r"(?:(?!(?:qui|que|quoi|quel(?:le)?s?|où|ou|comment|combien|y a|est-ce|existe|il existe|vous|tu|on|je|j|what|who|"
    r"which|where|is|are|do|does)\b)[^\s,;:.?!()]+\s*){1,8}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """A question, the rest of the message as its context, and what it names as known already: 'à part la …'."""

    text: str
    context_text: str = ""
    excluded: str = ""
    story: str = ""  # the whole message, which the encoder reads as the context instead

    @property
    def encoded_context(self) -> str:
        return self.story or self.context_text


@dataclass(frozen=True, slots=True)
class SplitMessage:
    """A message taken apart, without its courtesies.

    `question`: what it asks, the rest as its context. `readings`: what is searched for, all of it first; of a long
    post its likeliest question too. `parts`: its questions, if it may ask several.
    """

    question: SubQuestion
    readings: tuple[SubQuestion, ...]
    parts: tuple[SubQuestion, ...] = ()


def split_message(text: str, weights: Mapping[str, float], count_known: Callable[[str], float]) -> SplitMessage:
    """Of a clean text. `weights`: of the question model; `count_known`: number of a text's words in the knowledge."""
    text, excluded = _without_excluded(text)
    message = _split(text, weights, count_known)
    if not excluded:
        return message
    readings, parts = (
        tuple(replace(one, excluded=excluded) for one in some) for some in (message.readings, message.parts)
    )
    return SplitMessage(replace(message.question, excluded=excluded), readings, parts)


def _without_excluded(text: str) -> tuple[str, str]:
    """A text without what it excludes, and that: what is left must still say something."""
    begin = _EXCLUDING.search(text)
    end = _EXCLUDED.match(text, begin.end()) if begin else None
    if not (begin and end):
        return text, ""
    kept = (text[: begin.start()].rstrip(" ,"), begin[1] or "", text[end.end() :].lstrip(" ,"))
    rest = " ".join(filter(None, kept))
    return (rest, end[0].strip()) if len(tokens(fold(rest))) >= _LEAST_LEFT else (text, "")


def _split(text: str, weights: Mapping[str, float], count_known: Callable[[str], float]) -> SplitMessage:
    pieces = [_OPENING.sub("", s) or s for s in sentences(text)]
    pieces = [s for s in pieces if not _is_courteous(s)] or pieces
    asks = cache(lambda piece: question_probability(piece, weights))
    questions = _questions(pieces, asks)
    rest = " ".join(s for s in pieces if s not in questions)
    question = SubQuestion(" ".join(questions), _clip(rest)) if questions else SubQuestion(_clip(rest))
    whole = SubQuestion(" ".join(pieces))
    asked = questions if any("?" in s for s in pieces) else [s for s in pieces if _ASKS.match(s)]
    clauses = [clause for question in asked for clause in _JOINED.split(question)]
    known = {clause: count for clause in clauses if (count := count_known(clause))}
    is_short = len(whole.text.split()) < _LONG
    if len(known) < 2 or (max(known.values()) < _MIN_KNOWN and not is_short):
        return SplitMessage(question, (whole, *_likeliest(pieces, whole.text, asks, count_known)))
    left = [*(s for s in pieces if s not in asked), *(clause for clause in clauses if clause not in known)]
    return SplitMessage(question, (whole,), tuple(_parts(known, left)))


def _parts(known: Mapping[str, float], left: Sequence[str]) -> Iterator[SubQuestion]:
    """`known`: clauses, each with the number of its words in the knowledge. One that says little by itself ('et combien
    ça coûte ?') is read with those before it; one of a few words ('quel tarif') with all others."""
    clauses = list(known)[:MAX_QUESTIONS]
    for at, clause in enumerate(clauses):
        end = at if len(clause.split()) > _FEW_WORDS else len(clauses)
        others = [other for other in clauses[:end] if other != clause] if known[clause] < _MIN_KNOWN else []
        yield SubQuestion(clause, _clip(" ".join([*left, *others])))


def _likeliest(
    pieces: Sequence[str], story: str, asks: Callable[[str], float], count_known: Callable[[str], float]
) -> tuple[SubQuestion, ...]:
    """Of a long post the sentence that may best be its question, in its story."""
    known = [piece for piece in pieces if count_known(piece) >= _MIN_KNOWN]
    if len(pieces) < 2 or not known or sum(len(piece.split()) for piece in pieces) < _LONG:
        return ()
    best = max(known, key=asks)
    return (SubQuestion(best, _clip(" ".join(p for p in pieces if p != best)), story=story),)


def _questions(pieces: Sequence[str], asks: Callable[[str], float]) -> list[str]:
    if any("?" in s for s in pieces):
        return [s for s in pieces if "?" in s or _ASKS_ON.match(s)]
    return [s for s in pieces if len(pieces) > 1 and asks(s) >= _QUESTION]


def _is_courteous(sentence: str) -> bool:
    folded = fold(sentence)
    return bool(_COURTESY.match(folded)) and len(folded.split()) < 12 and "?" not in sentence


def _clip(text: str) -> str:
    return " ".join(text.split()[:_CONTEXT])


_POLITE = STOP_WORDS | frozenset(
    "accord beaucoup bien bientot bof bon bonne bonnes bravo clair continuation cool coucou desole excellent genial "
    "gentil grand haha hey hihi impeccable interessant journee lol mdr mille nickel nuit ok okay parfait plaisir "
    "precieux ptdr re reponse rien salutations soiree super top utile vite weekend yes "
    "bye cheers day evening good great helpful lot morning much nice perfect welcome".split()
)
_SHORT_COURTESY = 3  # words of a question that is courtesy: 'ça va ?'


def is_courtesy(text: str) -> bool:
    """Whether a message is nothing but courtesy, emojis or blanks: 'merci beaucoup, c'est parfait'."""
    return says_small_words(text) and ("?" not in text or len(tokens(fold(text))) <= _SHORT_COURTESY)


def says_small_words(text: str) -> bool:
    """Whether it has no other words than those that say nothing by themselves."""
    words = tokens(fold(text[:LONGEST]))  # none in other alphabets
    return all(word in _POLITE for word in words) and (bool(words) or not any(map(str.isalpha, text)))
