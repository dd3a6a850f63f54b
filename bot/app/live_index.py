"""The knowledge in use and its index: a change of the files swaps both; a broken file changes nothing."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from bot.conversation.context import Reloaded
from bot.knowledge.folder import LibraryError, Loaded
from bot.knowledge.library import Library
from bot.knowledge.models import Knowledge
from bot.locale import Wording
from bot.matching.index import Index

OnErrors = Callable[[Reloaded], Awaitable[None]]
OnUse = Callable[[Knowledge], Awaitable[None]]


async def _nobody(_: Knowledge) -> None: ...


class LiveIndex:
    """`cache`: where embeddings are kept between runs; None: nowhere. `used` hears of what is put to use."""

    def __init__(
        self,
        library: Library,
        words: Wording,
        today: Callable[[], date],
        *,
        semantic: bool,
        cache: Path | None,
        used: OnUse = _nobody,
    ) -> None:
        self._library, self._words, self._today = library, words, today
        self._semantic, self._cache, self._used = semantic, cache, used
        self._index: Index | None = None
        self._building = asyncio.Lock()

    def index(self) -> Index:
        if self._index is None:
            raise RuntimeError("the knowledge is not loaded yet")
        return self._index

    @property
    def entries(self) -> int | None:
        """How many are in use; None: nothing is loaded yet."""
        return None if self._index is None else len(self._index.knowledge.entries)

    async def reload(self) -> Reloaded:
        """Read the files that changed. Raises LibraryError where there is nothing to answer with."""
        try:
            return await self._use(await asyncio.to_thread(self._library.load, self._today()))
        except LibraryError as error:
            if self._index is None:
                raise
            return Reloaded(len(self._index.knowledge.entries), errors=tuple(error.say(self._words).splitlines()))

    async def follow(self, tell: OnErrors) -> None:
        """Swap on each change of the files, for ever; `tell` hears of files that stay broken."""

        async def changed(loaded: Loaded) -> None:
            reloaded = await self._use(loaded)
            if reloaded.errors:
                await tell(reloaded)

        await self._library.watch(changed, asyncio.Event())

    async def _use(self, loaded: Loaded) -> Reloaded:
        """Answers go on from the old index while the new one is built."""
        async with self._building:
            if self._index is None or loaded.knowledge is not self._index.knowledge:
                self._index = await asyncio.to_thread(self._built, loaded.knowledge)
                await asyncio.to_thread(_give_back)
                await self._used(loaded.knowledge)
        return self._report(loaded)

    def _built(self, knowledge: Knowledge) -> Index:
        return Index(knowledge, semantic=self._semantic, cache=self._cache, previous=self._index)

    def _report(self, loaded: Loaded) -> Reloaded:
        said = {
            kind: tuple(problem.say(self._words) for problem in loaded.problems if problem.warning is kind)
            for kind in (True, False)
        }
        return Reloaded(len(loaded.knowledge.entries), errors=said[False], warnings=said[True])


def _give_back() -> None:
    """Memory that building has used in small pieces: the C library keeps it otherwise, 90 MB at 10,000 entries."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, TypeError, AttributeError):  # only glibc has it
        return
