"""The figures of `!stats` in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.replies.markdown import code
from bot.replies.sentences import Sentences

SHOWN = 10  # entries that are named


@dataclass(frozen=True, slots=True)
class Judged:
    id: str
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last seven days: `answered`, `suggested`, `unknown`. `waiting`: open questions of this week, of this
    month, older."""

    answered: int
    suggested: int
    unknown: int
    judged: tuple[Judged, ...]
    doubtful: tuple[str, ...]
    unasked: tuple[str, ...]
    waiting: tuple[int, int, int]


class Numbers(Sentences):
    def stats(self, figures: Figures) -> str:
        week, month, older = figures.waiting
        judged = [self._say("stats_one", id=code(one.id), up=one.up, down=one.down) for one in figures.judged[:SHOWN]]
        rows = [
            self._say("stats_week", answered=figures.answered, suggested=figures.suggested, unknown=figures.unknown),
            self._say("stats_queue", total=sum(figures.waiting), week=week, month=month, older=older),
            self._say("stats_judged", entries=", ".join(judged)) if judged else "",
            self._say("stats_doubtful", entries=self._ids(figures.doubtful)) if figures.doubtful else "",
            self._say("stats_unasked", total=len(figures.unasked), entries=self._ids(figures.unasked))
            if figures.unasked
            else "",
        ]
        return self._bounded("\n".join(f"- {row}" for row in rows if row))

    def _ids(self, ids: Sequence[str]) -> str:
        shown = ", ".join(code(id) for id in ids[:SHOWN])
        return f"{shown}, …" if len(ids) > SHOWN else shown
