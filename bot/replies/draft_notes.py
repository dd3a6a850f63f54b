"""What moderators read of a change of the knowledge: before it is made, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.locale import Wording
from bot.replies import blocks, markdown
from bot.replies.dates import full_day
from bot.replies.markdown import code, escape
from bot.replies.sentences import ROOM, Sentences

NAME = 60  # characters of somebody's name

Say = Callable[[Wording], str]
"""A problem in the words of a language."""


class DraftReplies(Sentences):
    def draft(
        self, number: int, kind: str, shown: str, file: str, question: int | None = None, before: str = ""
    ) -> str:
        """`shown`: the YAML of a new entry, else the lines that change, after `-` and `+`."""
        about = self._say("draft_question", number=question) if question is not None else ""
        head = self._say(f"draft_{kind}", number=number, file=code(file), about=about)
        how = self._say("draft_how_add" if kind == "add" else "draft_how", number=number)
        return self._bounded(before, head, self._block(shown), how)

    def entry_shown(self, id: str, lines: str, origin: Origin | None, *, how: bool = False) -> str:
        """An entry as it stands in its file; `how`: and how to change it."""
        where = f"{origin.file}:{origin.line}" if origin else ""
        head = self._say("entry_shown", id=code(id), where=escape(where)) if where else code(id)
        return self._bounded(head, self._block(lines), self._say("entry_how", id=id) if how else "")

    def no_entry(self, id: str, likely: str | None) -> str:
        key = "no_entry_likely" if likely else "no_entry"
        return self._say(key, id=self._quoted(id), likely=code(likely or ""))

    def no_draft(self, number: int) -> str:
        return self._say("no_draft", number=number)

    def no_theme(self, themes: Sequence[str]) -> str:
        return self._say("no_theme", themes=", ".join(self._quoted(theme) for theme in themes))

    def draft_incomplete(self, question: int, yaml: str) -> str:
        return self._bounded(self._say("draft_incomplete", number=question), self._block(yaml))

    def draft_gone(self, number: int) -> str:
        return self._say("draft_gone", number=number)

    def draft_dropped(self, number: int) -> str:
        return self._say("draft_dropped", number=number)

    def draft_withdrawn(self, number: int, *, forgotten: bool) -> str:
        """Why a draft is gone: `forgotten`, its asker wants that; else its question was deleted or changed."""
        return self._say("draft_forgotten" if forgotten else "draft_withdrawn", number=number)

    def draft_made(self, kind: str, id: str, rooms: int, errors: Sequence[str] = (), note: str = "") -> str:
        """`rooms`: where those who had asked are told; `errors`: of the files, which keep it from being used."""
        done = self._say(f"made_{kind}", id=code(id))
        told = self._say("made_told") if rooms else ""
        wrong = self._with_problems(self._say("not_reloaded"), errors) if errors else ""
        return self._bounded(" ".join(filter(None, [done, told])), wrong, note)

    def not_written(self, say: Say, yaml: str = "", before: str = "") -> str:
        """`yaml`: what can be pasted by hand."""
        by_hand = f"{self._say('by_hand')}\n\n{self._block(yaml)}" if yaml else ""
        return self._bounded(before, self._lines(say(self._words)), by_hand)

    def changed_meanwhile(self, say: Say, difference: str) -> str:
        return self._bounded(self._lines(say(self._words)), self._block(difference) if difference else "")

    def problem(self, say: Say) -> str:
        return self._lines(say(self._words))

    def source(self, today: date, link: str | None) -> str:
        """Where an answer comes from, as plain text for a file."""
        said = self._say("source", day=full_day(self._words, today))
        return f"{said}, {link}" if link else said

    def answered(self, names: Sequence[str], text: str) -> str:
        """A moderator's own words, to those who asked."""
        return self._bounded(self._say("answered", names=self._names(names)), markdown.contained(text))

    def news(self, names: Sequence[str], entry: Entry, knowledge: Knowledge, today: date) -> str:
        """What is known now, to those who asked when it was not."""
        known = blocks.full(self._words, [entry], knowledge, today, ROOM - 500)
        return self._bounded(self._say("news", names=self._names(names)), *known)

    def _names(self, names: Sequence[str]) -> str:
        """All of them, for they are called all together."""
        shown = [escape(markdown.clip(markdown.one_line(name), NAME)) for name in names]
        return self._say("names", names=", ".join(shown[:-1]), last=shown[-1]) if len(shown) > 1 else shown[0]

    def _lines(self, text: str) -> str:
        """Sentences with files and corrected lines in them, as they stand."""
        sentence, _, pasted = text.partition("\n")
        return f"{escape(sentence)}\n\n{self._block(pasted)}" if pasted else escape(sentence)

    def _block(self, text: str) -> str:
        return markdown.code_block(blocks.fitting(text.rstrip("\n").splitlines(), ROOM - 1000))
