"""The digest in words: a section for each kind of news; empty without news."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.messages import Topic
from bot.replies.sentences import ROOM, Sentences, full_day
from bot.replies.sentences import day as spoken_day
from bot.text import markdown

OPEN = 5  # open questions that are shown
SHOWN = 8  # rows of any other section
LONGEST = 300  # characters of a question
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question without an answer, from the room of the digest. `url`: link to `event`; `number`: in the queue."""

    text: str
    url: str
    event: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """An entry in the digest. `url`: its page, or else its first working link, if any.

    `doubtful`: its review is overdue, or no link works.
    """

    title: str
    url: str | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class DigestWeek:
    """The news of a week, for everybody. `asked`: entries with the number of questions that they answered."""

    new: tuple[DigestEntry, ...] = ()
    changed: tuple[DigestEntry, ...] = ()
    asked: tuple[tuple[DigestEntry, int], ...] = ()
    open: tuple[OpenQuestion, ...] = ()
    topics: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class ModeratorDigest:
    """Work for the moderators.

    `waiting`: numbers of questions with their age in days, oldest first; `disliked`: entries with 👍 and 👎; `dead`:
    addresses with their entries.
    """

    waiting: tuple[tuple[int, int], ...] = ()
    disliked: tuple[tuple[DigestEntry, int, int], ...] = ()
    dead: tuple[tuple[str, DigestEntry], ...] = ()
    review: tuple[DigestEntry, ...] = ()
    unasked: tuple[DigestEntry, ...] = ()


class DigestReplies(Sentences):
    def digest_title(self, day: date, since: date | None = None) -> str:
        """Return the title of a topic for the days up to `day`, by default a week; Discourse refuses to repeat one."""
        week = day - WEEK
        first = since or week
        if first == day:
            return full_day(self.words, day)
        begin = first.day if (first.year, first.month) == (day.year, day.month) else spoken_day(self.words, first)
        key = "digest_title" if first == week else "digest_title_days"
        return self.say(key, begin=begin, day=full_day(self.words, day))

    def digest(self, week: DigestWeek, day: date, since: date | None = None, *, titled: bool = True) -> str:
        """Return the digest, empty without news. `titled`: the title is part of the post, not of a topic."""
        title = f"**{self.digest_title(day, since)}**" if titled else ""
        questions = [markdown.link(markdown.clip(markdown.one_line(one.text), LONGEST), one.url) for one in week.open]
        asked = [(self._entry(entry), times) for entry, times in week.asked]
        often = [self.say("digest_often", title=one, times=times) if times > 1 else one for one, times in asked]
        return self._sections(
            title,
            self._section("new", map(self._entry, week.new)),
            self._section("changed", map(self._entry, week.changed)),
            self._section("asked", often),
            self._section("open", questions, OPEN),
            self._section("topics", (markdown.link(topic.title, topic.url) for topic in week.topics)),
            end=self.say("digest_end"),
        )

    def digest_withdrawn(self, day: date, *, titled: bool = True) -> str:
        """Return the replacement for a digest of which nothing is left."""
        return markdown.paragraphs([f"**{self.digest_title(day)}**" if titled else "", self.say("digest_withdrawn")])

    def digest_work(self, work: ModeratorDigest, day: date) -> str:
        """Return the digest for moderators only, empty without work."""
        votes = [self.say("stats_one", id=self._entry(one), up=up, down=down) for one, up, down in work.disliked]
        return self._sections(
            f"**{self.say('digest_work', day=full_day(self.words, day))}**",
            self._section("waiting", (self.say("digest_waits", number=at, days=days) for at, days in work.waiting)),
            self._section("disliked", votes),
            self._section("dead", (f"{markdown.link(url, url)} · {self._entry(entry)}" for url, entry in work.dead)),
            self._section("review", map(self._entry, work.review)),
            self._section("unasked", map(self._entry, work.unasked)),
        )

    def _sections(self, title: str, *sections: str, end: str = "") -> str:
        """Join the sections, shortened if too long, and the end, which is always kept; empty if all sections are."""
        if not any(sections):
            return ""
        room = ROOM - len(end.encode())
        return markdown.paragraphs([markdown.shorten(markdown.paragraphs([title, *sections]), room), end])

    def _section(self, name: str, rows: Iterable[str], most: int = SHOWN) -> str:
        return self._list(f"**{self.say(f'digest_{name}')}**", [*rows], most)

    def _entry(self, entry: DigestEntry) -> str:
        title = markdown.link(entry.title, entry.url) if entry.url else markdown.excerpt(entry.title)
        return self.say("digest_doubtful", title=title) if entry.doubtful else title
