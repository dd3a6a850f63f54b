"""The files of a knowledge folder, read again only when they have changed."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from bot.library.loaded import LibraryError
from bot.library.parts import Part, kind, read_part
from bot.yamltext import Problem
from bot.yamltext.characters import LARGEST

_SETTLED = 2 * 10**9  # nanoseconds; younger than that, a file may change again within one tick of its clock


@dataclass(frozen=True)
class _Seen:
    signature: tuple[int, int, int] | None  # modified, size, inode; None: look at the content next time
    digest: bytes
    part: Part


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

    def parts(self) -> list[Part]:
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
            return _Seen(None, b"", _same(before, Part(shown, kind(name), (problem,))))
        settled = found.st_mtime_ns < time.time_ns() - _SETTLED
        digest = hashlib.blake2b(raw).digest()
        part = before.part if before and before.digest == digest else read_part(raw, shown)
        return _Seen(signature if settled else None, digest, part)


def _same(before: _Seen | None, part: Part) -> Part:
    return before.part if before and before.part == part else part


def _content(path: Path, found: os.stat_result) -> bytes:
    """At most what is too large already; a pipe or a device would never end."""
    if not stat.S_ISREG(found.st_mode):
        raise OSError("not a regular file")
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
