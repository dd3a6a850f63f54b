"""A decision in words: what was found, how sure it is, what came second, and which limit decided."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.judging import Judge, Judgement
from bot.locale import Wording
from bot.matching import Match
from bot.matching.decision import Answer, Suggest, offered
from bot.quality.evaluation import verdict


def explain(judgement: Judgement, judge: Judge, words: Wording) -> Iterator[str]:
    """Lines of plain text."""
    return _Explanation(judge, words).lines(judgement)


class _Explanation:
    def __init__(self, judge: Judge, words: Wording) -> None:
        self._judge, self._words = judge, words

    def lines(self, judgement: Judgement) -> Iterator[str]:
        yield from self._headline(judgement)
        for part in judgement.parts or (judgement,):
            if judgement.parts:
                yield self._say("part", text=part.text)
            yield from (f"  {line}" for line in self._reasons(part))
            yield ""
            yield from (f"  {self._p(m.confidence)}  {m.title} ({m.id})" for m in part.found.matches)

    def _headline(self, judgement: Judgement) -> Iterator[str]:
        match judgement.decision:
            case Answer(matches):
                yield from (self._say("answer", title=m.title, id=m.id) for m in matches)
            case Suggest(matches, answered=answered):
                yield from (self._say("answer", title=m.title, id=m.id) for m in answered)
                yield from (self._say("suggest", number=n, title=m.title, id=m.id) for n, m in enumerate(matches, 1))
            case _:
                yield self._say("silent" if self._judge.addressed else "silent_overheard")

    def _reasons(self, part: Judgement) -> Iterator[str]:
        if not part.found.matches:
            yield self._say("nothing")
            return
        best, *others = part.found.matches
        yield self._limit(part, best)
        yield from (self._second(best, second) for second in others[:1])
        yield from self._evidence(best)
        yield self._say("question", likelihood=self._p(part.found.question))
        if origin := self._judge.index.knowledge.origins.get(best.id):
            yield self._say("where", where=f"{origin.file}:{origin.line}")

    def _limit(self, part: Judgement, best: Match) -> str:
        """Which limit decided, and by how much."""
        limits, overheard = self._judge.limits, not self._judge.addressed
        name = verdict(part.decision) + ("_overheard" if overheard else "")
        if overheard and name == "silent_overheard" and best.confidence >= limits.overheard:
            return self._say(
                "limit_no_question", confidence=self._p(best.confidence), question=self._p(part.found.question)
            )
        return self._say(
            f"limit_{name}",
            confidence=self._p(best.confidence),
            confident=self._p(limits.overheard if overheard else limits.confident),
            suggest=self._p(limits.suggest),
            offered=self._p(offered(part.found)),
        )

    def _second(self, best: Match, second: Match) -> str:
        margin = self._p(best.confidence - second.confidence)
        return self._say(
            "second", title=second.title, id=second.id, confidence=self._p(second.confidence), margin=margin
        )

    def _evidence(self, best: Match) -> Iterator[str]:
        evidence = best.evidence
        if evidence.phrasing:
            yield self._say("phrasing", phrasing=evidence.phrasing)
        yield self._say("words", words=", ".join(evidence.words)) if evidence.words else self._say("no_words")
        likenesses = {name: self._p(getattr(evidence, name)) for name in ("lexical", "fuzzy", "semantic")}
        yield self._say("likeness", **likenesses)

    def _say(self, key: str, **values: object) -> str:
        return self._words(f"program.ask_{key}", **values)

    def _p(self, value: float) -> str:
        """Rounded down, as in the replies; their module is not imported for it, with Markdown behind it."""
        return f"{int(value * 100 + 1e-9) / 100:.2f}".replace(".", self._words("replies.decimal_mark"))
