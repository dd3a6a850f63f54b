"""Splits a message into its questions and their context, and strips its clothes (see `reading/clothes.py`)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.reading.read import Reader
from bot.text.folding import fold, sentences, tokens, unshouted

MAX_QUESTIONS = 4  # of one message
_LONG = 14  # words of a message that may tell a story around its question
_CONTEXT = 120  # words
_MIN_KNOWN = 2  # words of the knowledge that a question contains that stands for itself
_FEW_WORDS = 3  # of a question that may lack what it is about
_ASKS = 0.6  # probability from which on a sentence is a question
_ASKS_MARKED = 0.1  # the same with a question mark
_ASKS_JOINED = 0.5  # the same of each question that a sentence joins
_LEAST_LEFT = 2  # words of a question without what it excludes
_NUMBER = re.compile(r"(?:^|(?<=\s))(\d)\s?(?:[).:/-]|°)\s*(?=\D)")  # what numbers a question: '1) … 2) …'
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
    """A question, the rest of the message as its context, and what it excludes as known already: 'à part la …'."""

    text: str
    context_text: str = ""
    excluded: str = ""
    story: str = ""  # the whole message, which the encoder reads as the context instead


@dataclass(frozen=True, slots=True)
class SplitMessage:
    """A message taken apart, undressed.

    `question`: what it asks, the rest as its context. `readings`: what is searched for, all of it first; of a long
    post its likeliest question too. `parts`: its questions, if it may ask several.
    """

    question: SubQuestion
    readings: tuple[SubQuestion, ...]
    parts: tuple[SubQuestion, ...] = ()


def split_message(text: str, reader: Reader, count_known: Callable[[str], float]) -> SplitMessage:
    """Split a clean text. `count_known`: counts the words of a text that the knowledge has."""
    text, excluded = _without_excluded(text)
    pieces, questions = _pieces(text, reader, count_known)
    rest = [piece for piece in pieces if piece not in questions]
    question = SubQuestion(" ".join(questions or pieces), _clip(rest) if questions else "", excluded)
    whole = SubQuestion(" ".join(pieces), excluded=excluded)
    is_short = len(whole.text.split()) < _LONG
    clauses: list[str] = []  # the questions that each sentence joins; the sentence itself if not all of them ask
    for asked in questions:
        joined = reader.clauses(asked)
        clauses += joined if all(reader.inquires(clause) >= _ASKS_JOINED for clause in joined) else [asked]
    known = {clause: count for clause in clauses if (count := count_known(clause))}
    if len(known) < 2 or (max(known.values()) < _MIN_KNOWN and not is_short):
        likely = [piece for piece in pieces if count_known(piece) >= _MIN_KNOWN]
        if is_short or len(pieces) < 2 or not likely:
            return SplitMessage(question, (whole,))
        best = max(likely, key=reader.asks)
        told = _clip(piece for piece in pieces if piece != best)
        return SplitMessage(question, (whole, SubQuestion(best, told, excluded, story=whole.text)))
    # A part that says little by itself ('et combien ça coûte ?') is read with those before it; one of a few words
    # ('quel tarif') with all.
    left = [*rest, *(clause for clause in clauses if clause not in known)]
    first, parts = list(known)[:MAX_QUESTIONS], list[SubQuestion]()
    for at, clause in enumerate(first):
        end = at if len(clause.split()) > _FEW_WORDS else len(first)
        others = [other for other in first[:end] if other != clause] if known[clause] < _MIN_KNOWN else []
        parts.append(SubQuestion(clause, _clip([*left, *others]), excluded))
    return SplitMessage(question, (whole,), tuple(parts))


def _without_excluded(text: str) -> tuple[str, str]:
    """Return a text without what it excludes, and what it excludes; nothing is cut if too little would be left."""
    begin = _EXCLUDING.search(text)
    end = _EXCLUDED.match(text, begin.end()) if begin else None
    if not (begin and end):
        return text, ""
    kept = (text[: begin.start()].rstrip(" ,"), begin[1] or "", text[end.end() :].lstrip(" ,"))
    rest = " ".join(filter(None, kept))
    return (rest, end[0].strip()) if len(tokens(fold(rest))) >= _LEAST_LEFT else (text, "")


def _pieces(text: str, reader: Reader, count_known: Callable[[str], float]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the sentences of a text, undressed, and those that ask. What is numbered 1, 2 … asks, each item as a
    whole. Clothes that the knowledge has words for are kept."""
    text = "\n".join(map(unshouted, text.split("\n")))
    marks: list[re.Match[str]] = []
    for mark in _NUMBER.finditer(text):
        if int(mark[1]) == len(marks) + 1:
            marks.append(mark)
    if len(marks) < 2:
        marks = []
    ends = [*(mark.start() for mark in marks), len(text)]
    numbered = [text[mark.end() : end] for mark, end in zip(marks, ends[1:], strict=True)]
    undressed = []
    for part in (text[: ends[0]], *(item for item in numbered if any(map(str.isalnum, item)))):
        bare = reader.undress(part)
        undressed.append(sentences(part if count_known(part) - count_known(bare) >= _MIN_KNOWN else bare))
    told, items = undressed[0], [" ".join(item) for item in undressed[1:]]
    pieces = [*told, *items]
    asking = (piece for piece in pieces if reader.inquires(piece) >= (_ASKS_MARKED if "?" in piece else _ASKS))
    return pieces, items or list(asking)


def _clip(pieces: Iterable[str]) -> str:
    return " ".join(" ".join(pieces).split()[:_CONTEXT])
