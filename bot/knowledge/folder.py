"""What a knowledge folder comes to: the knowledge of all its sound files, and what is wrong with the others. Pure."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.files import ParsedFile, kind, parse_file
from bot.knowledge.models import Knowledge
from bot.knowledge.yaml.problems import Problem
from bot.knowledge.yaml.reader import LARGEST
from bot.locale import Wording


@dataclass(frozen=True)
class Loaded:
    """`problems`: errors and warnings of all files, by file and line."""

    knowledge: Knowledge
    problems: tuple[Problem, ...]


class LibraryError(Exception):
    """There is nothing to answer with. The first of `problems` says why, the others what is wrong in the files."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(f"{problems[0].file}: {problems[0].key}")

    def say(self, words: Wording) -> str:
        return "\n".join(problem.say(words) for problem in self.problems)


def clashes(parts: Iterable[ParsedFile]) -> list[Problem]:
    """Ids that an earlier file has already given away."""
    first: dict[str, str] = {}
    problems = []
    for part in parts:
        places = {entry.id: origin for entry, origin in part.entries}
        for one, origin in places.items():
            if one in first:
                problems.append(Problem(part.file, origin.lines["id"][0], "twice_id", {"id": one, "first": first[one]}))
        first = {one: f"{origin.file}:{origin.lines['id'][0]}" for one, origin in places.items()} | first
    return problems


def assembled(used: Sequence[ParsedFile], outdated: Collection[str]) -> Knowledge:
    """`outdated` names files whose earlier version is in use: what has moved elsewhere since is taken from there."""
    current = {entry.id for part in used if part.file not in outdated for entry, _ in part.entries}
    placed = [
        (entry, origin)
        for part in used
        if part.kind == "theme"
        for entry, origin in part.entries
        if part.file not in outdated or entry.id not in current
    ]
    return Knowledge(
        entries={entry.id: entry for entry, _ in placed},
        synonyms=tuple(group for part in used for group in part.synonyms),
        origins={entry.id: origin for entry, origin in placed},
    )


_SETTLED = 2 * 10**9  # nanoseconds; younger than that, a file may change again within one tick of its clock


@dataclass(frozen=True)
class _Seen:
    signature: tuple[int, int, int] | None  # modified, size, inode; None: look at the content next time
    digest: bytes
    part: ParsedFile


class Folder:
    """`called`: how the folder is named to people; by default as it is given."""

    def __init__(self, path: Path, called: str | None = None) -> None:
        self.path, self.called = path, Path(path if called is None else called)
        self._seen: dict[str, _Seen] = {}
        self._gone: set[str] = set()

    def names(self) -> list[str]:
        """The files of knowledge in it, in order. Raises LibraryError where there is no such folder."""
        try:
            found = os.listdir(self.path)
        except FileNotFoundError:
            raise LibraryError(Problem(str(self.called), 0, "no_folder")) from None
        except NotADirectoryError:
            raise LibraryError(Problem(str(self.called), 0, "no_folder_but_file")) from None
        except OSError as error:
            raise LibraryError(
                Problem(str(self.called), 0, "unreadable", {"reason": error.strerror or error})
            ) from None
        return sorted(name for name in found if name.endswith((".yaml", ".yml")) and not name.startswith("."))

    def parts(self) -> list[ParsedFile]:
        """One for each file; a file that is as it was gives the very Part it gave before."""
        names = [name for name in self.names() if not (self.path / name).is_dir()]
        self._seen = {name: self._look(name) for name in names}
        return [self._seen[name].part for name in names]

    def shrinks(self) -> bool:
        """Whether a file is gone that was there when this was asked before."""
        gone = self._seen.keys() - set(self.names())
        freshly, self._gone = gone - self._gone, gone
        return bool(freshly)

    def _look(self, name: str) -> _Seen:
        path, shown, before = self.path / name, str(self.called / name), self._seen.get(name)
        try:
            found = path.stat()
            signature = (found.st_mtime_ns, found.st_size, found.st_ino)
            if before and before.signature == signature:
                return before
            raw = _content(path, found)
        except OSError as error:
            problem = Problem(shown, 0, "unreadable", {"reason": error.strerror or str(error)})
            return _Seen(None, b"", _same(before, ParsedFile(shown, kind(name), (problem,))))
        settled = found.st_mtime_ns < time.time_ns() - _SETTLED
        digest = hashlib.blake2b(raw).digest()
        part = before.part if before and before.digest == digest else parse_file(raw, shown)
        return _Seen(signature if settled else None, digest, part)


def _same(before: _Seen | None, part: ParsedFile) -> ParsedFile:
    return before.part if before and before.part == part else part


def _content(path: Path, found: os.stat_result) -> bytes:
    """At most what is too large already; a pipe or a device would never end."""
    if not stat.S_ISREG(found.st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
