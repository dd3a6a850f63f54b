"""The weekly post in words: a section for each thing that there is to tell, and nothing at all when there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bot.messages import Topic
from bot.replies import blocks, markdown
from bot.replies.blocks import paragraphs
from bot.replies.dates import full_day
from bot.replies.sentences import ROOM, Sentences

OPEN = 5  # questions without an answer that are named
SHOWN = 8  # of everything else
LONGEST = 300  # characters of a question

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that waits for an answer; `url`: where it was asked, as `event`. Only of the place where the digest
    is posted."""

    text: str
    url: str
    event: str = ""


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """An entry. `url`: its first link that leads somewhere; `doubtful`: it is to be read again, or all its links are
    dead."""

    title: str
    url: str | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class DigestWeek:
    """What a week brought, for everybody. `asked`: entries with how many questions they answered."""

    new: tuple[DigestEntry, ...] = ()
    changed: tuple[DigestEntry, ...] = ()
    asked: tuple[tuple[DigestEntry, int], ...] = ()
    open: tuple[OpenQuestion, ...] = ()
    topics: tuple[Topic, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.new or self.changed or self.asked or self.open or self.topics)


@dataclass(frozen=True, slots=True)
class ModeratorDigest:
    """What waits for the moderators. `waiting`: numbers of questions with their age in days, oldest first;
    `disliked`: ids with 👍 and 👎; `dead`: addresses with the ids of their entries."""

    waiting: tuple[tuple[int, int], ...] = ()
    disliked: tuple[tuple[str, int, int], ...] = ()
    dead: tuple[tuple[str, str], ...] = ()
    review: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.waiting or self.disliked or self.dead or self.review or self.unasked)


class DigestReplies(Sentences):
    def digest_title(self, day: date) -> str:
        """Of a topic of its own: with its day, since a forum takes each title once."""
        return self._say("digest_title", day=full_day(self._words, day))

    def digest(self, week: DigestWeek, day: date, *, titled: bool = True) -> str:
        """Empty when there is nothing to tell. `titled`: without a topic's title above it."""
        if week.empty:
            return ""
        title = f"**{self.digest_title(day)}**" if titled else ""
        return self._sections(
            title,
            self._section("new", week.new, self._entry),
            self._section("changed", week.changed, self._entry),
            self._section("asked", week.asked, self._often),
            self._section("open", week.open, _asked, OPEN),
            self._section("topics", week.topics, _topic),
            end=self._say("digest_end"),
        )

    def digest_withdrawn(self, day: date, *, titled: bool = True) -> str:
        """In the place of one of which nothing is left: all that it told was taken back."""
        return paragraphs([f"**{self.digest_title(day)}**" if titled else "", self._say("digest_withdrawn")])

    def digest_work(self, work: ModeratorDigest, day: date) -> str:
        """For the moderators alone; empty when nothing waits for them."""
        if work.empty:
            return ""
        return self._sections(
            f"**{self._say('digest_work', day=full_day(self._words, day))}**",
            self._section("waiting", work.waiting, lambda one: self._say("digest_waits", number=one[0], days=one[1])),
            self._section("disliked", work.disliked, self._judged),
            self._section("dead", work.dead, lambda one: f"{markdown.link(one[0], one[0])} · {markdown.code(one[1])}"),
            self._section("review", work.review, markdown.code),
            self._section("unasked", work.unasked, markdown.code),
            end="",
        )

    def _sections(self, title: str, *sections: str, end: str) -> str:
        """Shortened where it is too long, but never without its end."""
        room = ROOM - len(end.encode())
        return paragraphs([markdown.shorten(paragraphs([title, *sections]), room), end])

    def _section(self, name: str, found: Sequence[One], row: Callable[[One], str], most: int = SHOWN) -> str:
        """Its heading, and a line for each; of many the first ones, and how many more there are."""
        if not found:
            return ""
        rows = [row(one) for one in found[:most]]
        more = [self._say("digest_more", number=len(found) - most)] if len(found) > most else []
        return "\n".join([f"**{self._say(f'digest_{name}')}**", "", *(f"- {line}" for line in [*rows, *more])])

    def _entry(self, entry: DigestEntry) -> str:
        title = markdown.clip(markdown.one_line(entry.title), blocks.TITLE)
        shown = markdown.link(title, entry.url) if entry.url else markdown.escape(title)
        return self._say("digest_doubtful", title=shown) if entry.doubtful else shown

    def _often(self, asked: tuple[DigestEntry, int]) -> str:
        return self._say("digest_often", title=self._entry(asked[0]), times=asked[1])

    def _judged(self, judged: tuple[str, int, int]) -> str:
        return self._say("stats_one", id=markdown.code(judged[0]), up=judged[1], down=judged[2])


def _asked(asked: OpenQuestion) -> str:
    return markdown.link(markdown.clip(markdown.one_line(asked.text), LONGEST), asked.url)


def _topic(topic: Topic) -> str:
    return markdown.link(topic.title, topic.url)
