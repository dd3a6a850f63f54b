"""Knowledge in use and its index: replaced together when files change, kept while a file is invalid."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from bot.conversation.context import Reloaded
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library, LoadResult
from bot.knowledge.models import Knowledge
from bot.locale import Wording
from bot.matching.correction import UNCORRECTED, Correction
from bot.matching.index import Index

OnErrors = Callable[[Reloaded], Awaitable[None]]
OnUse = Callable[[Knowledge], Awaitable[None]]


async def _ignore(_: Knowledge) -> None: ...


class LiveIndex:
    """`cache`: folder of embeddings kept between runs. `on_use`: called with the knowledge that is put to use."""

    def __init__(
        self,
        library: Library,
        words: Wording,
        today: Callable[[], date],
        *,
        semantic: bool,
        cache: Path | None,
        correction: Correction = UNCORRECTED,
        on_use: OnUse = _ignore,
    ) -> None:
        self._library, self._words, self._today = library, words, today
        self._semantic, self._cache, self._on_use = semantic, cache, on_use
        self._correction = correction
        self._index: Index | None = None
        self._building = asyncio.Lock()

    def index(self) -> Index:
        if self._index is None:
            raise RuntimeError("the knowledge is not loaded yet")
        return self._index

    @property
    def entries(self) -> int | None:
        """Number in use; None: nothing is loaded yet."""
        return None if self._index is None else len(self._index.knowledge.entries)

    async def reload(self) -> Reloaded:
        """Read the files that changed. Raises LibraryError if there is no earlier index to keep."""
        try:
            return await self._use(await asyncio.to_thread(self._library.load, self._today()))
        except LibraryError as error:
            if self._index is None:
                raise
            return Reloaded(len(self._index.knowledge.entries), errors=tuple(error.say(self._words).splitlines()))

    async def follow(self, on_errors: OnErrors) -> None:
        """Reload whenever files change, for ever; `on_errors`: some are invalid."""

        async def use(loaded: LoadResult) -> None:
            reloaded = await self._use(loaded)
            if reloaded.errors:
                await on_errors(reloaded)

        await self._library.watch(use, asyncio.Event())

    async def _use(self, loaded: LoadResult) -> Reloaded:
        """The old index answers while the new one is built."""
        async with self._building:
            if self._index is None or loaded.knowledge is not self._index.knowledge:
                self._index = await asyncio.to_thread(self._build, loaded.knowledge)
                await asyncio.to_thread(_trim_heap)
                await self._on_use(loaded.knowledge)
        return self._report(loaded)

    def _build(self, knowledge: Knowledge) -> Index:
        return Index(knowledge, semantic=self._semantic, cache=self._cache, correction=self._correction)

    def _report(self, loaded: LoadResult) -> Reloaded:
        errors, warnings = (
            tuple(problem.say(self._words) for problem in loaded.problems if problem.warning is is_warning)
            for is_warning in (False, True)
        )
        return Reloaded(len(loaded.knowledge.entries), errors, warnings)


def _trim_heap() -> None:
    """Return freed memory to the system: glibc would keep 90 MB of it after building an index of 10,000 entries."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, TypeError, AttributeError):  # another C library
        return
