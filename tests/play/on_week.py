"""The first week of a network on paper: its folder, the program's commands there, the digest, the moderators' desk."""

import asyncio
import html
import os
import re
import shlex
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app.digest_settings import surely_asks
from bot.app.live_index import LiveIndex
from bot.digest.content import note_entries
from bot.digest.publisher import DigestPublisher, DigestTarget
from bot.digest.schedule import Schedule
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import wording
from bot.matching.embedding_cache import EmbeddingCache
from bot.matching.index import Index
from bot.workers.weekly_jobs import DigestJob
from tests.desk.browsing import Browser, browsing
from tests.desk.entry_forms import shown
from tests.play import script
from tests.play.on_paper import OnPaper, moderated
from tests.play.stage import Act, Words
from tests.scene import START, open_scene

WEEK = Path(__file__).parent / "semaine.md"
TERMINAL, DESK, CAFE = "terminal", "bureau", "café"
_SCHEDULE = Schedule(0, time(9), ZoneInfo("Europe/Paris"))
_ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class OnWeek(OnPaper):
    """See `stage.Stage`. At the terminal people write commands; at the desk they open links by their words."""

    folder: Path
    cache: Path
    live: LiveIndex
    digest: DigestJob
    browser: Browser

    async def give(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    async def write(self, who: str, place: str, words: Words) -> str:
        if place not in (TERMINAL, DESK):
            return await super().write(who, place, words)
        id = self._new("m")
        said = await (self._run(words.text) if place == TERMINAL else self._open(words.text))
        self.acts.append(Act("message", place, self._new("t"), said, id))
        return id

    async def settle(self) -> None:
        if self.live.entries is not None:
            await self.digest.look(START)
        await super().settle()

    async def _run(self, command: str) -> str:
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT), "XDG_CACHE_HOME": str(self.cache.parent)}
        words = [sys.executable, "-m", "bot", *shlex.split(command)]
        process = await asyncio.create_subprocess_exec(*words, cwd=self.folder, env=environ, stdout=PIPE, stderr=STDOUT)
        out, _ = await process.communicate()
        with suppress(LibraryError):  # as long as the network has no answer
            is_first = self.live.entries is None
            await self.live.reload()
            if is_first:
                await self.live.join_meaning()
        return out.decode()

    async def _open(self, words: str) -> str:
        """Enter by the newest link that the bot gave, then follow the one with these words."""
        if not self.browser.page.is_success or not self.browser.page.text:
            tokens = re.findall(r"/desk/enter/(\w+)", " ".join(act.text for act in self.acts))
            self.browser.page = await self.browser.http.post(f"/desk/enter/{tokens[-1]}")
        label = words.partition("« ")[2].rpartition(" »")[0].replace(" ", r"\s")
        found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>[^<]*{label}', self.browser.page.text)
        return shown(await self.browser.get(html.unescape(found[1]))) if found else f"Aucun lien {label}"


@dataclass(frozen=True)
class NewNetwork:
    """Opens the stage: a folder without any answer. `cache`: of the commands, in a folder of its own."""

    embeddings: EmbeddingCache
    cache: Path

    @asynccontextmanager
    async def open(self, folder: Path, _: script.Scene) -> AsyncIterator[OnWeek]:
        (knowledge := folder / "reponses").mkdir()
        scene = await open_scene(f"sqlite:///{folder / 'paper.db'}", Index(Knowledge({})))

        async def note(used: Knowledge) -> None:
            await note_entries(scene.store, used, scene.now())

        live = LiveIndex(Library(knowledge), wording("fr"), lambda: scene.time.date(),
                         load_embeddings=lambda _: self.embeddings, on_use=note)  # fmt: skip
        moderated(scene, live, knowledge)
        try:
            async with browsing(scene) as browser:
                known, targets = lambda: live.index().knowledge, (DigestTarget("paper", CAFE),)
                voices = {"paper": scene.ctx}
                publisher = DigestPublisher(scene.store, known, voices, _SCHEDULE, targets, asks=surely_asks)
                digest = DigestJob(scene.store, publisher, _SCHEDULE, scene.now, lambda: None)
                yield OnWeek(scene, "", folder=folder, cache=self.cache, live=live, digest=digest, browser=browser)
        finally:
            await scene.store.close()
