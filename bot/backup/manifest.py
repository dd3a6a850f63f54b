"""Why there is no backup, or none was brought back; each says so in one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from bot.locale import Wording


class BackupError(Exception):
    """`key`: of a sentence under `backup`. Nothing was written, and what was there is as it was."""

    def __init__(self, key: str, **values: object) -> None:
        self.key, self.values = key, values
        super().__init__(key)

    def say(self, words: Wording) -> str:
        return words(f"backup.{self.key}", **self.values)


NAME = "manifest.json"
FORMAT = 1
_MEMBER = re.compile(r"store/[a-z_]+\.jsonl|keys/(?!\.)[^/\\\0]+")


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    size: int  # bytes, unpacked
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`revision`: of the tables. `taken`: what happened since then is not in it. `members`: by name."""

    format: int
    program: str
    revision: str
    database: str
    taken: datetime
    members: Mapping[str, ArchiveMember]

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises ValueError, and KeyError or TypeError, for what is none."""
        given: dict[str, Any] = json.loads(text)
        taken = datetime.fromisoformat(given.pop("taken"))
        members = {name: ArchiveMember(**member) for name, member in given.pop("members").items()}
        made = cls(taken=taken, members=members, **given)
        made._check()
        return made

    def written(self) -> bytes:
        return json.dumps(asdict(self) | {"taken": self.taken.isoformat()}, indent=1).encode()

    def _check(self) -> None:
        if (
            self.taken.tzinfo is None
            or not 1 < self.taken.year < 9999
            or not isinstance(self.revision, str)
            or not isinstance(self.format, int)
        ):
            raise ValueError("fields of another kind")
        if not all(_MEMBER.fullmatch(name) for name in self.members):
            raise ValueError("members that no backup has")
