"""Replies to moderators about changes of the knowledge: drafts, entries, results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.locale import Wording
from bot.replies import blocks, markdown
from bot.replies.markdown import code, escape
from bot.replies.sentences import ROOM, Sentences, full_day

NAME = 60  # characters of a person's name

Say = Callable[[Wording], str]
"""A problem as a sentence."""


class DraftReplies(Sentences):
    def draft(
        self, number: int, kind: str, shown: str, file: str, question: int | None = None, before: str = ""
    ) -> str:
        """`shown`: the YAML of a new entry, else the changed lines with `-` and `+`."""
        about = self._say("draft_question", number=question) if question is not None else ""
        head = self._say(f"draft_{kind}", number=number, file=code(file), about=about)
        how = self._say("draft_how_add" if kind == "add" else "draft_how", number=number)
        return self._join(before, head, self._block(shown), how)

    def entry_shown(self, id: str, lines: str, origin: Origin | None, *, how: bool = False) -> str:
        """The lines of an entry in its file; `how`: with how to change it."""
        where = f"{origin.file}:{origin.line}" if origin else ""
        head = self._say("entry_shown", id=code(id), where=escape(where)) if where else code(id)
        return self._join(head, self._block(lines), self._say("entry_how", id=id) if how else "")

    def no_entry(self, id: str, likely: str | None) -> str:
        key = "no_entry_likely" if likely else "no_entry"
        return self._say(key, id=self._quote(id), likely=code(likely or ""))

    def no_draft(self, number: int) -> str:
        return self._say("no_draft", number=number)

    def no_theme(self, themes: Sequence[str]) -> str:
        return self._say("no_theme", themes=", ".join(self._quote(theme) for theme in themes))

    def draft_incomplete(self, question: int, yaml: str) -> str:
        return self._join(self._say("draft_incomplete", number=question), self._block(yaml))

    def draft_gone(self, number: int) -> str:
        return self._say("draft_gone", number=number)

    def draft_dropped(self, number: int) -> str:
        return self._say("draft_dropped", number=number)

    def draft_withdrawn(self, number: int, *, forgotten: bool) -> str:
        """Why a draft is gone: its asker opted out (`forgotten`), or its question was deleted or edited."""
        return self._say("draft_forgotten" if forgotten else "draft_withdrawn", number=number)

    def draft_made(self, kind: str, id: str, rooms: int, errors: Sequence[str] = (), note: str = "") -> str:
        """`rooms`: number of rooms where the askers are told; `errors`: of the files, which keep it out of use."""
        news = self._say("made_told") if rooms else ""
        wrong = self._with_problems(self._say("not_reloaded"), errors) if errors else ""
        return self._join(" ".join(filter(None, [self._say(f"made_{kind}", id=code(id)), news])), wrong, note)

    def left_open(self, number: int) -> str:
        """A question whose new answer is hidden where it was asked."""
        return self._say("left_open", number=number)

    def not_written(self, say: Say, yaml: str = "", before: str = "") -> str:
        """`yaml`: the entry, to paste by hand."""
        by_hand = f"{self._say('by_hand')}\n\n{self._block(yaml)}" if yaml else ""
        return self._join(before, self._lines(say(self._words)), by_hand)

    def changed_meanwhile(self, say: Say, difference: str) -> str:
        return self._join(self._lines(say(self._words)), self._block(difference) if difference else "")

    def problem(self, say: Say) -> str:
        return self._lines(say(self._words))

    def source(self, today: date, link: str | None) -> str:
        """The source of an answer, as plain text for a file."""
        return ", ".join(filter(None, [self._say("source", day=full_day(self._words, today)), link]))

    def answered(self, names: Sequence[str], text: str) -> str:
        """A moderator's own words to the askers."""
        return self._join(self._say("answered", names=self._names(names)), markdown.contained(text))

    def news(self, names: Sequence[str], entry: Entry, knowledge: Knowledge, today: date) -> str:
        """A new entry, to those who asked before it was there."""
        known = blocks.full(self._words, [entry], knowledge, today, ROOM - 500)
        return self._join(self._say("news", names=self._names(names)), *known)

    def _names(self, names: Sequence[str]) -> str:
        *others, last = [markdown.excerpt(name, NAME) for name in names]
        return self._say("names", names=", ".join(others), last=last) if others else last

    def _lines(self, text: str) -> str:
        """A problem's sentence, and its lines as a block."""
        sentence, _, lines = text.partition("\n")
        return f"{escape(sentence)}\n\n{self._block(lines)}" if lines else escape(sentence)

    def _block(self, text: str) -> str:
        return markdown.code_block(markdown.fit_rows(text.rstrip("\n").splitlines(), ROOM - 1000))
