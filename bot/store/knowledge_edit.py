"""What the store keeps of a change of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KnowledgeEdit:
    """A change of an entry that is in the files. `author`: the moderator's name; `file`: its name; `before`, `after`:
    the fields as JSON, None where there is no entry. `id`: 0 while it is not stored."""

    entry: str
    made: datetime
    author: str
    file: str
    before: str | None
    after: str | None
    id: int = 0
