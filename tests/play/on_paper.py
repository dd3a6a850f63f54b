"""The play without a network: the real conversation, store, index and files, a channel on paper, a clock that moves."""

import itertools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app.live_index import LiveIndex
from bot.conversation.policy import Rules
from bot.knowledge.editor import Editor
from bot.knowledge.library import Library
from bot.locale import wording
from bot.matching.embedding_cache import EmbeddingCache
from bot.messages import Edit, Message, OutgoingReaction, Reaction, Redaction, Removal, Reply
from tests.play import script
from tests.play.rooms import KNOWLEDGE
from tests.play.script import BOT, DIRECT, MODERATION, MODERATORS, sealed_place
from tests.play.stage import Act, Words
from tests.scene import START, Scene, open_scene

BOT_ID = "@concierge:localhost"


@dataclass
class OnPaper:
    """See `stage.Stage`. Users are called by their names in the play, rooms by their places."""

    scene: Scene
    sealed: str
    acts: list[Act] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _messages: dict[str, Message] = field(default_factory=dict)
    _read: int = 0  # what was sent before that was seen
    _absent: bool = False

    async def write(self, who: str, place: str, words: Words) -> str:
        id = words.replaces or self._new("m")
        self._messages[id] = self._message(id, who, place, words)
        await self._bring(Edit(self._new("e"), self._messages[id]) if words.replaces else self._messages[id])
        return id

    async def react(self, who: str, place: str, target: str, key: str) -> str:
        id = self._new("r")
        await self._bring(Reaction("paper", id, place, who, target, key))
        return id

    async def remove(self, who: str, place: str, target: str) -> None:
        self.scene.paper.gone.add(target)
        await self._bring(Redaction("paper", self._new("d"), place, who, target))

    async def give(self, name: str, text: str) -> None:
        raise NotImplementedError("in the first week only")

    async def settle(self) -> None:
        if not self._absent:
            await self.scene.work()
        sent = list(self.scene.paper.sent.items())
        for id, outgoing in sent[self._read :]:
            self.acts += self._acts(id, outgoing)
        self._read = len(sent)

    async def wait(self, time: timedelta) -> None:
        self.scene.time += time

    async def absent(self, begins: bool) -> None:
        self._absent = begins
        await self.settle()

    def _new(self, kind: str) -> str:
        return f"${kind}{next(self._numbers)}"

    async def _bring(self, value: Any) -> None:
        self.scene.time += timedelta(seconds=1)
        await self.scene.store.journal.receive("paper", [self.scene.paper.event(value, self.scene.time)], "s1")

    def _message(self, id: str, who: str, place: str, words: Words) -> Message:
        text = words.text.replace(BOT, BOT_ID, 1) if words.names == BOT else words.text  # as the channel reads a pill
        direct, moderation = place.startswith(DIRECT), place == MODERATION
        old = self._messages.get(words.replaces or "")
        return Message(
            "paper", id, place, who, text, old.sent if old else self.scene.time, direct=direct,
            private=direct or moderation or place == self.sealed, moderators_room=moderation,
            mentions_bot=words.names == BOT, mentions_others=words.names not in (None, BOT),
            reply_to=words.to, thread=words.thread,
        )  # fmt: skip

    def _acts(self, id: str, outgoing: Any) -> list[Act]:
        match outgoing:
            case Reply():
                message = Act("message", outgoing.room, id, outgoing.text, outgoing.to, outgoing.thread)
                message.rings = frozenset(outgoing.mentions)
                if outgoing.replaces:
                    message.kind, message.target = "edit", outgoing.replaces
                return [message]
            case OutgoingReaction():
                return [Act("reaction", outgoing.room, id, target=outgoing.target, key=outgoing.key)]
            case Removal():
                key = next((act.key for act in self.acts if act.id == outgoing.target), "")
                return [Act("removal", outgoing.room, id, target=outgoing.target, key=key)]
        return []


def moderated(scene: Scene, live: LiveIndex, knowledge: Path) -> None:
    """The bot knows its moderators, and can change the answers."""
    scene.paper.moderators_room = MODERATION
    scene.paper.powers = {(MODERATION, name): 50 for name in MODERATORS}
    scene.ruled(index=live.index, reload=live.reload, editor=Editor(knowledge), names=(BOT, BOT_ID),
                rules=Rules(flood_questions=0))  # fmt: skip


@dataclass
class Paperwork:
    """Opens a stage for a scene. `embeddings`: of the shipped encoder; meaning counts from the first line on."""

    embeddings: EmbeddingCache
    _shipped: tuple[Path, LiveIndex] | None = None  # a copy of the answers that no scene has changed yet

    @asynccontextmanager
    async def open(self, folder: Path, _: script.Scene) -> AsyncIterator[OnPaper]:
        knowledge, live = self._shipped = self._shipped or await self._copied(folder)
        before = live.index()
        scene = await open_scene(f"sqlite:///{folder / 'paper.db'}", before)
        scene.paper.encrypted.update(filter(None, [sealed_place()]))
        moderated(scene, live, knowledge)
        try:
            yield OnPaper(scene, sealed_place())
        finally:
            await scene.store.close()
            self._shipped = self._shipped if live.index() is before else None

    async def _copied(self, folder: Path) -> tuple[Path, LiveIndex]:
        knowledge = Path(shutil.copytree(KNOWLEDGE, folder / "knowledge"))
        live = LiveIndex(Library(knowledge), wording("fr"), lambda: START.date(),
                         load_embeddings=lambda _: self.embeddings)  # fmt: skip
        await live.reload()
        await live.join_meaning()
        return knowledge, live
