"""Messages to learn the confidence from: each labelled set, and heaps of messages that nothing answers, measured."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import yaml

from bot.knowledge.models import Entry, Knowledge
from bot.matching.calibration import CalibrationTable
from bot.matching.corpus import Signals
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.matching.query import Query
from bot.matching.split import split_message
from bot.quality.evaluation import Labelled
from bot.reading.examples import messages as examples
from bot.text.folding import clean, fold
from bot.text.folding import words as stems
from bot.text.languages import STOP_WORDS
from training.pairs import read_pairs

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "concierge"
HERE = Path(__file__).parent
LEARNING = HERE / "learning"
MOST = 700  # questions of a set that are learned from
KNOWN, TOLD, SUBSTITUTED, CHAT = 100, 120, 200, 150  # messages of a set in these heaps
ORPHANS, FOREIGN, THIN, SMALL = 200, 20, 200, 20  # the same; `FOREIGN` of each other set, `SMALL` of each cut
NAMES = 30  # at most, of names alone, beside those of `KNOWN`
PEOPLE = ("pairs", "room")  # heaps of messages written for a set's entries
JUDGES = ("mairie", "ressourceries", "shipped", "shop")  # sets whose pairs and rooms judge, and are never learned from
CUTS = (3, 6, 12, 25) * 2  # entries that are drawn from each set, as small knowledge
ENGLISH = (
    *("clinc", "banking", "shop", "federation", "software", "transport", "garden", "astronomy", "mobile", "campus"),
    *("bike", "meal", "insurance", "assistant", "makerspace", "language"),
)
AMBIGUOUS = "ambiguous"  # kind of a question that several entries answer as well
GROUPS = {"clinc150-5shot": "clinc", "clinc150-50shot": "clinc"}  # two sizes of one set
NEIGHBOURS = (  # sets that answer some of each other's questions
    frozenset({"tierslieux", "shipped", "jeunesse", "ressourceries", "formation"}),
    frozenset({"formation", "universite", "mairie"}),
)


@dataclass
class Row:
    """A message on a knowledge base: its signals, and which entries are right."""

    index: Index
    query: Query
    signals: Signals
    question: float  # its probability of being one
    right: np.ndarray  # bool for each entry
    candidates: list[tuple[dict[str, float], bool]] = field(default_factory=list)
    judged: dict[str, float] | None = None  # features of the best candidate for the judge; None: it is not judged
    is_right: bool = False  # whether that candidate is


Sets = Mapping[str, Mapping[str, list[Row]]]
"""The rows of each set, by heap."""


@dataclass
class Set:
    name: str
    knowledge: Knowledge
    questions: list[Labelled]
    ambiguous: list[Labelled]

    @property
    def language(self) -> str:
        return "en" if self.name.startswith(ENGLISH) or self.name.endswith("-en") else "fr"


def read_knowledge(folder: Path) -> Knowledge:
    entries, synonyms = {}, []
    for file in sorted(folder.glob("*.yaml")):
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        synonyms += content.get("synonyms") or []
        for raw in content.get("entries") or []:
            entries[raw["id"]] = Entry.model_validate(raw)
    return Knowledge(entries, tuple(tuple(group) for group in synonyms))


def read_questions(file: Path, is_wanted: Callable[[str], bool] = lambda kind: True) -> list[Labelled]:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Labelled.read(line) for line in lines if is_wanted(line.get("kind", ""))]


def read_sets(folder: Path) -> dict[str, Set]:
    places = {one.name: (one / "knowledge", one) for one in sorted(folder.iterdir()) if (one / "knowledge").is_dir()}
    places["shipped"] = (HERE.parent / "knowledge", LEARNING / "shipped")
    labelled = {name: _read_set(name, knowledge, questions) for name, (knowledge, questions) in places.items()}
    return labelled | read_own_sets(LEARNING)


def read_own_sets(folder: Path) -> dict[str, Set]:
    """Return the sets whose two files lie side by side."""
    places = {file.parent.name: file.parent for file in sorted(folder.glob("*/knowledge.yaml"))}
    return {name: _read_set(name, place, place) for name, place in places.items()}


def _read_set(name: str, knowledge: Path, questions: Path) -> Set:
    file = questions / "questions.jsonl"
    ambiguous = read_questions(file, lambda kind: kind == AMBIGUOUS)
    return Set(name, read_knowledge(knowledge), read_questions(file, lambda kind: kind != AMBIGUOUS), ambiguous)


@dataclass
class Measuring:
    """The means of measuring, with or without the encoder."""

    table: CalibrationTable
    embeddings: EmbeddingCache | None
    unseen: Mapping[str, float]  # probability that an example asks, by a reading that has not seen it

    def rarity(self, word: str) -> float:
        """Return the information of a word, or a rough value from its length if the encoder does not give one."""
        known = self.embeddings.encoder.log_probability(word.lower()) if self.embeddings else 0.0
        return -known or float(len(word) + 4)

    def with_alignment(self, alignment: np.ndarray | None) -> Measuring:
        if not self.embeddings or alignment is None:
            return self
        space = replace(self.embeddings.space, alignment=alignment)
        return replace(self, embeddings=EmbeddingCache(self.embeddings.encoder, CACHE, space=space))

    def index(self, entries: Mapping[str, Entry], one: Set) -> Index:
        return Index(Knowledge(entries, one.knowledge.synonyms), embeddings=self.embeddings, table=self.table)

    def rows(self, index: Index, questions: Iterable[Labelled]) -> list[Row]:
        ids = {name: place for place, name in enumerate(index.knowledge.entries)}
        rows = []
        for question in questions:
            right = np.zeros(len(ids), bool)
            right[[ids[name] for name in question.expect if name in ids]] = True
            said = split_message(clean(question.text), index.reader, index.corpus.count_known).readings[0]
            query = index.corpus.query(said)
            if not query.is_empty:
                asks = self.unseen.get(question.text) or index.reader.asks(said.text, query.reading_vector)
                rows.append(Row(index, query, index.corpus.signals(query), asks, right))
        return rows


def written(folder: Path, heap: str) -> list[Labelled]:
    """Return the messages of a room, or both messages of each pair."""
    if heap == "pairs":
        pairs = read_pairs(folder)
        asked = [Labelled(pair.asked, frozenset([pair.entry])) for pair in pairs]
        return asked + [Labelled(pair.trap, frozenset()) for pair in pairs]
    file = folder / f"{heap}.jsonl"
    return read_questions(file) if file.exists() else []


def known(one: Set, chance: random.Random) -> list[Labelled]:
    """Return titles and phrasings word for word, whose topic is certain, and names alone: 'RS5142 ?'."""
    texts = [(text, name) for name, entry in one.knowledge.entries.items() for text in (entry.title, *entry.questions)]
    messages = [Labelled(text, frozenset({name})) for text, name in chance.sample(texts, min(KNOWN, len(texts)))]
    named: dict[str, set[str]] = {}
    for entry in one.knowledge.entries.values():
        for keyword in entry.keywords:
            if keyword != keyword.lower():
                named.setdefault(keyword, set()).add(entry.id)
    names = [
        Labelled(text + mark, frozenset(ids)) for text, ids in named.items() if len(ids) == 1 for mark in ("", " ?")
    ]
    return messages + chance.sample(names, min(NAMES, len(names)))


def told(one: Set, chance: random.Random) -> list[Labelled]:
    """Return chat and announcements made of the knowledge's own words: they match well, and ask nothing."""
    frames = [line.split("\t") for line in (LEARNING / "told.txt").read_text(encoding="utf-8").splitlines()]
    frames = [frame for frame in frames if frame[0] == one.language]
    messages: list[Labelled] = []
    while len(messages) < TOLD:
        entry = chance.choice(list(one.knowledge.entries.values()))
        words = re.findall(r"[^\W_]+", chance.choice([entry.title, *entry.questions, *entry.keywords]))
        words = [word for word in words if stems(fold(word))]
        if words:
            start = chance.randrange(len(words))
            a, b = " ".join(words[start : start + chance.choice((1, 2, 2, 3))]), chance.choice(words)
            messages.append(Labelled(chance.choice(frames)[1].format(a=a, b=b), frozenset()))
    return messages


def everyday(one: Set | None = None) -> list[Labelled]:
    """Return questions about anything: the weather, a recipe, a capital; none for clinc150, which has such itself."""
    lines = (LEARNING / "everyday.txt").read_text(encoding="utf-8").splitlines()
    skipped = one is not None and one.name.startswith("clinc")
    return [] if skipped else [Labelled(line.split("\t")[1], frozenset()) for line in lines]


def substituted(
    one: Set, others: Sequence[Set], rarity: Callable[[str], float], chance: random.Random
) -> list[Labelled]:
    """Return near misses: phrasings whose rarest one or two words are replaced by words of another field."""
    foreign = foreign_words(one, others, rarity)
    messages: list[Labelled] = []
    while len(messages) < SUBSTITUTED:
        entry = chance.choice(list(one.knowledge.entries.values()))
        if other := replaced(chance.choice(list(entry.questions) or [entry.title]), foreign, rarity, chance):
            messages.append(Labelled(other, frozenset()))
    return messages


def foreign_words(one: Set, others: Sequence[Set], rarity: Callable[[str], float]) -> list[str]:
    texts = [
        text for o in others if o.language == one.language for e in o.knowledge.entries.values() for text in e.questions
    ]
    texts += [question.text for question in everyday()]
    return [
        w for text in texts for w in re.findall(r"[^\W\d_]{4,}", text) if fold(w) not in STOP_WORDS and rarity(w) > 10
    ]


def replaced(text: str, foreign: Sequence[str], rarity: Callable[[str], float], chance: random.Random) -> str | None:
    """Return the text with its rarest one or two words replaced; None if it has no word to replace."""
    own = sorted(
        {w for w in re.findall(r"[^\W\d_]{3,}", text) if fold(w) not in STOP_WORDS}, key=lambda w: (-rarity(w), w)
    )
    for word in own[: chance.choice((1, 1, 2))]:
        text = re.sub(rf"\b{re.escape(word)}\b", chance.choice(foreign), text)
    return text if own else None


Heap = tuple[str, list[Row]]


def heaps_of(one: Set, others: Sequence[Set], way: Measuring) -> Iterator[Heap]:
    """Yield the heaps of a set; the first one has its questions on its knowledge."""
    chance, entries = random.Random(7), dict(one.knowledge.entries)  # noqa: S311
    whole = way.index(entries, one)
    chosen = chance.sample(one.questions, min(MOST, len(one.questions)))
    yield "own", way.rows(whole, chosen)
    yield from _of_the_whole(whole, one, others, way, chance)
    fewer = way.index(_two_thirds(entries, chance), one)
    yield "orphans", way.rows(fewer, _orphans(chosen, fewer)[:ORPHANS])
    for size in CUTS:
        yield from _of_few(min(size, len(entries)), one, way, chance)
    yield from _of_thin(chosen, one, way, chance)


def _of_the_whole(
    whole: Index, one: Set, others: Sequence[Set], way: Measuring, chance: random.Random
) -> Iterator[Heap]:
    yield "known", way.rows(whole, known(one, chance))
    meant = [Labelled(q.text, frozenset({chance.choice(sorted(q.expect))})) for q in one.ambiguous]
    yield AMBIGUOUS, way.rows(whole, meant)  # any of them may be meant: no entry is sure
    yield "told", way.rows(whole, told(one, chance))
    chat = [Labelled(e.text, frozenset()) for e in examples() if not e.asks]
    yield "chat", way.rows(whole, chance.sample(chat, CHAT))
    yield "everyday", way.rows(whole, everyday(one))
    strangers = [o for o in others if not any({one.name, o.name} <= some for some in NEIGHBOURS)]
    foreign = [q for o in strangers for q in chance.sample(o.questions, FOREIGN)]
    yield "foreign", way.rows(whole, [Labelled(q.text, frozenset()) for q in foreign])
    yield "substituted", way.rows(whole, substituted(one, others, way.rarity, chance))
    for heap in PEOPLE if one.name not in JUDGES else ():
        yield heap, way.rows(whole, written(LEARNING / one.name, heap))


def _of_few(size: int, one: Set, way: Measuring, chance: random.Random) -> Iterator[Heap]:
    few = way.index(dict(chance.sample(list(one.knowledge.entries.items()), size)), one)
    piles = {
        "small": [q for q in one.questions if q.expect & few.knowledge.entries.keys()],
        "small orphans": _orphans(one.questions, few),
        "small nothing": [q for q in one.questions if not q.expect],
        "small everyday": everyday(one),
    }
    for name, pile in piles.items():
        yield name, way.rows(few, chance.sample(pile, min(SMALL, len(pile))))


def _of_thin(chosen: Sequence[Labelled], one: Set, way: Measuring, chance: random.Random) -> Iterator[Heap]:
    thin = {
        name: entry.model_copy(update={"questions": (chance.choice(entry.questions or [entry.title]),)})
        for name, entry in one.knowledge.entries.items()
    }
    yield "thin", way.rows(way.index(thin, one), chosen[:THIN])
    thinner = way.index(_two_thirds(thin, chance), one)
    yield "thin orphans", way.rows(thinner, _orphans(chosen, thinner)[: THIN // 2])
    yield "thin everyday", way.rows(thinner, chance.sample(everyday(), THIN // 2))


def _two_thirds(entries: Mapping[str, Entry], chance: random.Random) -> dict[str, Entry]:
    return {name: entry for name, entry in entries.items() if chance.random() > 1 / 3}


def _orphans(questions: Iterable[Labelled], index: Index) -> list[Labelled]:
    """Return the questions whose entries the index lacks."""
    return [q for q in questions if q.expect and not q.expect & index.knowledge.entries.keys()]


def others_of(name: str, names: Iterable[str]) -> list[str]:
    """Return the names of the sets that are not of the same group."""
    return [other for other in names if GROUPS.get(other, other) != GROUPS.get(name, name)]
