"""Knowledge in use and its index: replaced together when files change, kept while a file is invalid."""

import asyncio
import ctypes
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date

from bot.conversation.context import FileFault, Reloaded
from bot.encoder import EncoderError
from bot.knowledge.folder import LibraryError
from bot.knowledge.library import Library, LoadResult, identity
from bot.knowledge.models import Entry, Knowledge
from bot.locale import Wording
from bot.matching.corpus import Corpus
from bot.matching.embedding_cache import EmbeddingCache, Progress
from bot.matching.index import Index

log = logging.getLogger(__name__)
LOADING = "the encoder"
PAUSE = 0.2  # seconds

LoadEmbeddings = Callable[[Progress], EmbeddingCache]


class StoppedError(Exception):
    """In the thread that encodes, once nobody waits for it any more."""


class Turn:
    """Indexes are built one at a time, so that searches never wait behind those of many networks; and the first of each
    network, by words, before all others, so that everybody is answered soon."""

    def __init__(self) -> None:
        self._lock, self._first, self._none_is_first = asyncio.Lock(), 0, asyncio.Event()
        self._none_is_first.set()

    @asynccontextmanager
    async def take(self, *, is_first: bool) -> AsyncIterator[None]:
        if is_first:
            self._first += 1
            self._none_is_first.clear()
            try:
                async with self._lock:
                    yield
            finally:
                self._first -= 1
                if not self._first:
                    self._none_is_first.set()
            return
        while True:
            await self._none_is_first.wait()
            async with self._lock:
                if self._none_is_first.is_set():  # else one has come meanwhile
                    yield
                    return


class LiveIndex:
    """Words answer at once; meaning joins once the encoder is there and the knowledge's texts are encoded.

    `load_embeddings`: None for words alone; raises EncoderError. `on_use`: called with the knowledge put to use.
    `turn`: taken while an index is built. `pause`: seconds between two looks at the files.
    """

    def __init__(
        self,
        library: Library,
        words: Wording,
        today: Callable[[], date],
        *,
        load_embeddings: LoadEmbeddings | None = None,
        on_use: Callable[[Knowledge], Awaitable[None]] | None = None,
        turn: Turn | None = None,
        pause: float = PAUSE,
    ) -> None:
        self._library, self._words, self._today = library, words, today
        self._load_embeddings, self._on_use, self._pause = load_embeddings, on_use, pause
        self._embeddings: EmbeddingCache | None = None
        self.waiting_for = LOADING if load_embeddings else ""  # what the meaning waits for; empty: it has joined
        self._stopped = False
        self._index: Index | None = None
        self._building, self._turn = asyncio.Lock(), turn or Turn()
        self._trial: tuple[Entry, Index] | None = None
        self._trying = asyncio.Lock()

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
            return self._report(LoadResult(self._index.knowledge, error.problems))

    async def follow(self, on_change: Callable[[Reloaded], Awaitable[None]]) -> None:
        """Reload whenever files change, for ever."""

        async def use(loaded: LoadResult) -> None:
            await on_change(await self._use(loaded))

        await self._library.watch(use, pause=self._pause)

    async def _use(self, loaded: LoadResult) -> Reloaded:
        """The old index answers while the new one is built."""
        async with self._building:
            if self._index is None or loaded.knowledge is not self._index.knowledge:
                self._index = await self._built(loaded.knowledge)
                self._trial = None
                await asyncio.to_thread(_trim_heap)
                if self._on_use:
                    await self._on_use(loaded.knowledge)
        return self._report(loaded)

    async def join_meaning(self) -> None:
        """Load the encoder and build the index anew with it; once, after the first `reload`."""
        if not self._load_embeddings:
            return
        started = time.monotonic()
        try:
            embeddings = await asyncio.to_thread(self._load_embeddings, self._note_progress)
            async with self._building:
                self._embeddings, self._trial = embeddings, None
                self._index = await self._built(self.index().knowledge, self.index().corpus)
        except asyncio.CancelledError:
            self._stopped = True  # the thread goes on until it next tells its progress
            raise
        except EncoderError as error:
            self.waiting_for = "an encoder: words alone answer"
            log.warning("no sentence encoder, words alone answer: %s", error)
            return
        self.waiting_for = ""
        log.info("meaning has joined the words after %.1f s", time.monotonic() - started)

    async def trial(self, entry: Entry) -> Index:
        """An index with this entry in its place, or added, beside the live one, which stays as it is. One is built at a
        time; the latest is kept until the knowledge changes."""
        async with self._trying:
            if self._trial and self._trial[0] == entry:
                return self._trial[1]
            self._trial, live = None, self.index()
            knowledge = replace(live.knowledge, entries={**live.knowledge.entries, entry.id: entry})
            built = await self._built(knowledge)
            if self._index is live:
                self._trial = entry, built
            return built

    def _note_progress(self, done: int, of: int) -> None:
        if self._stopped:
            raise StoppedError
        if of and not done:
            log.info("%d texts of the knowledge are encoded; words answer meanwhile", of)
        after = "" if self._index and self._index.corpus.semantic else LOADING
        self.waiting_for = f"{of - done} texts that are to be encoded" if done < of else after

    async def _built(self, knowledge: Knowledge, corpus: Corpus | None = None) -> Index:
        async with self._turn.take(is_first=self._index is None):
            return await asyncio.to_thread(Index, knowledge, embeddings=self._embeddings, corpus=corpus)

    def _report(self, loaded: LoadResult) -> Reloaded:
        faults, warnings = list[FileFault](), list[str]()
        for problem in loaded.problems:
            said = problem.say(self._words)
            if problem.warning:
                warnings.append(said)
            else:  # the store keeps a hash: a value may be a secret that was typed into the wrong file
                key = hashlib.sha256(identity(problem).encode(errors="surrogatepass")).hexdigest()[:16]
                faults.append(FileFault(key, problem.file, said))
        return Reloaded(len(loaded.knowledge.entries), tuple(faults), tuple(warnings), loaded.is_missing)


def _trim_heap() -> None:
    """Return freed memory to the system: glibc would keep 90 MB of it after building an index of 10,000 entries."""
    with suppress(OSError, TypeError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
