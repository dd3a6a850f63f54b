"""Every reply of the bot, in Markdown. Pure: days and times are arguments.

The wording is in locale/; text from knowledge files, names and quotes is escaped here.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from bot.knowledge.models import Entry, Knowledge, Origin
from bot.matching import Match
from bot.messages import Topic
from bot.reading import Reading
from bot.reading.examples import nearest, shipped
from bot.replies import blocks
from bot.replies.blocks import related
from bot.replies.command_help import HelpReplies
from bot.replies.digest_post import DigestReplies
from bot.replies.draft_notes import DraftReplies
from bot.replies.link_notes import LinkReplies
from bot.replies.moderation import ModerationReplies
from bot.replies.sentences import ROOM, Sentences, spoken_wait
from bot.text import markdown

AGREE, REFUSE, CAPTURE, MORE, WELCOME, TAKE = "✅", "❌", "📝", "➕", "🙂", "👀"
CHOICES = ("1️⃣", "2️⃣", "3️⃣")
QueueStatus = Literal["nothing", "queued", "waiting", "offered", "sealed"]
"""State of an unanswered question; `waiting`: it is in the queue already; `offered`: moderators get it if the asker
agrees; `sealed`: it is encrypted, and their room is not."""
Basis = Literal["given", "nearest", "alone"]
"""Subject of the evidence: the answer given, the nearest one if none was, or the result of the question alone if the
answer was chosen from a list or followed another one."""


class Replies(HelpReplies, ModerationReplies, DraftReplies, LinkReplies, DigestReplies):
    """Replies to members; its base classes hold those to moderators."""

    quotes = False
    """Whether a reply repeats its question."""

    # Answers

    def answer(self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, is_brief: bool = False) -> str:
        """Return a block for each entry. `is_brief`: shorten long entries, and say how to get the rest."""
        is_cut = is_brief and self.shortens(entries)
        shown = [blocks.brief(entry, len(entries)) for entry in entries] if is_cut else entries
        url = blocks.page_address(entries[0], self.pages) if len(entries) == 1 else ""
        more = self.say("more_page", page=markdown.link(self.say("read_all"), url)) if url else self.say("more")
        whole = self._full(shown, knowledge, today, ROOM)
        return self._join(*whole, more if is_cut else "")

    def late(self, asked: datetime, today: date, text: str) -> str:
        """Say before a reply when its question was asked, which has waited."""
        return self._join(self._say_at("late", asked, today), text)

    def _full(self, entries: Sequence[Entry], knowledge: Knowledge, today: date, room: int) -> list[str]:
        return blocks.full(self.words, entries, knowledge, today, room, self.pages)

    def shortens(self, entries: Sequence[Entry]) -> bool:
        """Whether a brief answer leaves out some of these entries."""
        return any(blocks.brief(entry, len(entries)) != entry for entry in entries)

    def answer_and(self, entries: Sequence[Entry], knowledge: Knowledge, today: date, text: str) -> str:
        """Return the answer to one part of a message, followed by the reply to the other."""
        return self._join(*self._full(entries, knowledge, today, ROOM - 2_000), text)

    def overheard(self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, is_brief: bool = False) -> str:
        """Return the answer to an overheard question; it says so, and how to object."""
        return self._join(self.answer(entries, knowledge, today, is_brief=is_brief), self.say("overheard"))

    def short(self, entries: Sequence[Entry], where: str | None, today: date) -> str:
        """Return an answer repeated within the hour. `where`: address of the first one."""
        rows = [blocks.short(self.words, entry, today, self.pages) for entry in entries]
        return self._join(*rows, self._above(where))

    def part(self, entry: Entry, part: str, where: str | None) -> str:
        """Return a part of an answer. `where`: address of the whole one."""
        about = self.say("about", title=self._quote(entry.title))
        return self._join(about, markdown.contained(part), self._above(where))

    def _above(self, where: str | None) -> str:
        above = self.say("above")
        return markdown.link(above, where) if where else above

    def suggest(
        self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, answered: Sequence[Entry] = ()
    ) -> str:
        """Return up to three entries to choose from, below the entries that answer other parts of the message."""
        known = self._full(answered, knowledge, today, ROOM - 2_000) if answered else []
        ask = "suggest_one" if len(entries) == 1 else "suggest"
        offers = [f"**{number}.** {blocks.line(entry, self.pages)}" for number, entry in enumerate(entries, start=1)]
        how = self.say("choose_link" if self.quotes else f"choose_{len(offers)}")
        return self._join(*known, self.say(f"{ask}_rest" if known else ask), *offers, how)

    def with_rest(self, text: str, parts: Sequence[str], *, queued: bool) -> str:
        """Return a reply with a note that these parts of the message have no answer."""
        key, named = "rest_queued" if queued and self.has_team else "rest", ", ".join(map(self._quote, parts))
        return self._join(text, self.say(key, parts=named), "" if self.has_team else self._whom())

    def unknown(
        self, then: QueueStatus, wait: timedelta | None = None, topics: Sequence[Topic] = (), about: Entry | None = None
    ) -> str:
        """Say that there is no answer. `wait`: how long the moderators take; `topics`: of the forum, which may help;
        `about`: the entry given before."""
        head = self.say("about", title=self._quote(about.title)) if about else ""
        rows = [markdown.link(topic.title, topic.url) for topic in topics]
        elsewhere = self._list(self.say("on_the_forum"), rows)
        is_kept = then == "nothing" or not self.has_team
        said = self.say("unknown" if is_kept else f"unknown_{then}")
        if wait is not None and not is_kept and then != "sealed":
            said = f"{said} {self.say('wait', wait=spoken_wait(self.words, wait))}"
        whom = "" if then == "nothing" and self.has_team else self._whom()
        return markdown.paragraphs([head, said, whom, elsewhere])

    def _whom(self) -> str:
        """Say whom to ask."""
        return self.say("about_contact", contact=markdown.escape(self.contact)) if self.contact else ""

    def rehearsal(self, link: str, reply: str, confidence: float) -> str:
        """Show moderators the reply that the message at `link` would have got."""
        where = markdown.link(self.say("this_message"), link)
        head = self.say("rehearsal", link=where, confidence=self.words.confidence(confidence))
        return self._join(head, markdown.quote(markdown.shorten(reply, ROOM - reply.count("\n") * 2)))

    # Manners

    def wrap(self, question: str, text: str, *, is_passed_on: bool = False) -> str:
        """Put a reply in the form of its network; a chat shows the question anyway. `is_passed_on`: people answer."""
        return text

    def introduction(self, *, overhears: bool = True) -> str:
        """Introduce the bot. `overhears`: whether it answers unaddressed questions in this room."""
        return self.say("introduction", overhears=self.say("introduction_overhears") if overhears else "")

    def about(self, topic: str) -> str:
        """Say something about the bot itself. `topic`: 'bot' or 'complaint'."""
        return " ".join(filter(None, [self.say(f"about_{topic}"), self._whom()]))

    def renewed(self, losses: Sequence[str]) -> str:
        """Report a new beginning. `losses`: 'device', 'identity' or 'encryption' (`bot.messages.Loss`)."""
        return markdown.paragraphs([self.say(f"renewed_{loss}") for loss in losses])

    # Commands

    def why(
        self, matches: Sequence[Match], origin: Origin | None, basis: Basis = "given", reading: Reading | None = None
    ) -> str:
        """Explain a decision: the reading, then the evidence for the first match and its margin to the second."""
        if basis == "alone":
            return self._join(self.say("why_alone"), self.why(matches, origin, "nearest", reading))
        if not matches or (reading and reading.act):
            return self._join("" if matches else self.say("why_nothing"), *self.reading(reading))
        evidence = matches[0].evidence
        measured = (evidence.lexical, evidence.semantic, evidence.first_confidence or 0.0, matches[0].confidence)
        second = matches[1] if len(matches) > 1 else None
        ahead = matches[0].confidence - (second.confidence if second else 0.0)
        lexical, semantic, first, judged, margin = map(self.words.confidence, (*measured, ahead))
        rows = [
            self.say(f"why_{basis}", match=self._match(matches[0])),
            origin and self.say("why_where", where=markdown.escape(f"{origin.file}:{origin.line}")),
            evidence.phrasing and self.say("why_phrasing", phrasing=self._quote(evidence.phrasing)),
            evidence.words and self.say("why_words", words=markdown.escape(", ".join(evidence.words))),
            self.say("why_likeness", lexical=lexical, semantic=semantic),
            evidence.first_confidence is not None and self.say("why_read", first=first, confidence=judged),
            second and self.say("why_second", match=self._match(second), margin=margin),
            *self.reading(reading),
        ]
        return markdown.shorten("\n".join(f"- {row}" for row in rows if row))

    def reading(self, reading: Reading | None) -> Iterator[str]:
        """Say what a message was read as, how surely, and the examples most like it; nothing of None."""
        if reading is None:
            return
        certainty = self.words.confidence(reading.certainty if reading.act else reading.asks)
        yield self.say("why_reading", what=self.words(f"acts.{reading.act or 'question'}"), certainty=certainty)
        if reading.act:
            alike = ", ".join(self._quote(one.text) for one in nearest(reading.text, shipped()))
            yield self.say("why_examples", examples=alike)

    def search_results(self, entries: Sequence[Entry]) -> str:
        if not entries:
            return self.say("search_nothing")
        return self._join(*(blocks.line(entry, self.pages) for entry in entries))

    def hushed(self, until: datetime, today: date) -> str:
        return self._say_at("hushed", until, today)

    def reloaded(self, known: int, problems: Sequence[str] = ()) -> str:
        """Report a reload. `known`: number of entries in use; `problems`: warnings as `file:line: sentence`."""
        return self._with_problems(self.say("reloaded_warned" if problems else "reloaded", known=known), problems)

    def not_reloaded(self, problems: Sequence[str], *, is_missing: bool = False) -> str:
        """Report files with errors; the earlier entries stay in use, unless there are none (`is_missing`)."""
        return self._with_problems(self.say("not_loaded" if is_missing else "not_reloaded"), problems)

    def mended(self, files: Sequence[str]) -> str:
        """Report that files that had errors are sound again."""
        return self.say("mended", files=", ".join(map(markdown.code, files)))


_REPEATED = 300  # characters of a question


class ForumReplies(Replies):
    """Replies on a forum, where a reply is a post among others.

    It repeats its question, says that a program wrote it and how to call a person. There are no emoji reactions.
    """

    quotes = True

    def __post_init__(self) -> None:
        self.reacts = False
        super().__post_init__()

    def wrap(self, question: str, text: str, *, is_passed_on: bool = False) -> str:
        call = self.say("call_team", team=markdown.code(f"@{self.team}")) if self.team else self.say("call_person")
        end = self.say("forum_end_passed_on" if is_passed_on else "forum_end", call=call)
        return markdown.paragraphs([markdown.quote(markdown.excerpt(question, _REPEATED)), text, end])

    def shortens(self, entries: Sequence[Entry]) -> bool:
        """Return False: a post goes out by e-mail, where nobody can ask for the rest."""
        return False

    def overheard(self, entries: Sequence[Entry], knowledge: Knowledge, today: date, *, is_brief: bool = False) -> str:
        return self.answer(entries, knowledge, today)
