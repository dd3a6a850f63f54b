"""Whatever somebody writes, the bot decides about it at once: while `re` works, nothing else in the process does."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.discourse.formatting import mentions, plain_text
from bot.channels.matrix.event_parser import find_pills
from bot.conversation.policy import Rules
from bot.knowledge.library import Library
from bot.matching.index import Index
from bot.messages import Edit, Message, Redaction
from bot.text.html import spoken_text
from tests.scene import ANA, MODERATION, MODERATOR, ROOM, START, Scene, open_scene

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
LONGEST = 60_000  # characters of a text: a Matrix event holds 65,536 bytes
MOST = 5  # times what an ordinary text as long as can be takes here and now: no machine is too slow for that
DRAWS = 5_000 if "THOROUGH" in os.environ else 5  # `make soak ARGS=tests` sets it
LONG = ("Nous montons un tiers-lieu dans une école. Quelle formation pour devenir facilitateur ? " * 999)[:LONGEST]

RUNS = [*" \n\t\xa0\u2028\u200b\u202e\ufeff\x00\x85\ud800\U000e0041", "\r\n"]
LENGTHENED = [*"㍿ﷺﬃİŉß㌀㋿½\u0344\u0390\u1fb7ཷ"]  # by normalisation or case
SIGNS = [*"?!.,;:=-_/\\@#%&*+~^$|()[]{}<>\"'`’«»…·•0aéxZ😀漢あ한\u0301\u0345", "👩\u200d🔧", "1️⃣", "🇫🇷"]
WORDS = [
    *("je", "on", "le", "ne", "pas", "peut", "qui", "i", "my", "not", "t", "a", "est", "ete", "cherche", "merci"),
    *("formation", "facilitateur", "fiche de poste", "où trouver", "et quel", "tiers-lieu.x", "c’est quoi", "h"),
    *("concierge", "@concierge:example.org", "concierge : ", "bonjour", "!aide", "!concierge", "https://x", "www."),
    *("](", "[a](b", "![", "[quote]", "[/quote]", "<!--", "-->", "```", "> ", "<a href='", "</a>", "<b", "M. Ana"),
]

runs = st.tuples(
    st.one_of(*map(st.sampled_from, (RUNS, LENGTHENED, SIGNS, WORDS)), st.characters()),
    st.sampled_from([1, 1, 2, 5, 40, 400, 3_000, 10_000, LONGEST]),
    st.sampled_from(["", "", " "]),
)
"""A sign or a word, how often, and what stands between: what `text()` draws is never long."""


class Reader:
    """A room with the bot in it, where each text is said aloud, said to the bot, put into an edit, and deleted."""

    def __init__(self, runner: asyncio.Runner, scene: Scene) -> None:
        self._run, self._scene = runner.run, scene
        self.ordinary = self.slowest(LONG)[0]

    def slowest(self, text: str) -> tuple[float, str]:
        """The longest processor time of one decision, and which one it was."""
        ways = {
            "overheard": lambda: self._run(self._scene.say(text)),
            "in a direct room": lambda: self._run(self._scene.say(text, direct=True)),
            "a command": lambda: self._run(self._scene.say(f"!{text}", moderators_room=True, room=MODERATION)),
            "by a moderator": lambda: self._run(self._scene.say(text, MODERATOR, mentions_bot=True)),
            "edited": lambda: self._run(self._scene.bring(self._edit(text))),
            "on a forum": lambda: (plain_text(text), mentions(text)),
            "as HTML": lambda: (find_pills(text), spoken_text(text)),
        }
        slowest = max((_seconds(way), name) for name, way in ways.items())
        # Questions that wait in the queue are compared with each new one: that is no part of what is measured.
        for event, value in self._scene.paper.written:
            if isinstance(value, Message):
                self._run(self._scene.bring(Redaction("paper", f"{event.id}x", ROOM, ANA, event.id)))
        self._scene.paper.written.clear()
        return slowest

    def _edit(self, text: str) -> Edit:
        return Edit(f"{self._scene.last}e", Message("paper", self._scene.last, ROOM, ANA, text, START, direct=True))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    index = Index(Library(KNOWLEDGE).load(date.min).knowledge)
    store = tmp_path_factory.mktemp("any text") / "store.db"
    with asyncio.Runner() as runner:
        scene = runner.run(open_scene(f"sqlite:///{store}", index))
        scene.ruled(rules=Rules(per_hour=10**6, flood_questions=0))
        yield Reader(runner, scene)
        runner.run(scene.store.close())


@settings(max_examples=DRAWS)
@given(st.lists(runs, min_size=1, max_size=12))
@example([("x", 400, ""), ("a", 6, " ")])
@example([("😀", 100, ""), ("a", 6, " ")])
@example([("㍿", 9_999, "")])
def test_no_text_takes_much_longer_than_an_ordinary_one(reader: Reader, some: Sequence[tuple[str, int, str]]) -> None:
    text = "".join(((sign + gap) * times)[:LONGEST] for sign, times, gap in some)[:LONGEST]
    seconds, way = reader.slowest(text)
    if seconds > reader.ordinary:  # a slow text is slow each time, a machine that does other work is not
        usual, _ = reader.slowest(LONG)
        seconds, way = reader.slowest(text)
        assert seconds < MOST * usual, f"{seconds:.1f} s {way}, an ordinary text {usual:.1f} s"
