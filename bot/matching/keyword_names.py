"""Names and acronyms among the keywords, as 'RS5142' or 'DU': a message that says nothing else means its entry."""

from collections.abc import Callable, Iterable, Sequence, Set
from itertools import chain

_MOST = 3  # entries that share a name, and can be offered together


class KeywordNames:
    """The names among the keywords of all entries; immutable once built."""

    def __init__(self, keywords: Sequence[Iterable[str]], stems: Callable[[str], Iterable[str]]) -> None:
        """`keywords`: of each entry; `stems`: of a text."""
        by_text = {text: frozenset(stems(text)) for text in chain.from_iterable(keywords)}
        names = {own for text, own in by_text.items() if own and text != text.lower()}
        self._places: dict[frozenset[str], set[int]] = {name: set() for name in names}
        for place, texts in enumerate(keywords):
            for name in {by_text[text] for text in texts} & names:
                self._places[name].add(place)

    def places(self, said: Set[str], barred: Set[int] = frozenset()) -> Set[int]:
        """Return the places of the entries whose name a message consists of, by its stems; none if it is no name.
        `barred`: places that do not count."""
        places = self._places.get(frozenset(said), set()) - barred
        return places if len(places) <= _MOST else set()

    def share(self, place: int, said: Set[str], barred: Set[int] = frozenset()) -> float:
        """Return the share of one entry among those of the name."""
        places = self.places(said, barred)
        return 1 / len(places) if place in places else 0.0
