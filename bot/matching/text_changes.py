"""The difference between the texts of two versions of the knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.arrays import Numbers
from bot.matching.entry_texts import EntryTexts


@dataclass(frozen=True, slots=True)
class TextChanges:
    """`entries` and `phrasings`: new place of each old one, -1 if it is gone. `gone`: old places; `new`: new places."""

    entries: Numbers
    phrasings: Numbers
    gone: list[int]
    new: list[int]

    @classmethod
    def between(cls, old: Sequence[EntryTexts], new: Sequence[EntryTexts]) -> TextChanges:
        places = {one.id: place for place, one in enumerate(new)}
        moves = [_place(one, new, places) for one in old]
        firsts = np.cumsum([0, *(one.phrasings for one in new)])
        texts = [
            place if place < 0 else int(firsts[place]) + number
            for one, place in zip(old, moves, strict=True)
            for number in range(one.phrasings)
        ]
        return cls(
            np.array(moves, np.int64),
            np.array(texts, np.int64),
            [place for place, now in enumerate(moves) if now < 0],
            sorted(set(range(len(new))) - set(moves)),
        )

    def __bool__(self) -> bool:
        return bool(self.gone or self.new)


def _place(one: EntryTexts, new: Sequence[EntryTexts], places: dict[str, int]) -> int:
    place = places.get(one.id, -1)
    return place if place >= 0 and (new[place] is one or new[place] == one) else -1
