"""A conversation on paper: the real store and matcher, a channel on paper, a clock that tests move."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.arrays import Floats
from bot.conversation import dispatch, question_queue
from bot.conversation.context import Context, ConversationSettings, Reloaded, RunningBot
from bot.conversation.policy import Rules
from bot.knowledge.models import Entry, Knowledge, Link, Origin
from bot.locale import wording
from bot.matching.decision import Thresholds
from bot.matching.embedding_cache import EmbeddingCache, reading_vector
from bot.matching.index import Index
from bot.messages import Edit, Message, Reaction, Redaction, Removal, Reply
from bot.reading.model import shipped_model
from bot.reading.read import Reader
from bot.replies import Replies
from bot.store import Store
from bot.workers.inbox import InboxWorker
from bot.workers.sender import OutboxSender
from tests.paper import Paper

FORMATION = Entry(
    id="formation-facilitation",
    title="Se former à la facilitation de tiers-lieu",
    questions=("Où trouver une formation de facilitateur ?", "quelle formation pour devenir concierge"),
    answer="Une coopérative forme et certifie.",
    links=(Link(title="La formation", url="https://formation.example/"),),
)
FICHE = Entry(
    id="fiche-de-poste",
    title="Modèles de fiche de poste",
    questions=("Où trouver une fiche de poste ?", "un modele de fiche de poste svp"),
    answer="Un modèle est en ligne.",
    links=(Link(title="Le modèle", url="https://fiche.example/"),),
)
SERVICE = Entry(
    id="service-civique",
    title="Accueillir un service civique",
    questions=("Comment accueillir un volontaire en service civique ?", "agrement service civique"),
    answer="Il faut un agrément.",
)
KNOWLEDGE = Knowledge(
    {entry.id: entry for entry in (FORMATION, FICHE, SERVICE)},
    origins={FORMATION.id: Origin("knowledge/formations.yaml", 3, "Formations")},
)
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROOM, MODERATION = "!salon", "!moderation"
ANA, BOB, MODERATOR = "@ana:example.org", "@bob:example.org", "@mod:example.org"
ASKED = "Où trouver une formation de facilitateur ?"
OTHER = "Qui a volé la fiche du volontaire à la piscine municipale de Brest ?"

OFFERING = Thresholds(confident=1.1, suggest=0.01)
"""Nothing is sure enough to be answered; whatever is near is offered."""
UNSURE = Thresholds(confident=1.1, suggest=1.1)
"""Nothing is even near enough to be offered."""
ALL_THREE = "concierge : formation fiche de poste service civique"

IN_WORDS = Replies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"), reacts=False)
"""What is said where people cannot put an emoji under a post."""


@dataclass
class Scene:
    """A room, its people, the bot in it, and what it said."""

    store: Store
    paper: Paper
    ctx: Context
    time: datetime = START
    ids: Any = field(default_factory=lambda: itertools.count(1))

    async def say(self, text: str, sender: str = ANA, **more: Any) -> list[Reply]:
        """What the bot answers at once to a message said now, or `ago`."""
        sent = self.time - more.pop("ago", timedelta())
        message = Message("paper", f"$m{next(self.ids)}", more.pop("room", ROOM), sender, text, sent, **more)
        return await self.bring(message, sent)

    async def bring(self, value: Any, sent: datetime | None = None) -> list[Reply]:
        await self.store.journal.receive("paper", [self.paper.event(value, sent or self.time)], "s1")
        return await self.work()

    async def later(self, delay: timedelta) -> list[Reply]:
        self.time += delay
        return await self.work()

    async def overhear(self, text: str, **more: Any) -> list[Reply]:
        """What the bot says to a message that nobody answers within its delay."""
        return [*await self.say(text, **more), *await self.later(timedelta(seconds=21))]

    async def edit(self, text: str, id: str = "", sender: str = ANA, **more: Any) -> list[Reply]:
        """What comes of new words for the message with this id, or for the last one."""
        new = Message("paper", id or self.last, more.pop("room", ROOM), sender, text, self.time, **more)
        return await self.bring(Edit(f"$e{next(self.ids)}", new))

    async def react(self, key: str, sender: str = ANA, under: str = "", room: str = ROOM, **more: Any) -> list[Reply]:
        """What comes of an emoji under a post of the bot, or under its last reply."""
        target = under or self.last_reply
        return await self.bring(Reaction("paper", f"$r{next(self.ids)}", room, sender, target, key, **more))

    async def delete(self, target: str = "", sender: str = ANA, room: str = ROOM) -> list[Reply]:
        """What comes of it when an event goes, or the last message."""
        return await self.bring(Redaction("paper", f"$d{next(self.ids)}", room, sender, target or self.last))

    def in_private(self) -> dict[str, Any]:
        """Somebody new, in a direct room of their own."""
        number = next(self.ids)
        return {"sender": f"@p{number}:example.org", "room": f"!deux{number}", "direct": True, "private": True}

    def in_a_room(self) -> dict[str, Any]:
        """Somebody new, in an open room in which nothing was said."""
        number = next(self.ids)
        return {"sender": f"@p{number}:example.org", "room": f"!salon{number}"}

    async def work(self) -> list[Reply]:
        before = len(self.paper.sent)
        hearing = InboxWorker(self.store, lambda event: dispatch.handle(self.ctx, event), self.now, lambda: None)
        delivery = OutboxSender(
            self.store, {"paper": self.paper}, self.now, partial(question_queue.unanswered, self.ctx)
        )
        while await hearing.once() or await delivery.once():
            continue
        return [out for out in list(self.paper.sent.values())[before:] if isinstance(out, Reply)]

    def now(self) -> datetime:
        return self.time

    @property
    def last(self) -> str:
        """The id of the last message that a person wrote."""
        return next(event.id for event, value in reversed(self.paper.written) if isinstance(value, Message))

    @property
    def last_reply(self) -> str:
        """The id of the last message in answer to one."""
        return [id for id, out in self.paper.sent.items() if isinstance(out, Reply) and out.to and not out.replaces][-1]

    @property
    def notes(self) -> list[Reply]:
        """What the bot said in the moderators' room."""
        return [reply for reply in self.paper.replies if reply.room == MODERATION]

    @property
    def removed(self) -> set[str]:
        """The ids of what the bot took away again."""
        return {out.target for out in self.paper.sent.values() if isinstance(out, Removal)}

    def post(self, words: str, room: str = MODERATION) -> str:
        """The id of the bot's first post there that has these words."""
        posts = [(id, out) for id, out in self.paper.sent.items() if isinstance(out, Reply)]
        return next(id for id, out in posts if out.room == room and words in out.text)

    async def queued(self) -> list[str]:
        """Open questions, in the words that moderators read: none of what was asked in private."""
        return [text for question in await self.store.queue.questions() for text in question.open_texts or ("",)]

    def ruled(self, **changes: Any) -> Scene:
        """Change fields of the context, of its settings or of what its bot does."""
        for group in ("settings", "bot"):
            value = getattr(self.ctx, group)
            own = {name: changes.pop(name) for name in value.__slots__ if name in changes}
            self.ctx = replace(self.ctx, **{group: replace(value, **own)})
        self.ctx = replace(self.ctx, **changes)
        return self


def text_of(replies: list[Reply]) -> str:
    """What the one reply says that there is."""
    [reply] = replies
    return reply.text


@pytest.fixture(scope="session")
def encoding_reader(embeddings: EmbeddingCache) -> Reader:
    """Reads with the encoder, as the bot does; each text is encoded once, in whatever test it is said."""

    @cache
    def encode(text: str) -> Floats:
        return reading_vector(embeddings.questions([text])[0])

    return Reader(shipped_model(), encode)


@pytest.fixture(scope="session")
def index(encoding_reader: Reader) -> Index:
    """Read with the encoder; searched by words alone, which takes no time."""
    index = Index(KNOWLEDGE)
    index.reader = encoding_reader
    return index


async def open_scene(url: str, index: Index) -> Scene:
    scene: Scene
    store = await Store.open(url, clock=lambda: scene.time)

    async def reload() -> Reloaded:
        return Reloaded(3)

    paper = Paper(moderators_room=MODERATION, powers={(MODERATION, MODERATOR): 50})
    replies = Replies(wording("fr"), "Concierge", "!", ZoneInfo("Europe/Paris"))
    names = ("Concierge", "@concierge:example.org")
    settings = ConversationSettings(Thresholds(), Rules(), names, "!", frozenset(), 90, ZoneInfo("Europe/Paris"))
    ctx = Context(paper, store, replies, lambda: index, lambda: scene.time, settings, RunningBot(reload))
    scene = Scene(store, paper, ctx)
    return scene


@pytest.fixture
async def scene(ready_url: str, index: Index) -> AsyncIterator[Scene]:
    scene = await open_scene(ready_url, index)
    yield scene
    await scene.store.close()


@pytest.fixture
async def suggested(scene: Scene) -> Scene:
    scene.ruled(limits=OFFERING)
    [reply] = await scene.say(ALL_THREE)
    assert "**1.**" in reply.text
    assert len(reply.choices) >= 2
    return scene
