"""A change of the knowledge as a value: written down while it waits, shown, and carried out. Blocking where it touches
files: call it from a thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.knowledge.edit_errors import EditError, EditRejected
from bot.knowledge.editor import Editor, EditResult
from bot.knowledge.models import Entry
from bot.store import DraftKind

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """`entry`: its fields, as it shall be (add) or as the moderator saw it (all others). `instead`: the change that is
    proposed where this one is turned down."""

    kind: DraftKind
    id: str
    entry: Fields = field(default_factory=dict)
    theme: str = ""  # add: name of the file, or title of a new one
    changes: Fields = field(default_factory=dict)
    phrase: str = ""
    instead: Change | None = None

    def written(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def seen(self) -> Entry:
        return Entry.model_validate(self.entry)


def read(text: str) -> Change:
    return _change(json.loads(text))


def _change(fields: dict[str, Any]) -> Change:
    instead = fields.pop("instead")
    return Change(**fields, instead=_change(instead) if instead else None)


def fields_after(entry: Entry) -> dict[str, Any]:
    """What is given of it, as JSON takes it."""
    return entry.model_dump(mode="json", exclude_defaults=True)


def carry_out(
    editor: Editor, change: Change, who: str = "", *, dry: bool = False, used: Container[str] = ()
) -> EditResult:
    """Write it, or with `dry` see what it comes to. `used`: ids that no new entry gets. Raises NotWritten."""
    if change.kind == "add":
        return editor.add(change.seen, change.theme, who=who, dry=dry, used=used)
    return _WAYS[change.kind](editor, change, who, dry)


def is_made(editor: Editor, change: Change) -> bool:
    """Whether the files are already as this change would make them: a crash came between writing and knowing of it."""
    try:
        now = editor.entry(change.id)
    except EditRejected:
        return change.kind == "remove"
    match change.kind:
        case "add":
            return now == change.seen
        case "phrase":
            return change.phrase in now.questions
        case "change":
            return now == _changed(change)
        case "remove":
            return False


def rebased(change: Change, now: Entry) -> Change:
    """The same change to an entry that has become another meanwhile."""
    return replace(change, entry=fields_after(now))


def _changed(change: Change) -> Entry | None:
    wanted = {name: value for name, value in ({**change.entry, **change.changes}).items() if value}
    try:
        return Entry.model_validate(wanted)
    except ValueError:
        return None


_WAYS: dict[DraftKind, Callable[[Editor, Change, str, bool], EditResult]] = {
    "phrase": lambda editor, change, who, dry: editor.add_phrase(
        change.id, change.phrase, seen=change.seen, who=who, dry=dry
    ),
    "change": lambda editor, change, who, dry: editor.change(
        change.id, change.changes, seen=change.seen, who=who, dry=dry
    ),
    "remove": lambda editor, change, who, dry: editor.remove(change.id, seen=change.seen, who=who, dry=dry),
}

__all__ = ["Change", "EditError", "carry_out", "fields_after", "is_made", "read", "rebased"]
