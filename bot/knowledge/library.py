"""The knowledge in use: the last sound version of every file, all problems with file:line, and a watch for changes."""

import asyncio
import math
import threading
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from bot.knowledge.file_parser import ParsedFile
from bot.knowledge.folder import Folder, LibraryError
from bot.knowledge.lint import Regions, lint
from bot.knowledge.models import Entry, Knowledge, Origin
from bot.knowledge.yaml.problems import Problem, in_file_order


@dataclass(frozen=True)
class LoadResult:
    """The result of loading. `problems`: errors and warnings of all files, sorted by file and line.

    `is_missing`: a theme has errors and no earlier version of it is in use.
    """

    knowledge: Knowledge
    problems: tuple[Problem, ...]
    is_missing: bool = False


OnChange = Callable[[LoadResult], Awaitable[None]]


class Library:
    """Loads the knowledge. A file with errors is not used; its last sound version stays in use.

    `label`: the folder's name in problems and origins, by default its path. `regions`: as for `lint`.
    """

    def __init__(self, folder: Path, label: str | None = None, regions: Regions | None = None) -> None:
        self._folder, self._regions = Folder(folder, label), regions
        self._state: tuple[list[ParsedFile], date] | None = None  # input of `_result`
        self._result: LoadResult | None = None
        self._sound: dict[str, ParsedFile] = {}  # last sound version by file
        self._knowledge = Knowledge({})
        self._loading = threading.Lock()

    def load(self, today: date) -> LoadResult:
        """Load the files; return the same knowledge (`is`) if nothing has changed. Raises LibraryError."""
        with self._loading:
            files = [file.parsed for file in self._folder.files()]
            if self._result is not None and self._state == (files, today):
                return self._result
            duplicates = duplicate_ids(files)
            outdated = {file.file for file in files if file.errors} | {problem.file for problem in duplicates}
            problems = [*duplicates, *(problem for file in files for problem in file.problems)]
            versions = [self._sound.get(file.file) if file.file in outdated else file for file in files]
            sound = {file.file: file for file in versions if file}
            assembled = assemble([*sound.values()], outdated)
            knowledge = self._knowledge if assembled == self._knowledge else assembled
            if not knowledge.entries:
                reason = Problem(str(self._folder.label), 0, "no_entry" if files else "no_file")
                raise LibraryError(reason, *in_file_order(problems))
            self._sound, self._knowledge = sound, knowledge
            unusable = {id for file in files for id in file.unusable_ids}
            unusable |= {entry.id for file in files if file.file in outdated for entry, _ in file.entries}
            warnings = (one for one in lint(knowledge, today, unusable, self._regions) if one.file not in outdated)
            is_missing = any(file.kind == "theme" and file.file in outdated - sound.keys() for file in files)
            self._result = LoadResult(knowledge, in_file_order([*problems, *warnings]), is_missing)
            self._state = files, today
            return self._result

    async def watch(self, on_change: OnChange, *, pause: float = 0.2, patience: float = 5.0) -> None:
        """Report changes of the files for ever; overdue reviews count from the day of the last load.

        New knowledge is reported at once, with the errors that have lasted for `patience` seconds. A change of these
        errors is reported too, with the knowledge still in use. The folder is polled every `pause` seconds: inotify
        follows neither links nor a replaced folder, nor most network file systems.
        """
        known = self._result
        knowledge = known.knowledge if known else None
        reported = {identity(problem) for problem in known.problems if not problem.warning} if known else set()
        since = dict.fromkeys(reported, -math.inf)
        while True:
            await asyncio.sleep(pause)
            result = await asyncio.to_thread(self._poll)
            if result is None:
                continue
            now = asyncio.get_running_loop().time()
            errors = [problem for problem in result.problems if not problem.warning]
            since = {id: since.get(id, now) for id in map(identity, errors)}
            lasting = tuple(problem for problem in errors if now - since[identity(problem)] >= patience)
            found = {identity(problem) for problem in lasting}
            if result.knowledge is not knowledge or found != reported:
                knowledge, reported = result.knowledge, found
                await on_change(replace(result, problems=lasting))

    def _poll(self) -> LoadResult | None:
        """Load the files; None to wait for the next poll.

        A missing file gets one more poll: some editors save by renaming.
        """
        day = self._state[1] if self._state else datetime.now(UTC).date()
        try:
            return None if self._folder.has_lost_file() else self.load(day)
        except LibraryError as error:  # a missing folder does not fix the errors that were in it
            known = self._result
            return known and LoadResult(known.knowledge, in_file_order([*error.problems, *known.problems]))


def check(
    folder: Path,
    today: date,
    test: Callable[[Knowledge], Iterable[Problem]] | None = None,
    regions: Regions | None = None,
) -> list[Problem]:
    """Return every problem of the files, sorted by file and line. `test`: further checks of the sound knowledge."""
    try:
        result = Library(folder, regions=regions).load(today)
    except LibraryError as error:
        return list(error.problems)
    return list(in_file_order([*result.problems, *(test(result.knowledge) if test else ())]))


def duplicate_ids(files: Iterable[ParsedFile]) -> list[Problem]:
    """Return a problem for each id that an earlier file defines; drafts come last, a theme never yields to one."""
    first: dict[str, str] = {}
    problems = []
    for file in sorted(files, key=lambda file: file.kind == "drafts"):
        places = {entry.id: origin for entry, origin in file.entries}
        for id, origin in places.items():
            if id in first:
                problems.append(Problem(file.file, origin.line_of("id"), "twice_id", {"id": id, "first": first[id]}))
        first = {id: origin.at("id") for id, origin in places.items()} | first
    return problems


def assemble(files: Sequence[ParsedFile], outdated: Collection[str]) -> Knowledge:
    """Join files into one knowledge. `outdated`: files given in an earlier version.

    An entry of an outdated file that has since moved is taken from its new file.
    """
    current = {entry.id for file in files if file.file not in outdated for entry, _ in file.entries}
    entries: list[tuple[Entry, Origin]] = []
    for file in files:
        if file.kind == "theme":
            entries += (one for one in file.entries if file.file not in outdated or one[0].id not in current)
    return Knowledge(
        entries={entry.id: entry for entry, _ in entries},
        synonyms=tuple(group for file in files for group in file.synonyms),
        readings=tuple(one for file in files for one in file.readings),
        origins={entry.id: origin for entry, origin in entries},
    )


def identity(problem: Problem) -> str:
    """Return a key that stays the same when a problem, or its `first` place, only moves to another line."""
    known = problem.values.items()
    values = {name: str(value).rpartition(":")[0] if name == "first" else value for name, value in known}
    return f"{problem.file} {problem.key} {sorted(values.items())}"
