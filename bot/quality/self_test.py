"""Self-test of the knowledge: searches for its own phrasings and `not_questions`. Pure.

Each phrasing is left out of its entry (`leave_one_out.py`): if it then finds another entry, so will a member who words
it a little differently.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from bot.knowledge.models import Entry, Origin
from bot.knowledge.yaml.problems import Problem
from bot.matching.decision import Answer, Thresholds, decide
from bot.matching.index import Index
from bot.quality.leave_one_out import LeaveOneOut, LeftOutRank
from bot.text.folding import fold, tokens

MOST = 3_000  # texts that are searched at most; of more, every n-th
AMONG = 3  # ranks that a member is offered: a phrasing below them is lost
TWIN = 0.91  # least similarity of two phrasings that say the same


class SelfTest:
    """Tests an index. `searched`: number of texts that are searched, of `total`; fewer only in large knowledge."""

    def __init__(self, index: Index, thresholds: Thresholds, most: int = MOST) -> None:
        self._index, self._thresholds = index, thresholds
        self.total = sum(len(_texts(entry)) for entry in index.entries)
        self._every = -(-self.total // most) or 1
        self.searched = -(-self.total // self._every)
        self._pairs: set[frozenset[str]] = set()  # a warning about one of a pair is not repeated for the other

    def run(self) -> Iterator[list[Problem]]:
        """Yield the warnings about each entry, in the order of entries."""
        numbers = count()
        for place, entry in enumerate(self._index.entries):
            wanted = {text for text in _texts(entry) if next(numbers) % self._every == 0}
            origin = self._index.knowledge.origins.get(entry.id)
            if origin is None:
                yield []
            else:
                yield [*self._phrasings(place, entry, origin, wanted), *self._not_questions(entry, origin, wanted)]

    def _phrasings(self, place: int, entry: Entry, origin: Origin, wanted: Collection[str]) -> Iterator[Problem]:
        own, phrasings = LeaveOneOut(self._index, place), self._index.corpus.phrasings
        ranks = [own.rank(number) for number in own.numbers if phrasings[number] in wanted]
        # The neighbour: the entry that half of the phrasings, and at least two, find when left out.
        rivals = Counter(one.rival for one in ranks if one.left_out > 1)
        rival, lost = next(iter(rivals.most_common(1)), ("", 0))
        if lost < max(2, len(ranks) / 2) or not self._meet(entry, rival):
            rival = ""
        elif self._is_new_pair(entry.id, rival):
            values = {"id": entry.id, "lost": lost, "all": len(ranks)} | self._other(rival, "")
            yield _warning(origin, ("title", 0), "neighbours", values)
        for one in ranks:
            key = _key(one, rival)
            other, text = (one.twin_of, one.twin) if key == "twin" else (one.rival, "")
            if key and self._meet(entry, other) and (key != "twin" or self._is_new_pair(one.text, one.twin)):
                values = {"text": one.text, "twin": one.twin} | self._other(other, text)
                yield _warning(origin, _where(entry, one.text), key, values)

    def _meet(self, entry: Entry, other: str) -> bool:
        """Whether both entries have precedence in the same places; between others, the place decides."""
        return entry.home == self._index.knowledge.entries[other].home

    def _is_new_pair(self, one: str, other: str) -> bool:
        pair = frozenset((one, other))
        is_new = pair not in self._pairs
        self._pairs.add(pair)
        return is_new

    def _not_questions(self, entry: Entry, origin: Origin, wanted: Collection[str]) -> Iterator[Problem]:
        """Warn of `not_questions` that are answered with their entry, addressed or overheard."""
        for number, text in enumerate(entry.not_questions):
            if text not in wanted:
                continue
            result = self._index.search(text)
            decisions = [decide(result, addressed, self._thresholds) for addressed in (True, False)]
            matches = (match for one in decisions if isinstance(one, Answer) for match in one.matches)
            if match := next((match for match in matches if match.id == entry.id), None):
                nearest = match.evidence.phrasing
                values = {"text": text, "nearest": nearest, "place": origin.at(*_where(entry, nearest))}
                yield _warning(origin, ("not_questions", number), "answered", values)

    def _other(self, id: str, text: str) -> dict[str, object]:
        entry, origin = self._index.knowledge.entries[id], self._index.knowledge.origins.get(id)
        return {"other": id, "place": origin.at(*_where(entry, text)) if origin else id}


def _texts(entry: Entry) -> list[str]:
    """Return phrasings, without the title, and `not_questions`."""
    return [text for text in dict.fromkeys((*entry.questions, *entry.not_questions)) if text != entry.title]


def _key(one: LeftOutRank, neighbour: str) -> str:
    if one.known > 1:
        return "nearer"
    if one.similarity >= TWIN and tokens(fold(one.text)) != tokens(fold(one.twin)):  # equal ones: a check of the files
        return "twin"
    return "lost" if one.left_out > AMONG and one.rival != neighbour else ""


def _where(entry: Entry, text: str) -> tuple[str, int]:
    return ("questions", entry.questions.index(text)) if text in entry.questions else ("title", 0)


def _warning(origin: Origin, where: tuple[str, int], key: str, values: Mapping[str, object]) -> Problem:
    return Problem(origin.file, origin.line_of(*where), key, values, warning=True)
