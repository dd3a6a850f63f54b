"""What is left of one knowledge in the next: only the rest is counted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.knowledge import Entry
from bot.matching.arrays import Numbers
from bot.matching.texts import phrasings


@dataclass(frozen=True, slots=True)
class Changes:
    """`entries` and `phrasings`: the new place of each old one, -1 where it is gone; `gone` and `new` are places."""

    entries: Numbers
    phrasings: Numbers
    gone: list[int]
    new: list[int]

    @classmethod
    def between(cls, old: Sequence[Entry], new: Sequence[Entry]) -> Changes:
        places = {entry.id: place for place, entry in enumerate(new)}
        found = [_place(entry, new, places) for entry in old]
        firsts = np.cumsum([0, *(len(phrasings(entry)) for entry in new)])
        texts = [
            place if place < 0 else int(firsts[place]) + number
            for entry, place in zip(old, found, strict=True)
            for number in range(len(phrasings(entry)))
        ]
        return cls(
            np.array(found, np.int64),
            np.array(texts, np.int64),
            [place for place, now in enumerate(found) if now < 0],
            sorted(set(range(len(new))) - set(found)),
        )


def _place(entry: Entry, new: Sequence[Entry], places: dict[str, int]) -> int:
    place = places.get(entry.id, -1)
    return place if place >= 0 and (new[place] is entry or new[place] == entry) else -1
