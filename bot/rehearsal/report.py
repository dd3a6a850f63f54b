"""Report of a replay as one HTML file: figures, plots, answers to judge and open questions.

It needs no server and no network.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from bot.conversation.moderation.reports import group_gaps
from bot.conversation.question_queue import NEAR
from bot.knowledge.models import Entry
from bot.locale import Wording
from bot.matching.decision import Thresholds
from bot.matching.index import Index
from bot.messages import Skipped
from bot.pages.rendered import ASSETS, encoded
from bot.pages.templates import Templates
from bot.rehearsal.tally import AnswerCandidate, ConfidenceBand, Tally, bands, chance

PROMISES = {"overheard": 0.95, "confident": 0.90}
"""The precision that each limit of the settings promises."""
LOWEST = 0.5  # least limit proposed; an answer below it is more likely wrong than right
ENTRIES = 20  # of the plot and table by entry
LEAST_SURE = 15  # answers to read
GAPS = 200  # groups of open questions that are shown
PlotData = tuple[Sequence[str], Sequence[tuple[str, str, Sequence[int]]]]
"""Labels of the bars, and label, look and values of each series."""
_SCRIPT = Path(__file__).with_name("report.js")


JudgedCard = tuple[str, Entry, Sequence[tuple[int, AnswerCandidate]]]
"""A text and its entry, to be judged with one click for one or both ways of hearing it, each with the number of its
band."""


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """The report. `skipped`: messages left out, by reason; `per_hour`: overheard answers that the settings allow."""

    tally: Tally
    index: Index
    limits: Thresholds
    skipped: Mapping[Skipped, int]
    per_hour: int

    def render(self, templates: Templates) -> bytes:
        filled, entries = bands(self.tally.candidates()), self.index.knowledge.entries
        cards = self._cards(filled)

        def nearest(text: str) -> str | None:
            verdict = self.tally.verdicts.get(text)
            return verdict.entry if verdict and verdict.confidence >= NEAR else None

        gaps = group_gaps(self.index, self.tally.open_questions(), nearest)
        style, script = (ASSETS / "style.css").read_text(encoding="utf-8"), _SCRIPT.read_text(encoding="utf-8")
        return encoded(
            templates.render(
                "rehearsal.html",
                "rehearsal",
                tally=self.tally,
                limits=self.limits,
                skipped=self.skipped,
                per_hour=self.per_hour,
                plots=self._plots(templates.words),
                entries=[(entries[id], heard, called) for id, heard, called in self.tally.by_entry()[:ENTRIES]],
                cards=cards,
                least_sure=[
                    (way, [(one, entries[one.entry]) for one in self.tally.least_sure(way == "addressed", LEAST_SURE)])
                    for way in ("overheard", "addressed")
                ],
                gaps=[(gap, entries.get(gap.id)) for gap in gaps[:GAPS]],
                more_gaps=len(gaps[GAPS:]),
                data=self._data(cards, filled, templates.words),
                style=Markup(style),  # noqa: S704
                script=Markup(script),  # noqa: S704
                policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:",
            )
        )

    def _cards(self, filled: Sequence[ConfidenceBand]) -> list[JudgedCard]:
        """Return the cards in random order: whoever stops early has judged a random sample."""
        draws: dict[str, list[tuple[int, AnswerCandidate]]] = {}
        for number, band in enumerate(filled):
            for one in band.drawn:
                draws.setdefault(one.text, []).append((number, one))
        entries = self.index.knowledge.entries
        cards = [(text, entries[own[0][1].entry], own) for text, own in draws.items()]
        return sorted(cards, key=lambda card: chance(card[0]))

    def _plots(self, words: Wording) -> Mapping[str, PlotData]:
        """Return the plots by name; a name is a sentence of `rehearsal.plot_`, one of a series of `rehearsal.`."""
        weeks, entries = self.tally.weeks(), self.tally.by_entry()[:ENTRIES]
        days = [words("desk.week_label", day=monday.day, month=monday.month) for monday, _ in weeks]
        counts = {"answered": "answer", "offered": "suggest", "unknown": "silent"}
        table: dict[str, tuple[Sequence[str], Mapping[str, Sequence[int]]]] = {
            "weeks_overheard": (days, {"answered": [count["overheard"] for _, count in weeks]}),
            "weeks_addressed": (days, {name: [count[kind] for _, count in weeks] for name, kind in counts.items()}),
        }
        for way in ("overheard", "addressed"):
            columns = self.tally.by_confidence(way == "addressed")
            steps = [words.decimal(step) for step, _, _ in columns]
            answered, kept_back = [count for _, count, _ in columns], [count for _, _, count in columns]
            table[f"confidence_{way}"] = steps, {"answered": answered, "kept_back": kept_back}
        numbers = [str(number) for number, _ in enumerate(entries, start=1)]
        table["entries"] = numbers, {"answered": [count for _, count, _ in entries]}
        looks = {"kept_back": "offered"}
        return {
            name: (labels, [(words(f"rehearsal.{key}"), looks.get(key, key), own) for key, own in series.items()])
            for name, (labels, series) in table.items()
        }

    def _data(self, cards: Sequence[JudgedCard], filled: Sequence[ConfidenceBand], words: Wording) -> dict[str, Any]:
        """Return the values for the script. `store`: the key under which the browser keeps judgements; it is the same
        for the same cards."""
        judged = json.dumps([(text, entry.id) for text, entry, _ in cards])
        return {
            "limits": [
                {"name": name, "now": getattr(self.limits, name), "lowest": LOWEST, "promise": promise}
                for name, promise in PROMISES.items()
            ],
            "cards": [
                {"draws": [{"band": band, "score": round(one.score, 6), "times": one.times} for band, one in draws]}
                for _, _, draws in cards
            ],
            "bands": [{"addressed": band.addressed, "answers": band.answers} for band in filled],
            "says": {name: words(f"rehearsal.js_{name}", **_HOLES) for name in _SENTENCES},
            "store": hashlib.sha256(judged.encode()).hexdigest()[:16],
        }


_SENTENCES = ("none", "share", "limit", *(f"no_limit_{name}" for name in PROMISES), "few", "kept", "unkept")
_HOLES = {name: f"#{name}" for name in "judged share low high limit answers enough above least".split()}
"""What the script fills in."""


def _hash(text: str) -> str:
    """Return the source of an inline script or style (Content Security Policy Level 3, "Hash usage")."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
