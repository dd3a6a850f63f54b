"""`chat`: the bot's replies in the terminal, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
_PLACES = ("first", "second", "third")
_END = {"/fin", "/end", "/quit", "/exit"}


def chat(knowledge: KnowledgeFolder = None, config: Config = None, verbose: Verbose = False) -> None:
    """Talk with the knowledge in the terminal; no network.

    A number, 'oui' or 'non' answers an offer, as in a room; /pourquoi (or /why) explains the last answer.

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
    talk = Talk(
        judge, Replies(words, settings.name, settings.prefix, settings.timezone, reacts=False), words, today(settings)
    )
    terminal = Terminal(words("program.chat_you"))
    terminal.greet(words("program.chat_hello"))
    for line in terminal.lines():
        if line in _END:
            return
        if line:
            talk.hear(line, lambda text: terminal.show(Reply("terminal", text)), terminal.note)


class Talk:
    """The state of a conversation: the last decision and answer, and what to choose from: suggestions, or what an
    answer names."""

    def __init__(self, judge: Judge, replies: Replies, words: Wording, today: date) -> None:
        self._judge, self._replies, self._words, self._today = judge, replies, words, today
        self._last: Judgement | None = None
        self._choices: Sequence[Entry] = ()
        self._is_offer = False  # the choices are suggestions
        self._given: Entry | None = None  # the last answer

    def hear(self, line: str, say: Callable[[str], None], note: Callable[[str], None]) -> None:
        """`say`: a reply to members; `note`: a remark of the command."""
        if line in _WHY:
            note(self._why())
        elif line.startswith("/"):
            note(self._words("program.chat_unknown"))
        else:
            say(self._choose(line) or self._small_talk(line) or self._answer(line))

    def _choose(self, line: str) -> str:
        """What a sign in words gets; empty: it is none, or there is nothing to choose from."""
        from bot.conversation.reactions import action_of

        action, count = action_of(line), len(self._choices)
        if action in _PLACES[:count]:
            return self._give([self._choices[_PLACES.index(action)]])
        if not self._is_offer or action not in ("agree", "refuse"):
            return ""
        if action == "agree":
            return self._give(self._choices) if count == 1 else self._replies.which(count)
        self._choices, self._is_offer = (), False
        return self._replies.unknown(then="nothing")

    def _small_talk(self, line: str) -> str:
        from bot.conversation.small_talk import recognise
        from bot.replies import WELCOME

        match recognise(line, line):
            case None:
                return ""
            case "thanks" | "leave":
                return WELCOME
            case "courtesy":
                return self._replies.say("courtesy")
            case "nothing":
                return self._replies.say("no_question")
            case topic:
                return self._replies.about(topic)

    def _why(self) -> str:
        from bot.cli.judgement import explain

        if self._last is None:
            return self._words("program.chat_nothing_asked")
        return "\n".join(explain(self._last, self._judge, self._words))

    def _answer(self, line: str) -> str:
        from bot.matching.decision import Answer, Suggest

        self._last = self._follow_up(line) or self._judge(line)
        match self._last.decision:
            case Answer(matches):
                return self._give(self._entries(matches))
            case Suggest(matches, answered=answered):
                self._choices, self._is_offer = self._entries(matches), True
                others = self._entries(answered)
                return self._replies.suggest(self._choices, self._knowledge, self._today, answered=others)
            case _:
                self._choices, self._is_offer = (), False
                return self._replies.unknown(then="nothing")

    def _follow_up(self, line: str) -> Judgement | None:
        """Of a line that goes on from the last answer; None: it stands for itself."""
        from bot.matching.follow_up import leans, may_follow

        goes_on = may_follow(line) and leans(line)
        return self._judge.follow_up(line, self._given) if self._given and goes_on else None

    def _give(self, entries: Sequence[Entry]) -> str:
        """An answer; then what it names under 'see also' can be chosen."""
        from bot.replies import related

        self._given = entries[0] if len(entries) == 1 else None
        self._choices, self._is_offer = related(self._given, self._knowledge) if self._given else (), False
        return self._replies.answer(entries, self._knowledge, self._today)

    @property
    def _knowledge(self) -> Knowledge:
        from bot.matching.locality import visible

        return visible(self._judge.index.knowledge, self._judge.venue)

    def _entries(self, matches: tuple[Match, ...]) -> list[Entry]:
        entries = self._knowledge.entries
        mark = self._replies.mark_elsewhere
        return [mark(entries[match.id]) if match.is_elsewhere else entries[match.id] for match in matches]
