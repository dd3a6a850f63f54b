"""Spelling correction of a question's unknown words: towards the words of the knowledge, run-together words included,
else towards usual words (`typos.py`).

Jaro-Winkler similarity (Winkler 1990) finds candidates, Damerau-Levenshtein distance decides. Words are compared, never
sentences: any shared word would make those similar.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from bot.matching.typos import shipped_typos
from bot.text.accents import bare
from bot.text.folding import PreparedText, fold, stem, tokens
from bot.text.languages import STOP_WORDS

_MIN_LENGTH = 4  # letters; shorter words differ from those of the knowledge by chance
_MIN_TYPED = 3  # letters of a typo
_MIN_SIMILARITY = 0.84  # Jaro-Winkler
_LONG, _LONGER = 8, 10  # letters from which on one, or two, may be wrong
_MAX_PARTICLE = 2  # letters of a word that is never run together with another
_MAX_CORRECTED = 8  # words of a question
_MAX_CANDIDATES = 8
_SPELLED = re.compile(rf"[^\W\d_]{{{_MIN_TYPED},}}")


class WordCounts:
    """Frequencies in the knowledge: of words (folded), of their spellings, and of pairs of adjacent words."""

    def __init__(self) -> None:
        self.words, self.spellings, self.pairs = Counter[str](), Counter[str](), Counter[str]()

    def count(self, texts: Sequence[PreparedText]) -> None:
        folded = [text.line.split() for text in texts]
        self.words.update(chain.from_iterable(folded))
        self.spellings.update(_SPELLED.findall("\n".join(text.plain for text in texts).lower()))
        pairs = chain.from_iterable(map(pairwise, folded))
        self.pairs.update([f"{a} {b}" for a, b in pairs if len(a) > _MAX_PARTICLE < len(b)])


class Vocabulary:
    """The words of the knowledge, folded, each with its most frequent spelling."""

    def __init__(self, counts: WordCounts) -> None:
        self._words, self._pairs, self._counted = counts.words, counts.pairs, counts.spellings
        self._stems = frozenset(map(stem, self._words))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """The most frequent spelling of each word; made, as the candidates are, when first somebody mistypes."""
        best: dict[str, tuple[int, str]] = {}
        for word, times in self._counted.items():
            plain = bare(word)
            best[plain] = max(best.get(plain, (0, "")), (times, word))  # on a tie the one with an accent
        return {plain: word for plain, (_, word) in best.items()}

    @cached_property
    def _candidates(self) -> dict[tuple[str, int], list[str]]:
        """The words that a typo may stand for, by first letter and length."""
        found: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self._words:
            if len(word) >= _MIN_LENGTH and word.isalpha() and word not in STOP_WORDS:
                found[word[0], len(word)].append(word)
        return dict(found)

    def __contains__(self, word: str) -> bool:
        return word in self._words or word in STOP_WORDS or stem(word) in self._stems

    def correct(self, text: str, is_common: Callable[[str], bool]) -> dict[str, str]:
        """Return the typos of a clean text, folded, each with the known word, or two words, it stands for.

        `is_common`: tells whether a spelling is a common word of some language, and so no typo.
        """
        spelled = {bare(word): word for word in _SPELLED.findall(text.lower())}
        typed = [word for word in dict.fromkeys(tokens(fold(text))) if len(word) >= _MIN_TYPED and word.isalpha()]
        unknown = [word for word in typed if word not in self and not is_common(spelled.get(word, word))]
        corrections = {word: self._nearest(word) or _usual(word) for word in unknown[:_MAX_CORRECTED]}
        return {word: known for word, known in corrections.items() if known}

    def _nearest(self, word: str) -> str | None:
        if len(word) < _MIN_LENGTH:
            return None
        cuts = range(_MAX_PARTICLE + 1, len(word) - _MAX_PARTICLE)
        pairs = (f"{word[:cut]} {word[cut:]}" for cut in cuts)  # adjacent words of the knowledge, run together in this
        if pair := max(filter(self._pairs.get, pairs), key=self._pairs.__getitem__, default=None):
            return pair
        slips = 1 if len(word) < _LONGER else 2  # of length too; the first letter is taken to be right
        lengths = range(len(word) - slips, len(word) + slips + 1)
        candidates = [known for length in lengths for known in self._candidates.get((word[0], length), ())]
        near = process.extract(
            word, candidates, scorer=JaroWinkler.similarity, score_cutoff=_MIN_SIMILARITY, limit=_MAX_CANDIDATES
        )
        ranked = sorted((DamerauLevenshtein.distance(word, known), -score, known) for known, score, _ in near)
        return next((known for distance, _, known in ranked if distance <= _max_distance(word, known)), None)

    def rewrite(self, text: str, corrections: Mapping[str, str]) -> str:
        """Return a clean text with its typos corrected, for the encoder."""

        def corrected(match: re.Match[str]) -> str:
            known = corrections.get(bare(match[0].lower()))
            return (
                " ".join(self._spellings.get(part) or shipped_typos().spelled(part) for part in known.split())
                if known
                else match[0]
            )

        return _SPELLED.sub(corrected, text) if corrections else text


def _usual(word: str) -> str | None:
    typos = shipped_typos()
    return None if word in typos else typos.meant(word)


def _max_distance(word: str, known: str) -> int:
    """Return the number of edits allowed; a replaced letter makes a short word another word of the language."""
    is_strict = len(word) == _MIN_LENGTH or (len(word) < _LONG and len(word) == len(known))
    if is_strict and sorted(word) != sorted(known):
        return 0
    return 1 if len(word) < _LONGER else 2
