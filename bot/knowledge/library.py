"""The knowledge folder: load it with file:line for every fault, and follow its changes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from bot.knowledge.files import ParsedFile
from bot.knowledge.folder import Folder, LibraryError, Loaded, assembled, clashes
from bot.knowledge.lint import remarks
from bot.knowledge.models import Knowledge
from bot.knowledge.yaml.problems import Problem, in_order

__all__ = ["Library", "LibraryError", "Loaded", "check"]

Changed = Callable[[Loaded], Awaitable[None]]


class Library:
    """A file with errors stays out; where an earlier version of it was sound, that one stays in use. `called`: how the
    folder is named in problems and origins, when not as it is given: nobody in chat is told where it lies."""

    def __init__(self, folder: Path, called: str | None = None) -> None:
        self._folder = Folder(folder, called)
        self._state: tuple[list[ParsedFile], date] | None = None  # what `_last` was made of
        self._last: Loaded | None = None
        self._sound: dict[str, ParsedFile] = {}  # the latest sound version, by file
        self._used: tuple[list[ParsedFile], set[str]] = ([], set())
        self._knowledge = Knowledge({})
        self._loading = threading.Lock()

    def load(self, today: date) -> Loaded:
        """The same knowledge (`is`) as before when nothing has changed. Raises LibraryError."""
        with self._loading:
            state = (self._folder.parts(), today)
            if self._last is None or state != self._state:
                self._last = self._loaded(*state)
                self._state = state
            return self._last

    def _loaded(self, parts: list[ParsedFile], today: date) -> Loaded:
        clashing = clashes(part for part in parts if part.good)
        outdated = {part.file for part in parts if not part.good} | {problem.file for problem in clashing}
        told = [*clashing, *(problem for part in parts for problem in part.problems)]
        knowledge = self._assembled(parts, outdated)
        if not knowledge.entries:
            why = Problem(str(self._folder.called), 0, "no_entry" if parts else "no_file")
            raise LibraryError(why, *in_order(told))
        unusable = {one for part in parts for one in part.unusable}
        unusable |= {entry.id for part in parts if part.file in outdated for entry, _ in part.entries}
        noted = [one for one in remarks(knowledge, today, unusable) if one.file not in outdated]
        return Loaded(knowledge, in_order([*told, *noted]))

    def _assembled(self, parts: list[ParsedFile], outdated: set[str]) -> Knowledge:
        current = {part.file: part for part in parts if part.file not in outdated}
        versions = [current.get(part.file) or self._sound.get(part.file) for part in parts]
        sound = [part for part in versions if part]
        used = (sound, outdated & {part.file for part in sound})
        found = self._knowledge if used == self._used else assembled(*used)
        knowledge = self._knowledge if found == self._knowledge else found
        if knowledge.entries:
            self._sound, self._used, self._knowledge = {part.file: part for part in sound}, used, knowledge
        return knowledge

    async def watch(
        self,
        changed: Changed,
        stop: asyncio.Event,
        *,
        today: Callable[[], date] | None = None,
        pause: float = 0.2,
        patience: float = 5.0,
    ) -> None:
        """Until `stop` is set, tell what the files have become; by default on the day of the last load.

        New knowledge is told at once, with the warnings that came up since; an error once, when it has stayed for
        `patience` seconds, beside the knowledge that is still in use. The folder is looked at every `pause` seconds:
        a watch of the kernel's follows neither links nor a folder that is replaced, nor most network file systems.
        """
        loop, news = asyncio.get_running_loop(), News(self._last, patience)
        while not await _set(stop, pause):
            found = await asyncio.to_thread(self._look, today)
            told = news.of(found, loop.time()) if found else None
            if told:
                await changed(told)

    def _look(self, today: Callable[[], date] | None) -> Loaded | None:
        """None: nothing to go by. A file that is gone gets one more look: some editors save by renaming."""
        day = today() if today else self._state[1] if self._state else datetime.now(UTC).date()
        try:
            return None if self._folder.shrinks() else self.load(day)
        except LibraryError as error:
            return Loaded(self._last.knowledge, error.problems) if self._last else None


def check(folder: Path, today: date, tried: Callable[[Knowledge], Iterable[Problem]] | None = None) -> list[Problem]:
    """Everything wrong with the files, by file and line. `tried`: what comes out when the sound knowledge is tried."""
    try:
        loaded = Library(folder).load(today)
    except LibraryError as error:
        return list(error.problems)
    return list(in_order([*loaded.problems, *(tried(loaded.knowledge) if tried else ())]))


async def _set(stop: asyncio.Event, pause: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), pause)
    return stop.is_set()


class News:
    """`known` has been told already; an error is news when it has lasted for `patience` seconds."""

    def __init__(self, known: Loaded | None, patience: float) -> None:
        self._patience = patience
        self._knowledge: Knowledge | None = known.knowledge if known else None
        self._told = {_name(problem) for problem in known.problems} if known else set()
        self._since: dict[str, float] = {}

    def of(self, loaded: Loaded, now: float) -> Loaded | None:
        """The knowledge with the problems that nobody has heard of, or None where there is nothing to tell."""
        named: dict[str, list[Problem]] = {}
        for problem in loaded.problems:
            named.setdefault(_name(problem), []).append(problem)
        self._told &= named.keys()
        self._since = {name: self._since.get(name, now) for name in named}
        fresh = [name for name in named if name not in self._told and self._lasts(name, named[name], now)]
        if loaded.knowledge is self._knowledge and all(named[name][0].warning for name in fresh):
            return None
        self._knowledge = loaded.knowledge
        self._told.update(fresh)
        return Loaded(loaded.knowledge, tuple(problem for name in fresh for problem in named[name]))

    def _lasts(self, name: str, problems: list[Problem], now: float) -> bool:
        return problems[0].warning or now - self._since[name] >= self._patience


def _name(problem: Problem) -> str:
    """The same for a problem that has only moved to another line."""
    return f"{problem.file} {problem.key} {sorted(problem.values.items())}"
