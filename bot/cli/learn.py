"""`learn`: the bot's confidence and its limits, fitted to one network's labelled messages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.evaluate import print_table, read_lines
from bot.cli.setup import Config, KnowledgeFolder, Verbose, fail, index_of, settings_if_any, today, words_of
from bot.locale import system_reason

if TYPE_CHECKING:
    from bot.config.learned import Learned
    from bot.config.settings import Settings
    from bot.locale import Wording
    from bot.quality.evaluation import Labelled
    from bot.quality.facts import Fact, Judged, Limit
    from bot.quality.fitting import Share
    from bot.quality.learning import Figures, Learning, LimitResult

Messages = Annotated[
    Path,
    typer.Argument(
        metavar="LABELLED.jsonl",
        help='{"text", "expect": id | [ids] | null}, or {"text", "addressed", "entry", "right", "weight"} a line.',
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be learned, and write nothing.")]


def learn(
    messages: Messages,
    dry_run: DryRun = False,
    knowledge: KnowledgeFolder = None,
    config: Config = None,
    verbose: Verbose = False,
) -> None:
    """Fit the confidence to one network, from labelled messages.

    100 at least. A correction of the confidence, and the limits from which on
    the bot answers: nine of ten answers right when it is called, nineteen of
    twenty when it is not. All figures are of messages that were set apart.
    Beside the settings, <their name>.learned.json is written; delete that file
    to undo it. Limits that the settings name stay as they are.

    \b
    Example:
      concierge learn labelled.jsonl --dry-run
      concierge learn labelled.jsonl --config config.yaml
    """
    settings = settings_if_any(config, knowledge).model_copy(update={"learned": None})
    words = words_of(settings)
    facts, left_out = _facts(messages, settings, words)
    learning = _learn(facts, settings)
    _print(learning, left_out, settings, words)
    if dry_run:
        print(words("learn.dry_run"))
    else:
        _write(settings.learned_file, _content(learning, settings), words)
        print(words("learn.written", file=settings.learned_file))


def _facts(path: Path, settings: Settings, words: Wording) -> tuple[list[Fact], int]:
    """And the number of judged answers that are left out. Too few of either end the command."""
    from bot.quality.facts import Judged
    from bot.quality.learning import ENOUGH, distinct

    labels = read_lines(path, "bad_judgement", _label, words)
    if any(isinstance(label, Judged) for label in labels) and path.stat().st_mode & 0o077:
        with contextlib.suppress(PermissionError):  # somebody else's: theirs to close
            path.chmod(0o600)  # a browser saved it, which knows nothing of that
            print(words("learn.closed", file=path))
    found = [*_look_up(labels, settings)]
    facts = [one for one in found if one]
    left_out, count = len(found) - len(facts), distinct(facts)
    if count < ENOUGH:
        told = words("learn.too_few", file=path, messages=count, enough=ENOUGH)
        fail("\n".join([*_left_out(left_out, words), told]), 2)
    return facts, left_out


def _label(raw: Any) -> Labelled | Judged:
    from bot.quality.facts import read_line

    return read_line(raw)


def _look_up(labels: Sequence[Labelled | Judged], settings: Settings) -> Iterator[Fact | None]:
    from bot.quality.facts import fact
    from bot.reading.calls import cut_call

    index = index_of(settings)
    for label in labels:
        yield fact(label, index.search(cut_call(label.text, settings.names, False)[0]))


def _learn(facts: Sequence[Fact], settings: Settings) -> Learning:
    from bot.quality.facts import LIMITS
    from bot.quality.learning import learn

    limits = settings.limits
    fixed = frozenset(name for name in LIMITS if settings.limit_source(name) == "settings")
    return learn(facts, {"confident": limits.confident, "overheard": limits.overheard}, fixed)


def _content(learning: Learning, settings: Settings) -> Learned:
    from bot.config.learned import Learned, encoder_name

    thresholds = {name: None if one.state == "fixed" else one.limit for name, one in learning.limits.items()}
    shares = {
        name: {"before": _shares(one.before), "after": _shares(one.after)} for name, one in learning.limits.items()
    }
    return Learned.model_validate(
        {
            "encoder": encoder_name(settings.matching.semantic, settings.matching.encoder),
            "learned": today(settings),
            "messages": learning.messages,
            "correction": {"slope": learning.correction.slope, "offset": learning.correction.offset},
            "thresholds": thresholds,
            "shares": shares,
        }
    )


def _shares(figures: Figures) -> dict[str, float | None]:
    precision = round(figures.precision.value, 4) if figures.precision.count else None
    return {"answered": round(figures.answered, 4), "precision": precision}


def _write(file: Path, content: Learned, words: Wording) -> None:
    """The old file or the new one is there, whatever happens."""
    from bot.knowledge.atomic_write import ConcurrentWrite, replace_file

    try:
        before = file.read_bytes() if file.exists() else None
        replace_file(file, before, content.as_text().encode())
    except ConcurrentWrite:
        fail(words("learn.changed_meanwhile", file=file), 1)
    except OSError as error:
        fail(words("learn.unwritable", file=file, reason=system_reason(error)), 1)


def _print(learning: Learning, left_out: int, settings: Settings, words: Wording) -> None:
    told = _Told(learning, settings, words)
    print(*_left_out(left_out, words), words("learn.messages", messages=learning.messages), sep="\n")
    print_table(["", words("learn.before"), words("learn.after")], [*told.rows()])
    print(*told.sentences(), sep="\n")


def _left_out(left_out: int, words: Wording) -> list[str]:
    return [words("learn.left_out", left_out=left_out)] if left_out else []


@dataclass(frozen=True, slots=True)
class _Told:
    """What was learned, in words."""

    learning: Learning
    settings: Settings
    words: Wording

    def rows(self) -> Iterator[tuple[str, ...]]:
        for name, one in self.learning.limits.items():
            before, after = one.before, one.after
            rows = (
                ("answered", self._percent(before.answered), self._percent(after.answered)),
                ("precision", self._share(before.precision), self._share(after.precision)),
                ("limit", self.words.decimal(getattr(self.settings.limits, name)), self._limit(one)),
            )
            yield from ((self.words(f"learn.{key}", where=self.words(f"learn.{name}")), *row) for key, *row in rows)

    def sentences(self) -> Iterator[str]:
        from bot.quality.learning import UNSURE

        correction, state = self.learning.correction, self.learning.state
        if state == "kept":
            state_now = "modest" if correction(0.7) > 0.7 else "bold"
            yield self.words(f"learn.correction_{state_now}", corrected=self.words.decimal(correction(0.7)))
        else:
            yield self.words(f"learn.correction_{state}", unsure=UNSURE)
        yield from (self._limit_sentence(name, one) for name, one in self.learning.limits.items())

    def _limit_sentence(self, name: Limit, one: LimitResult) -> str:
        from bot.quality.learning import ENOUGH

        return self.words(
            f"learn.limit_{one.state}",
            where=self.words(f"learn.{name}"),
            promise=self.words(f"learn.promise_{name}"),
            low=self._percent(one.after.precision.low),
            messages=one.messages,
            enough=ENOUGH,
            name=name,
            file=self.settings.file,
        )

    def _limit(self, one: LimitResult) -> str:
        """With the confidence of today that it stands for, where that is another one."""
        limit, before = self.words.decimal(one.limit), self.words.decimal(self.learning.correction.undo(one.limit))
        return limit if self.learning.state != "kept" else self.words("learn.corrected", limit=limit, before=before)

    def _percent(self, share: float) -> str:
        return self.words("learn.percent", share=round(share * 100))

    def _share(self, share: Share) -> str:
        if not share.count:
            return self.words("learn.no_answer")
        low, high = (round(end * 100) for end in (share.low, share.high))
        return self.words("learn.share", share=round(share.value * 100), low=low, high=high)
