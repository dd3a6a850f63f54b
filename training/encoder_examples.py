"""Training examples of the encoder: texts of `training/sets`, drawn at random."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.encoder.tokenizer import Tokenizer
from bot.matching.documents import document
from bot.text.folding import clean
from bot.text.shorthands import expand
from training.learning_heaps import HERE, Set, foreign_words, read_own_sets, replaced

FOLDER = HERE / "sets"
MISSPELLED = 0.3  # of the questions; half as many of the phrasings
TOKENS = {"query": 64, "passage": 96}  # of a text; the rest is cut off


@dataclass(frozen=True, slots=True)
class Example:
    """Texts of one entry.

    `also`: places of all entries that the question is meant for; `missed`: a similar text that it does not answer.
    """

    place: int
    question: str
    phrasing: str
    also: frozenset[int]
    missed: str | None


class Examples:
    """The examples of one set, drawn at random."""

    def __init__(
        self,
        one: Set,
        missed: Sequence[tuple[str, str]],
        others: Sequence[Set],
        tokens: Tokens,
        chance: random.Random,
    ) -> None:
        """`missed`: texts, each with the entry that it resembles."""
        self._chance, self._tokens = chance, tokens
        self.entries = list(one.knowledge.entries.values())
        places = {entry.id: place for place, entry in enumerate(self.entries)}
        self._questions: dict[int, list[tuple[str, frozenset[int]]]] = {}
        for question in one.questions:
            meant = frozenset(places[name] for name in question.expect)
            for place in meant:
                self._questions.setdefault(place, []).append((clean(question.text), meant))
        self._missed: dict[int, list[str]] = {}
        for text, near in missed:
            self._missed.setdefault(places[near], []).append(clean(text))
        self._foreign = foreign_words(one, others, tokens.rarity)
        self.documents = [tokens.of(document(entry), "passage") for entry in self.entries]
        self.likeness = np.eye(len(self.entries), dtype=np.float32)

    def some(self, most: int) -> list[Example]:
        """Draw entries, half of which are the nearest ones to one of them."""
        asked = sorted(self._questions)
        first = self._chance.choice(asked)
        near = sorted(asked, key=lambda place: -self.likeness[first, place])[: most // 2]
        rest = [place for place in asked if place not in near]
        return [self._example(place) for place in near + self._chance.sample(rest, min(len(rest), most - len(near)))]

    def _example(self, place: int) -> Example:
        question, also = self._chance.choice(self._questions[place])
        entry = self.entries[place]
        missed = self._chance.choice(self._missed.get(place, [None]))
        return Example(place, question, clean(self._chance.choice([entry.title, *entry.questions])), also, missed)

    def tokens(self, text: str, misspelled: float) -> list[int]:
        text = expand(text)
        return self._tokens.of(misspell(text, self._chance) if self._chance.random() < misspelled else text, "query")

    def replaced(self, text: str) -> list[int] | None:
        other = replaced(text, self._foreign, self._tokens.rarity, self._chance)
        return self._tokens.of(expand(other), "query") if other else None


class Tokens:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.begin, self.end, self.padding = tokenizer.marks

    def of(self, text: str, kind: str) -> list[int]:
        numbers = [number for _, number in self._tokenizer.tokens(f"{kind}: {text}")]
        return [self.begin, *numbers[: TOKENS[kind] - 2], self.end]

    def skipped(self, kind: str) -> int:
        """Count the tokens before the text itself."""
        return 1 + len(self._tokenizer.tokens(f"{kind}: "))

    def rarity(self, word: str) -> float:
        return -self._tokenizer.log_probability(word.lower())


def misspell(text: str, chance: random.Random) -> str:
    """Misspell a text as on a phone: a letter missing, doubled, exchanged or wrong, no accents, no capitals."""
    words = text.split()
    for _ in range(chance.choice((1, 1, 2, 2, 3))):
        at = chance.randrange(len(words))
        words = chance.choice((_plain, _small, _mistyped, _mistyped, _mistyped, _mistyped))(words, at, chance)
    return " ".join(words)


def _plain(words: list[str], at: int, chance: random.Random) -> list[str]:
    return ["".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) for word in words]


def _small(words: list[str], at: int, chance: random.Random) -> list[str]:
    return [word.lower() for word in [*words[:-1], words[-1].rstrip("?!.") or words[-1]]]


def _mistyped(words: list[str], at: int, chance: random.Random) -> list[str]:
    word = words[at]
    if len(word) < 4:
        return words
    letter = chance.randrange(1, len(word) - 1)
    start, here, end = word[:letter], word[letter], word[letter + 1 :]
    ways = (
        start + end,
        start + end[0] + here + end[1:],
        start + here + here + end,
        start + chance.choice("aeiorstnl") + end,
    )
    return [*words[:at], chance.choice(ways), *words[at + 1 :]]


def read_examples(tokens: Tokens, chance: random.Random) -> list[Examples]:
    sets = read_own_sets(FOLDER)
    return [
        Examples(
            one, read_missed(FOLDER / name), [other for other in sets.values() if other is not one], tokens, chance
        )
        for name, one in sets.items()
    ]


def read_missed(folder: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in (folder / "missed.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(line["text"], line["near"]) for line in lines]
