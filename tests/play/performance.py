"""Plays the scenes on a stage, and notes every line that turned out otherwise."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.knowledge.models import Entry, Knowledge
from tests.play.expectation import VERBS, differences, kinds, number_before, plain
from tests.play.script import BOT, Absence, Expected, Given, Pause, Scene, Step, Target, Turn
from tests.play.stage import Act, Stage, Words

_NUMBER = re.compile(r"\[n° de « ?(.+?) ?»\]")
_SILENT, _PUTS, _TAKES = "se tait", "met", "enlève"


@dataclass(frozen=True, slots=True)
class Difference:
    """`line`: of the file. `reasons`: why what was seen is not what was expected."""

    line: int
    expected: str
    seen: str
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        reasons = f"\n      {' ; '.join(self.reasons)}" if self.reasons else ""
        return f"{self.line:4}  attendu : {self.expected}\n      vu : {self.seen}{reasons}"


@dataclass(slots=True)
class Said:
    place: str
    who: str
    id: str
    text: str


@dataclass
class Performance:
    stage: Stage
    knowledge: Knowledge
    said: list[Said] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    checked: int = 0
    _open: list[Act] = field(default_factory=list)  # not yet expected by any line
    _seen: int = 0  # acts of the stage that were taken

    async def play(self, scene: Scene) -> None:
        await self.stage.settle()
        self._take()  # it introduced itself in each room
        self._open.clear()
        for step, following in zip(scene.steps, [*scene.steps[1:], None], strict=True):
            await self._step(step)
            if not isinstance(following, Expected):
                self._close(step)

    async def _step(self, step: Step) -> None:
        match step:
            case Turn():
                try:
                    await self._act(step)
                except LookupError as error:
                    who = f"{step.who} ({step.place})"
                    self.differences.append(Difference(step.number, who, f"impossible : {error}"))
                await self.stage.settle()
            case Given():
                await self.stage.give(step.name, step.text)
            case Pause():
                await self.stage.wait(step.time)
                await self.stage.settle()
            case Absence():
                await self.stage.absent(step.begins)
            case Expected():
                self._take()
                self._check(step)
        self._take()

    # What a person does

    async def _act(self, turn: Turn) -> None:
        """Raises LookupError."""
        who, place = turn.who, turn.place
        if turn.reaction:
            key, target = turn.reaction
            await self.stage.react(who, place, self._find(target, place).id, key)
        elif turn.delete:
            await self.stage.remove(who, place, self._find(turn.delete, place, who).id)
        elif turn.correct:
            old = self._find(turn.correct, place, who)
            await self.stage.write(who, place, Words(turn.text, replaces=old.id))
            old.text = turn.text
        else:
            text = _NUMBER.sub(lambda match: self._number(match[1], place), turn.text)
            to = self._find(turn.reply, place).id if turn.reply else None
            roots = (act.thread or act.to for act in self.stage.acts if act.id == to)
            words = Words(text, to, next(roots, to) if turn.thread else None, turn.names)
            self.said.append(Said(place, who, await self.stage.write(who, place, words), text))

    def _number(self, words: str, place: str) -> str:
        """A digit that is surely wrong if the bot showed none: the rest of the play goes on."""
        texts = [one.text for one in reversed(self.said) if one.place == place and one.who == BOT]
        return number_before(words, texts) or "9"

    def _find(self, target: Target, place: str, who: str = "") -> Said:
        """Raises LookupError."""
        if target.name == "brouillon":
            own = [one for one in self.said if one.place == place and one.who == BOT]
            fits = [one for one in own if "brouillon n" in plain(one.text)]
        elif target.words:
            fits = [one for one in self.said if one.place == place and plain(target.words) in plain(one.text)]
            fits = [one for one in fits if who in ("", one.who)]
        else:
            fits = [one for one in self.said if one.place == place and one.who == target.name]
        if not fits:
            raise LookupError(f"rien de {target.name or BOT}{target.words and f' avec « {target.words} »'}")
        return fits[-1]

    # What the bot did

    def _take(self) -> None:
        for act in self.stage.acts[self._seen :]:
            self._open.append(act)
            if act.kind == "message":
                self.said.append(Said(act.place, BOT, act.id, act.text))
            for one in self.said:
                if act.kind == "edit" and one.id == act.target:
                    one.text = act.text
        self._seen = len(self.stage.acts)

    def _check(self, expected: Expected) -> None:
        self.checked += 1
        if expected.verb.startswith((_PUTS, _TAKES)):
            self._check_marks(expected)
        elif expected.verb == _SILENT:
            self._report_open(expected.number, [act for act in self._open if act.place == expected.place], _SILENT)
        else:
            self._check_act(expected)

    def _check_act(self, expected: Expected) -> None:
        possible = [act for act in self._open if act.kind in kinds(expected) and act.place == expected.place]
        possible = [act for act in possible if not self._is_mark(act)]
        by = [one.id for one in self.said if one.place == expected.place and one.who == expected.to]
        asked = by[-1] if by and not expected.is_edit else None
        judged = [(differences(expected, act, self._titles, asked), act) for act in possible]
        reasons, act = min(judged, key=lambda pair: len(pair[0]), default=(None, None))
        if act and (not reasons or not expected.is_optional):
            self._open.remove(act)
        if reasons and not expected.is_optional:
            self._report(expected, str(act), reasons)
        if act is None and not expected.is_optional:
            self._report(expected, "rien")

    def _check_marks(self, expected: Expected) -> None:
        kind = "reaction" if expected.verb.startswith(_PUTS) else "removal"
        keys = [_bare(act.key) for act in self._open if act.place == expected.place and act.kind == kind]
        missing = [key for key in expected.verb.split()[1:] if _bare(key) not in keys]
        self._open = [act for act in self._open if act.place != expected.place or act.kind != kind or not act.key]
        if missing and not expected.is_optional:
            seen = f"{expected.verb.split()[0]} {' '.join(keys) or 'rien'}"
            self._report(expected, seen, [f"sans {' '.join(missing)}"])

    def _close(self, step: Step) -> None:
        """Nothing more is expected here: what is left is too much."""
        left, self._open = self._open, []
        if isinstance(step, Expected):
            self._report_open(step.number, [act for act in left if not self._is_mark(act)], "rien de plus")
        else:
            self._open = left

    def _report_open(self, line: int, acts: list[Act], expected: str) -> None:
        for act in acts:
            if not self._is_mark(act):
                self.differences.append(Difference(line, expected, str(act), ("en trop",)))
        self._open = [act for act in self._open if act not in acts]

    def _is_mark(self, act: Act) -> bool:
        """An emoji that it puts under a post of its own, or takes away."""
        own = {one.id for one in self.said if one.who == BOT}
        return (act.kind == "reaction" and act.target in own) or (act.kind == "removal" and bool(act.key))

    def _report(self, expected: Expected, seen: str, reasons: Sequence[str] = ()) -> None:
        others = [str(act) for act in self._open if seen == "rien" and not self._is_mark(act)]
        self.differences.append(Difference(expected.number, expected.text, " | ".join(others) or seen, tuple(reasons)))

    @property
    def _titles(self) -> Mapping[str, Entry]:
        return {plain(entry.title): entry for entry in self.knowledge.entries.values()}


def _bare(key: str) -> str:
    return key.replace("\ufe0f", "")  # with and without the variation selector an emoji is the same


class Theatre(Protocol):
    def open(self, folder: Path, scene: Scene) -> AbstractAsyncContextManager[Stage]:
        """`folder`: an empty one, for this scene's files."""


@dataclass
class Report:
    differences: list[Difference] = field(default_factory=list)
    checked: int = 0  # lines of the bot
    seconds: float = 0.0

    def __str__(self) -> str:
        lines = len({difference.line for difference in self.differences})
        figures = f"{lines} lines differ; {self.checked} lines of the bot were checked in {self.seconds:.0f} s"
        return "\n".join([*map(str, self.differences), figures])


async def perform(theatre: Theatre, scenes: Iterable[Scene], knowledge: Knowledge, folder: Path) -> Report:
    """Each scene on a stage of its own."""
    report, started = Report(), time.monotonic()
    for scene in scenes:
        place = folder / str(scene.number)
        place.mkdir()
        async with theatre.open(place, scene) as stage:
            performance = Performance(stage, knowledge)
            await performance.play(scene)
        report.differences += performance.differences
        report.checked += performance.checked
    report.seconds = time.monotonic() - started
    return report


def check_words(scenes: Sequence[Scene], knowledge: Knowledge) -> list[str]:
    """What no stage could play: unknown verbs, and titles that no entry has."""
    titles = {plain(entry.title) for entry in knowledge.entries.values()}
    expected = [step for scene in scenes for step in scene.steps if isinstance(step, Expected)]
    others = [step for step in expected if not step.verb.startswith((_SILENT, _PUTS, _TAKES))]
    unknown = [f"{step.number}: {step.verb}" for step in others if not any(map(step.verb.startswith, VERBS))]
    answers = [step for step in others if step.verb.startswith("réponse")]
    return unknown + [f"{one.number}: {title}" for one in answers for title in one.quoted if plain(title) not in titles]
