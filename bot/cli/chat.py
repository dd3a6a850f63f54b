"""`chat`: the bot's replies in the terminal, without a network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from bot.cli.setup import Config, KnowledgeFolder, Verbose, index_of, settings_if_any, today, words_of

if TYPE_CHECKING:
    from bot.cli.judgement import Judge, Judgement
    from bot.knowledge.models import Entry, Knowledge
    from bot.locale import Wording
    from bot.matching import Match
    from bot.replies import Replies

_WHY = {"/pourquoi", "/why"}
_END = {"/fin", "/end", "/quit", "/exit"}


def chat(knowledge: KnowledgeFolder = None, config: Config = None, verbose: Verbose = False) -> None:
    """Talk with the knowledge in the terminal; no network.

    A number chooses a suggestion; /pourquoi (or /why) explains the last answer.

    \b
    Example:
      concierge chat --knowledge knowledge/
      echo "qui paie les postes ?" | concierge chat
    """
    settings = settings_if_any(config, knowledge)
    from bot.channels.terminal import Terminal
    from bot.cli.judgement import Judge
    from bot.messages import Reply
    from bot.replies import Replies

    words = words_of(settings)
    judge = Judge(index_of(settings), settings.limits, settings.names)
    talk = Talk(judge, Replies(words, settings.name, settings.prefix, settings.timezone), words, today(settings))
    terminal = Terminal(words("program.chat_you"))
    terminal.greet(words("program.chat_hello"))
    for line in terminal.lines():
        if line in _END:
            return
        if line:
            talk.hear(line, lambda text: terminal.show(Reply("terminal", text)), terminal.note)


class Talk:
    """The state of a conversation: the last decision, and the suggestions to choose from."""

    def __init__(self, judge: Judge, replies: Replies, words: Wording, today: date) -> None:
        self._judge, self._replies, self._words, self._today = judge, replies, words, today
        self._last: Judgement | None = None
        self._suggestions: tuple[Match, ...] = ()

    def hear(self, line: str, say: Callable[[str], None], note: Callable[[str], None]) -> None:
        """`say`: a reply to members; `note`: a remark of the command."""
        if line in _WHY:
            note(self._why())
        elif line.startswith("/"):
            note(self._words("program.chat_unknown"))
        elif line.isdecimal() and 0 < int(line) <= len(self._suggestions):
            choice = self._suggestions[int(line) - 1 : int(line)]
            say(self._replies.answer(self._entries(choice), self._knowledge, self._today))
        else:
            say(self._answer(line))

    def _why(self) -> str:
        from bot.cli.judgement import explain

        if self._last is None:
            return self._words("program.chat_nothing_asked")
        return "\n".join(explain(self._last, self._judge, self._words))

    def _answer(self, line: str) -> str:
        from bot.matching.decision import Answer, Suggest

        self._last, self._suggestions = self._judge(line), ()
        match self._last.decision:
            case Answer(matches):
                return self._replies.answer(self._entries(matches), self._knowledge, self._today)
            case Suggest(matches, answered=answered):
                self._suggestions = matches
                others = self._entries(answered)
                return self._replies.suggest(self._entries(matches), self._knowledge, self._today, answered=others)
            case _:
                return self._replies.unknown(then="nothing")

    @property
    def _knowledge(self) -> Knowledge:
        from bot.matching.locality import visible

        return visible(self._judge.index.knowledge, self._judge.venue)

    def _entries(self, matches: tuple[Match, ...]) -> list[Entry]:
        entries = self._knowledge.entries
        mark = self._replies.mark_elsewhere
        return [mark(entries[match.id]) if match.is_elsewhere else entries[match.id] for match in matches]
