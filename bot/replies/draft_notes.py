"""Replies to moderators about changes of the knowledge: drafts, entries, results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.locale import Wording
from bot.reading import READINGS, ReadAs
from bot.replies import blocks
from bot.replies.sentences import ROOM, Sentences, full_day
from bot.text import markdown
from bot.text.folding import fold
from bot.text.markdown import code, escape

NAME = 60  # characters of a person's name that are shown
LONGEST = 200  # characters of a phrasing that are shown
SHOWN_ANSWER, SHOWN_LINES = 2_500, 3_500  # UTF-8 bytes of a draft's answer and of its lines

Say = Callable[[Wording], str]
"""A problem as a sentence."""


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft as shown to moderators.

    `entry`: what members will read, if that changes; `lines`: the YAML of a new entry, else the changed lines with `-`
    and `+`; `file` and `theme`: empty while one of `themes` must be chosen. `has_asked_title`: the title is in the
    words of whoever asked.
    """

    number: int
    kind: str
    title: str
    lines: str
    file: str = ""
    theme: str = ""
    themes: Sequence[str] = ()
    question: int | None = None
    entry: Entry | None = None
    phrase: str = ""
    has_asked_title: bool = False


class DraftReplies(Sentences):
    def draft(self, draft: ShownDraft, knowledge: Knowledge, today: date) -> str:
        """Show the answer as members will see it, then the lines of the file, then what to do."""
        answer = [draft.entry] if draft.entry else []
        text = "\n\n".join(blocks.full(self.words, answer, knowledge, today, SHOWN_ANSWER))
        where = self.say("draft_lines", file=code(draft.file)) if draft.file else self.say("draft_lines_new")
        how = "draft_how_unfiled" if draft.themes else "draft_how_add" if draft.kind == "add" else "draft_how"
        about = self.say("draft_question", number=draft.question) if draft.question is not None else ""
        key = "draft_add_unfiled" if draft.themes else f"draft_{draft.kind}"
        title, theme, phrase = self._quote(draft.title), self._quote(draft.theme), self._quote(draft.phrase, LONGEST)
        return self._join(
            self.say(key, number=draft.number, about=about, title=title, theme=theme, phrase=phrase),
            markdown.quote(markdown.shorten(text, SHOWN_ANSWER)) if text else "",
            where,
            self._block(draft.lines, SHOWN_LINES),
            self.say("draft_title", title=title) if draft.has_asked_title else "",
            self.theme_wanted(draft.themes) if draft.themes else "",
            self.say(how, number=draft.number),
            self.say("draft_edit") if draft.kind != "remove" else "",
        )

    def theme_wanted(self, themes: Sequence[str]) -> str:
        """Ask for a theme of a draft that has none."""
        names = " · ".join(f"**{at}** {escape(theme)}" for at, theme in enumerate(themes, 1))
        return self.say("theme_wanted", themes=markdown.shorten(names, SHOWN_LINES // 2))

    def entry_shown(self, id: str, lines: str, origin: Origin | None, *, how: bool = False) -> str:
        """Show the lines of an entry in its file. `how`: say how to change it."""
        where = f"{origin.file}:{origin.line}" if origin else ""
        head = self.say("entry_shown", id=code(id), where=escape(where)) if where else code(id)
        return self._join(head, self._block(lines), self.say("entry_how", id=id) if how else "")

    def no_entry(self, id: str, likely: str | None) -> str:
        key = "no_entry_likely" if likely else "no_entry"
        return self.say(key, id=self._quote(id), likely=code(likely or ""))

    def entry_unreadable(self, id: str, say: Say) -> str:
        """Say that an entry cannot be read. `say`: the error of its file."""
        return self._with_problems(self.say("entry_unreadable", id=self._quote(id)), [say(self.words)])

    def no_theme(self, themes: Sequence[str]) -> str:
        return self.say("no_theme", themes=", ".join(self._quote(theme) for theme in themes))

    def draft_incomplete(self, question: int, yaml: str) -> str:
        return self._join(self.say("draft_incomplete", number=question), self._block(yaml))

    def draft_made(self, kind: str, title: str, rooms: int, errors: Sequence[str] = (), note: str = "") -> str:
        """Report an approved draft. `rooms`: number of rooms where askers are notified; `errors`: of the files."""
        made, told = self.say(f"made_{kind}", title=self._quote(title)), [self.say("made_told")] if rooms else []
        wrong = self._with_problems(self.say("not_reloaded"), errors) if errors else ""
        return self._join(" ".join([made, *told]), wrong, note)

    def not_written(self, say: Say, yaml: str = "") -> str:
        """Report a refused change. `yaml`: the entry, to paste by hand."""
        by_hand = f"{self.say('by_hand')}\n\n{self._block(yaml)}" if yaml else ""
        return self._join(self.problem(say), by_hand)

    def read_as(self, name: str) -> ReadAs | None:
        """Return the reading that a moderator names in words or by its key; None if it is no reading."""
        names = {fold(said): what for what in READINGS for said in (self.words(f"acts.{what}"), what)}
        return names.get(fold(name).strip(" .!«»\"'"))

    def readings(self) -> str:
        """List the words for what a message may be."""
        return self.say("misread_how", words=", ".join(self.words(f"acts.{what}") for what in READINGS))

    def reading_learned(self, text: str, read_as: ReadAs, *, closed: int | None = None) -> str:
        """Report a correction. `closed`: the number of the question that was set aside."""
        what, shown = self.words(f"acts.{read_as}"), self._quote(text, LONGEST)
        aside = [self.say("misread_closed", number=closed)] if closed is not None else []
        return " ".join([self.say("misread_learned", text=shown, what=what), *aside])

    def changed_meanwhile(self, say: Say, difference: str) -> str:
        return self._join(self.problem(say), self._block(difference) if difference else "")

    def problem(self, say: Say) -> str:
        """Return a problem's sentence, followed by its lines as a block."""
        sentence, _, lines = say(self.words).partition("\n")
        return f"{escape(sentence)}\n\n{self._block(lines)}" if lines else escape(sentence)

    def source(self, today: date, link: str | None) -> str:
        """Return the source of an answer, as plain text for a file."""
        return ", ".join(filter(None, [self.say("source", day=full_day(self.words, today)), link]))

    def answered(self, names: Sequence[str], text: str) -> str:
        """Give a moderator's own words to the askers."""
        return self._join(self.say("answered", names=self._names(names)), markdown.contained(text))

    def news(self, names: Sequence[str], entry: Entry, knowledge: Knowledge, today: date) -> str:
        """Give a new entry to those who asked before it existed."""
        known = blocks.full(self.words, [entry], knowledge, today, ROOM - 500)
        return self._join(self.say("news", names=self._names(names)), *known)

    def _names(self, names: Sequence[str]) -> str:
        *others, last = [markdown.excerpt(name, NAME) for name in names]
        return self.say("names", names=", ".join(others), last=last) if others else last

    def _block(self, text: str, room: int = ROOM - 1000) -> str:
        return markdown.code_block(markdown.fit_rows(text.rstrip("\n").splitlines(), room))
