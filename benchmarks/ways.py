"""The ways that are compared: each makes a knowledge searchable, as somebody would who builds a bot on that library.

"Phrasings" are an entry's title and questions. Libraries are imported where they are used: what one way loads must
not count as the time or the memory of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.knowledge.models import Entry, Knowledge
from bot.matching import Match, SearchResult

Search = Callable[[str], SearchResult]
SNOWBALL = {"fr": "french", "en": "english"}
BEST = 5  # matches that are handed on
_NEAR = 25  # phrasings that are looked at: some belong to one entry
_BATCH = 256  # texts that are encoded together: the states of all their words are in memory


@dataclass(frozen=True, slots=True)
class Job:
    """What a way is given. `cache`: a folder to keep the encoder and embeddings in from one start to the next."""

    knowledge: Knowledge
    language: str = "fr"
    cache: Path | None = None
    learned: Path | None = None  # a folder of `left_out`: what ours learned instead of what is shipped


@dataclass(frozen=True, slots=True)
class Way:
    title: str
    build: Callable[[Job], Search]
    most: int = 100_000  # entries beyond which it is not tried
    ours: bool = False
    encodes: bool = False  # texts, by the sentence encoder, which is kept in the cache
    probable: bool = False  # its confidence claims to be a probability


def concierge(job: Job) -> Search:
    return _index(job, semantic=True)


def lexical(job: Job) -> Search:
    return _index(job, semantic=False)


def _index(job: Job, semantic: bool) -> Search:
    from bot.matching.encoder_folder import load_embeddings
    from bot.matching.index import Index

    embeddings = load_embeddings(None, job.cache) if semantic else None
    if not job.learned:
        return Index(job.knowledge, embeddings=embeddings).search
    from benchmarks import left_out

    table, embeddings = left_out.read(job.learned, embeddings, job.cache)
    return Index(job.knowledge, embeddings=embeddings, table=table).search


def nothing(job: Job) -> Search:
    """Python and the knowledge alone: what is there before any way begins."""
    return lambda text: SearchResult(text, (), 0.0)


def token_set_ratio(job: Job) -> Search:
    from rapidfuzz import fuzz, process, utils

    texts, owners = phrasings(job.knowledge)
    texts = list(map(utils.default_process, texts))

    def search(text: str) -> SearchResult:
        near = process.extract(utils.default_process(text), texts, scorer=fuzz.token_set_ratio, limit=_NEAR)
        return _found(text, ((owners[place], score / 100) for _, score, place in near))

    return search


def bm25(job: Job) -> Search:
    """Whole entries as documents, stop words left out, words stemmed."""
    import bm25s
    import Stemmer

    entries = list(job.knowledge.entries.values())
    stemmer, language = Stemmer.Stemmer(SNOWBALL[job.language]), SNOWBALL[job.language]

    def tokens(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords=language, stemmer=stemmer, show_progress=False)

    ranked = bm25s.BM25()
    ranked.index(tokens(list(map(everything, entries))), show_progress=False)
    most = min(BEST, len(entries))

    def search(text: str) -> SearchResult:
        places, scores = ranked.retrieve(tokens([text]), k=most, show_progress=False)
        return _found(text, ((entries[at], float(s)) for at, s in zip(places[0], scores[0], strict=True)))

    return search


def nearest_ngrams(job: Job) -> Search:
    from sklearn.neighbors import NearestNeighbors

    texts, owners = phrasings(job.knowledge)
    counts = _ngrams()
    near = NearestNeighbors(n_neighbors=min(_NEAR, len(texts)), metric="cosine").fit(counts.fit_transform(texts))

    def search(text: str) -> SearchResult:
        distances, places = near.kneighbors(counts.transform([text]))
        pairs = zip(places[0], distances[0], strict=True)
        return _found(text, ((owners[place], 1 - float(distance)) for place, distance in pairs))

    return search


def logistic_ngrams(job: Job) -> Search:
    from sklearn.linear_model import LogisticRegression

    texts, owners = phrasings(job.knowledge)
    entries, counts = job.knowledge.entries, _ngrams()
    model = LogisticRegression(C=20, max_iter=200, tol=1e-3)
    model.fit(counts.fit_transform(texts), [entry.id for entry in owners])

    def search(text: str) -> SearchResult:
        chances = model.predict_proba(counts.transform([text]))[0]
        best = chances.argsort()[::-1][:BEST]
        return _found(text, ((entries[model.classes_[at]], float(chances[at])) for at in best))

    return search


def _ngrams() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, strip_accents="unicode")


def encoder(job: Job) -> Search:
    """Raw cosines, as the model was published, and to be used: phrasings are asked as questions are."""
    import numpy as np

    from bot.encoder.e5_weights import E5Weights
    from bot.encoder.onnx_encoder import OnnxEncoder
    from bot.matching.encoder_folder import weights_file, write_folder

    texts, owners = phrasings(job.knowledge)
    file = weights_file()
    if file is None:
        raise RuntimeError("the package with the encoder's weights is not installed")
    with TemporaryDirectory() as folder:  # mapped files outlive their names
        write_folder(Path(folder), E5Weights.read(file, adapter={}))
        model = OnnxEncoder(Path(folder))

    def encoded(some: list[str]) -> Any:
        return np.array([one.vector for one in model.encode(some, "query")])

    vectors = np.concatenate([encoded(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)])

    def search(text: str) -> SearchResult:
        likeness = vectors @ encoded([text])[0]
        best = likeness.argsort()[::-1][:_NEAR]
        return _found(text, ((owners[place], float(likeness[place])) for place in best))

    return search


WAYS: dict[str, Way] = {
    "concierge": Way("**Concierge**", concierge, ours=True, encodes=True, probable=True),
    "lexical": Way("**Concierge**, `encoder: false`", lexical, ours=True, probable=True),
    "token-set": Way("rapidfuzz `token_set_ratio`", token_set_ratio),
    "bm25": Way("bm25s, whole entries", bm25),
    "nearest": Way("scikit-learn, n-grams, nearest phrasing", nearest_ngrams),
    "logistic": Way("scikit-learn, n-grams, logistic regression", logistic_ngrams, most=1_000, probable=True),
    "encoder": Way("E5 alone, nearest phrasing", encoder, encodes=True),
}
NOTHING = Way("Python and the knowledge alone", nothing)


def phrasings(knowledge: Knowledge) -> tuple[list[str], list[Entry]]:
    """All of them, and for each the entry that it belongs to."""
    asked = [(text, e) for e in knowledge.entries.values() for text in dict.fromkeys((e.title, *e.questions))]
    return [text for text, _ in asked], [entry for _, entry in asked]


def everything(entry: Entry) -> str:
    """All of an entry's text."""
    links = (link.title for link in entry.links)
    return "\n".join((entry.title, *entry.questions, *entry.keywords, entry.answer or "", *links))


def _found(text: str, scored: Iterable[tuple[Entry, float]]) -> SearchResult:
    """Best first; of an entry the best phrasing counts."""
    best: dict[str, Match] = {}
    for entry, score in scored:
        best.setdefault(entry.id, Match(entry.id, entry.title, score))
    return SearchResult(text, tuple(best.values())[:BEST], 1.0)
